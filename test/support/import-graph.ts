/** Which files of `src` a file imports, itself and by way of others; types too, for a shared type is a shared thought. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export class ImportGraph {
  readonly #imports: ReadonlyMap<string, readonly string[]>;

  /** Text by path. */
  constructor(files: ReadonlyMap<string, string>) {
    this.#imports = new Map([...files].map(([path, text]) => [path, importsIn(path, text)]));
  }

  static ofFolder(root: string): ImportGraph {
    const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
    const sources = paths.filter((path) => path.endsWith(".ts"));
    return new ImportGraph(
      new Map(sources.map((path) => [path, readFileSync(join(root, path), "utf8")])),
    );
  }

  in(folder: string): string[] {
    return [...this.#imports.keys()].filter((path) => path.startsWith(`${folder}/`));
  }

  /** The way to each file that these reach, those of `from` included. */
  reached(from: readonly string[]): ReadonlyMap<string, readonly string[]> {
    const ways = new Map<string, readonly string[]>(from.map((path) => [path, [path]]));
    for (const [path, way] of ways)
      for (const next of this.#imports.get(path) ?? [])
        if (!ways.has(next)) ways.set(next, [...way, next]);
    return ways;
  }
}

function importsIn(path: string, text: string): string[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
  const modules = bare.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()"(\.[^"]+)"/g);
  return [...modules].map(([, module]) =>
    normalize(join(dirname(path), module as string)).replace(/\.js$/, ".ts"),
  );
}
