/** Passes everything on from a source, and keeps it: `railfence doctor --save`. */

import type { Fact } from "../../verify/doctor/fact.js";
import type { NodeSource } from "./node-source.js";
import { commandPath, type Entry, printEntries } from "./recording.js";

export class Recorder implements NodeSource {
  readonly runDirectory: string;
  private readonly source: NodeSource;
  private readonly entries = new Map<string, Entry>();

  constructor(source: NodeSource) {
    this.source = source;
    this.runDirectory = source.runDirectory;
  }

  async text(path: string): Promise<Fact<string>> {
    return this.keep(path, await this.source.text(path), (text) => ({ kind: "text", text }));
  }

  async lines(path: string, pattern: RegExp): Promise<Fact<readonly string[]>> {
    return this.keep(path, await this.source.lines(path, pattern), (lines) => ({
      kind: "lines",
      lines,
    }));
  }

  async bytes(path: string): Promise<Fact<Uint8Array>> {
    return this.keep(path, await this.source.bytes(path), (bytes) => ({ kind: "bytes", bytes }));
  }

  async names(path: string): Promise<Fact<readonly string[]>> {
    return this.keep(path, await this.source.names(path), (names) => ({ kind: "folder", names }));
  }

  async target(path: string): Promise<Fact<string>> {
    return this.keep(path, await this.source.target(path), (target) => ({ kind: "link", target }));
  }

  async command(program: string, ...args: readonly string[]): Promise<Fact<string>> {
    const fact = await this.source.command(program, ...args);
    return this.keep(commandPath([program, ...args]), fact, (output) => ({
      kind: "lines",
      lines: output.replace(/\n$/, "").split("\n"),
    }));
  }

  /** What was seen so far. */
  print(): string {
    return printEntries(this.runDirectory, this.entries);
  }

  private keep<T>(path: string, fact: Fact<T>, entry: (value: T) => Entry): Fact<T> {
    if (fact.state === "present") this.entries.set(path, entry(fact.value));
    if (fact.state === "unreadable")
      this.entries.set(path, { kind: "obstacle", obstacle: fact.obstacle });
    return fact;
  }
}
