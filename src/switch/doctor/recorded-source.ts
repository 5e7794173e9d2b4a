/** Facts from a recording (`railfence doctor --from`): no file is opened. */

import { absent, type Fact, mapFact, present, unreadable } from "../../verify/doctor/fact.js";
import type { NodeSource } from "./node-source.js";
import { commandPath, type Entries, factOf, readEntries } from "./recording.js";

export class RecordedSource implements NodeSource {
  readonly runDirectory: string;
  private readonly entries: Entries;

  private constructor(runDirectory: string, entries: Entries) {
    this.runDirectory = runDirectory;
    this.entries = entries;
  }

  /** Undefined for text that is no recording, or one of another format. */
  static read(text: string): RecordedSource | undefined {
    const read = readEntries(text);
    return read === undefined ? undefined : new RecordedSource(read.runDirectory, read.entries);
  }

  async text(path: string): Promise<Fact<string>> {
    return factOf(this.entries.get(path), "text", ({ text }) => text);
  }

  async lines(path: string, pattern: RegExp): Promise<Fact<readonly string[]>> {
    return factOf(this.entries.get(path), "lines", ({ lines }) =>
      lines.filter((line) => pattern.test(line)),
    );
  }

  async bytes(path: string): Promise<Fact<Uint8Array>> {
    return factOf(this.entries.get(path), "bytes", ({ bytes }) => bytes);
  }

  async names(path: string): Promise<Fact<readonly string[]>> {
    const entry = this.entries.get(path);
    if (entry !== undefined) return factOf(entry, "folder", ({ names }) => names);
    return this.namesBelow(path);
  }

  async target(path: string): Promise<Fact<string>> {
    return factOf(this.entries.get(path), "link", ({ target }) => target);
  }

  async command(program: string, ...args: readonly string[]): Promise<Fact<string>> {
    const words = [program, ...args];
    const entry = this.entries.get(commandPath(words));
    if (entry === undefined) return unreadable("not-recorded", words.join(" "));
    const lines = factOf(entry, "lines", (found) => found.lines);
    return mapFact(lines, (found) => (found.length === 0 ? "" : `${found.join("\n")}\n`));
  }

  /** Of a recording written by hand, which may leave its folders out. */
  private namesBelow(path: string): Fact<readonly string[]> {
    const names = new Set<string>();
    for (const each of this.entries.keys())
      if (each.startsWith(`${path}/`)) names.add(each.slice(path.length + 1).split("/")[0] ?? "");
    return names.size === 0 ? absent : present([...names].sort());
  }
}
