/** Which files the paths of a command line stand for. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileIdentity, policyFiles } from "../../src/cli/files.js";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "railfence-files-"));
  for (const path of ["b.policy", "a.policy", "notes.txt", "deep/c.policy", ".git/d.policy"]) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
  mkdirSync(join(folder, "empty"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const below = async (...paths: string[]) =>
  (await policyFiles(paths.map((path) => join(folder, path)))).map((path) =>
    path.slice(folder.length + 1),
  );

test("a folder is its policies and those below, sorted, hidden folders left out", async () => {
  expect(await below("")).toEqual(["a.policy", "b.policy", "deep/c.policy"]);
});

test("a file is itself, whatever its ending, and nothing comes twice", async () => {
  expect(await below("notes.txt", "a.policy", "./deep/../a.policy")).toEqual([
    "notes.txt",
    "a.policy",
  ]);
});

test("every path of a file has the same identity, of one that is not there too", async () => {
  const file = join(folder, "a.policy");
  symlinkSync("a.policy", join(folder, "link"));
  const paths = [file, relative(process.cwd(), file), join(folder, "link")];
  expect(new Set(await Promise.all(paths.map(fileIdentity))).size).toBe(1);
  const gone = [join(folder, "gone"), relative(process.cwd(), join(folder, "gone"))];
  expect(new Set(await Promise.all(gone.map(fileIdentity))).size).toBe(1);
});

test("a folder without policies is a mistake, not an empty policy", async () => {
  await expect(below("empty")).rejects.toThrow(/^no \.policy file in folder `.*empty`$/);
});

test("what is not there is named", async () => {
  await expect(below("nowhere")).rejects.toThrow(/`.*nowhere`: no such file or folder$/);
});
