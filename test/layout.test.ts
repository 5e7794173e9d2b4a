/** Holds the shape of the code: one straight line of imports, single importers, pure rooms, short files. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/** A room imports only from rooms before it. */
const line = [
  "text",
  "net",
  "syntax",
  "policy",
  "openflow",
  "compile",
  "datapath",
  "verify",
  "report",
  "switch",
  "cni",
  "cli",
];

/** Packages that one room alone may know. */
const singleImporters = new Map([
  ["ohm-js", "syntax"],
  ["diff", "report"],
  ["execa", "switch"],
  ["commander", "cli"],
]);

/** Everything before `switch` is values in, values out. */
const pureRooms = new Set(line.slice(0, line.indexOf("switch")));
/** Most files have 40 to 200 lines; past this, ask what second concept a file holds. */
const longest = 250;
const topLevel = new Set([
  ...["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "biome.json"],
  ...["grammar", "src", "policies", "bin", "test", "schema"],
  ...["README.md", "CHANGELOG.md", "LICENSE"],
]);

const root = new URL("..", import.meta.url).pathname;
const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({
    path,
    room: roomOf(path),
    text: readFileSync(join(root, "src", path), "utf8"),
  }));

describe("imports", () => {
  test("every room stands in the line", () => {
    const rooms = new Set(files.map(({ room }) => room).filter((room) => room !== "index.ts"));
    expect([...rooms].filter((room) => !line.includes(room))).toEqual([]);
  });

  test("a room imports only from rooms before it", () => {
    expect(files.flatMap(({ path, room, text }) => wrongImports(path, room, text))).toEqual([]);
  });

  test("the check notices an import against the line", () => {
    const against = 'import { main } from "../cli/main.js";';
    expect(wrongImports("net/prefix.ts", "net", against)).toEqual(["net/prefix.ts imports cli"]);
    expect(wrongImports("cli/main.ts", "cli", 'const x = await import("../net/mac.js");')).toEqual(
      [],
    );
  });

  test.each([...singleImporters])("only one room imports %s", (name, owner) => {
    const importers = files
      .filter(({ text }) => modulesIn(text).some((module) => packageOf(module) === name))
      .filter(({ room }) => room !== owner);
    expect(importers.map(({ path }) => path)).toEqual([]);
  });

  test("rooms before `switch` do no I/O and read no clock and no environment", () => {
    const impure = files
      .filter(({ room }) => pureRooms.has(room))
      .filter(
        ({ path, text }) =>
          modulesIn(text).some((module) => module.startsWith("node:") && !mayUse(path, module)) ||
          /\bprocess\.|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(withoutComments(text)),
      );
    expect(impure.map(({ path }) => path)).toEqual([]);
  });

  test("only the command line reads the clock", () => {
    const readers = files
      .filter(({ room }) => room !== "cli")
      .filter(({ text }) => /\bnew Date\(\)/.test(withoutComments(text)));
    expect(readers.map(({ path }) => path)).toEqual([]);
  });
});

describe("files", () => {
  test(`none is longer than ${longest} lines`, () => {
    const long = files.filter(({ text }) => text.split("\n").length > longest + 1);
    expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length - 1}`)).toEqual([]);
  });

  test("each begins by saying what it is", () => {
    const silent = files.filter(({ text }) => !text.startsWith("/**"));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test("the top level holds what the design names", () => {
    const ignored = new Set(["node_modules", "dist", "coverage"]);
    const names = readdirSync(root).filter((name) => !name.startsWith(".") && !ignored.has(name));
    expect(names.filter((name) => !topLevel.has(name))).toEqual([]);
  });
});

function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function modulesIn(text: string): string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\()"([^"]+)"/g;
  return [...withoutComments(text).matchAll(pattern)].map(([, module]) => module ?? "");
}

function packageOf(module: string): string {
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}

function wrongImports(path: string, room: string, text: string): string[] {
  if (room === "index.ts") return [];
  return (
    modulesIn(text)
      // a file in a folder of its room reaches other rooms by `../../`
      .map((module) => /^(?:\.\.\/)+([^./][^/]*)\//.exec(module)?.[1])
      .filter((imported) => imported !== undefined)
      .filter((imported) => line.indexOf(imported) > line.indexOf(room))
      .map((imported) => `${path} imports ${imported}`)
  );
}

/** The grammar is a file, read once; hashes and paths are computation. */
function mayUse(path: string, module: string): boolean {
  if (module === "node:crypto" || module === "node:path") return true;
  return path.startsWith("syntax/") && (module === "node:fs" || module === "node:url");
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}
