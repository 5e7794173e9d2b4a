/** Where facts about a node come from: the node itself, or a recording of one. Everything is read, nothing is changed. */

import type { Fact } from "../../verify/doctor/fact.js";

export interface NodeSource {
  /** Open vSwitch's run directory on that node. */
  readonly runDirectory: string;
  /** A small file, without the newline at its end. */
  text(path: string): Promise<Fact<string>>;
  /** The lines of a large file that match. */
  lines(path: string, pattern: RegExp): Promise<Fact<readonly string[]>>;
  bytes(path: string): Promise<Fact<Uint8Array>>;
  /** The names in a folder, sorted. */
  names(path: string): Promise<Fact<readonly string[]>>;
  /** The real path of what a symbolic link leads to. */
  target(path: string): Promise<Fact<string>>;
  /** What a program prints on standard output. */
  command(program: string, ...args: readonly string[]): Promise<Fact<string>>;
}
