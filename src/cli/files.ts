/** Reads what the user names: policy files, folders of them, dumps, standard input. */

import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, normalize, resolve } from "node:path";
import type { Source } from "../text/source.js";
import { exitCode } from "./exit-code.js";
import { Failure } from "./failure.js";
import type { Terminal } from "./terminal.js";

const ending = ".policy";

/** Every policy file that the paths name; a folder stands for all `.policy` files in it and below, sorted. */
export async function policyFiles(paths: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    if (!(await orFail(path, stat(path))).isDirectory()) {
      files.add(normalize(path));
      continue;
    }
    const found = await filesBelow(path);
    if (found.length === 0)
      throw new Failure(`no ${ending} file in folder \`${path}\``, { exitCode: exitCode.couldNot });
    for (const file of found) files.add(file);
  }
  return [...files];
}

/** The same for every path of a file: relative, absolute, or through a link. */
export async function fileIdentity(path: string): Promise<string> {
  // of a file that is not there, whoever reads it will say so
  return realpath(path).catch(() => resolve(path));
}

export async function readSource(path: string): Promise<Source> {
  return { name: path, text: await orFail(path, readFile(path, "utf8")) };
}

/** `-` is standard input. */
export async function readSourceOrInput(path: string, terminal: Terminal): Promise<Source> {
  return path === "-"
    ? { name: "<stdin>", text: await terminal.standardInput() }
    : readSource(path);
}

/** The failure of a file operation, in words: which path, and what the system said. */
export async function orFail<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw new Failure(`cannot use \`${path}\`: ${reasonOf(error)}`, {
      exitCode: exitCode.couldNot,
      cause: error,
    });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await orFail(folder, readdir(folder, { withFileTypes: true }))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) files.push(...(await filesBelow(path)));
    else if (entry.name.endsWith(ending)) files.push(path);
  }
  return files.sort();
}

const reasons = new Map([
  ["ENOENT", "no such file or folder"],
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of the path is not a folder"],
]);

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons.get(code ?? "") ?? message;
}
