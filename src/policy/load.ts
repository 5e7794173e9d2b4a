/** Policy files and all that they `use`, each read once. */

import { posix } from "node:path";
import { parsePolicy } from "../syntax/parse.js";
import type { PolicyTree, UseSentence } from "../syntax/tree.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { lostNames } from "./lost-names.js";
import { inOrder } from "./report.js";

/** The text of a file. Throws, or rejects, with an Error whose message says why it cannot be read. */
export type ReadText = (path: string) => string | Promise<string>;

/** What two paths of one file have in common: `a.policy` and `/home/ann/a.policy` may be the same. Never throws. */
export type Identify = (path: string) => string | Promise<string>;

export interface LoadedPolicy {
  readonly files: readonly PolicyTree[];
  /** What the parser says of every file, and imports that lead nowhere or in a circle. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads `paths`, in an order of their own, and what they use, by paths relative to the using file. Rejects with the
 * error of `readText` where one of `paths` itself cannot be read: nobody wrote it into a policy.
 */
export async function loadPolicy(
  paths: readonly string[],
  readText: ReadText,
  identify: Identify = (path) => path,
): Promise<LoadedPolicy> {
  /** By identity. */
  const files = new Map<string, PolicyTree>();
  const diagnostics: Diagnostic[] = [];

  const load = async (file: File, text: string, users: readonly File[]): Promise<void> => {
    const parsed = parsePolicy({ name: file.path, text });
    diagnostics.push(...parsed.diagnostics);
    const isBroken = parsed.diagnostics.some(({ code }) => code === "syntax-error");
    const tree = isBroken ? { ...parsed.tree, lost: lostNames(parsed.tree) } : parsed.tree;
    files.set(file.identity, tree);
    let isWhole = true;
    for (const sentence of parsed.tree.sentences)
      if (sentence.kind === "use")
        isWhole = (await follow(sentence, file, [...users, file])) && isWhole;
    if (!isWhole) files.set(file.identity, { ...parsed.tree, lost: "every" });
  };

  const follow = async ({ path }: UseSentence, user: File, users: readonly File[]) => {
    const used = await fileAt(posix.join(posix.dirname(user.path), path.text), identify);
    const circle = users.findIndex(({ identity }) => identity === used.identity);
    if (circle >= 0) {
      const way = [...users.slice(circle), used].map((file) => file.path);
      diagnostics.push({ code: "import-cycle", path: way, span: path.span });
      return true;
    }
    if (files.has(used.identity)) return true;
    let text: string;
    try {
      text = await readText(used.path);
    } catch (error) {
      const reason = reasonOf(error);
      diagnostics.push({ code: "missing-import", path: used.path, reason, span: path.span });
      return false;
    }
    await load(used, text, users);
    return true;
  };

  for (const path of [...new Set(paths.map((path) => posix.normalize(path)))].sort()) {
    const file = await fileAt(path, identify);
    if (!files.has(file.identity)) await load(file, await readText(path), []);
  }
  return { files: [...files.values()], diagnostics: inOrder(diagnostics) };
}

interface File {
  /** As it was first named, and as messages name it. */
  readonly path: string;
  readonly identity: string;
}

async function fileAt(path: string, identify: Identify): Promise<File> {
  return { path, identity: await identify(path) };
}

/** Of `ENOENT: no such file or directory, open 'a.policy'`, the part for people. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]+: (.+?)(?:, \w+(?: '.*')?)?$/.exec(message)?.[1] ?? message;
}
