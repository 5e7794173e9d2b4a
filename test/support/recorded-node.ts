/** The recorded nodes of golden/doctor, whole or with parts that cannot be read. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readInventory } from "../../src/policy/read-inventory.js";
import type { NodeSource } from "../../src/switch/doctor/node-source.js";
import { readNodeFacts } from "../../src/switch/doctor/read-node-facts.js";
import { RecordedSource } from "../../src/switch/doctor/recorded-source.js";
import { diagnose } from "../../src/verify/doctor/diagnose.js";
import type { DoctorFinding } from "../../src/verify/doctor/doctor-finding.js";
import { type Fact, unreadable } from "../../src/verify/doctor/fact.js";

const folder = new URL("../golden/doctor", import.meta.url).pathname;

export const recordedNodes: readonly string[] = readdirSync(folder);

export function recordingText(name: string): string {
  return readFileSync(join(folder, name, "node.recording"), "utf8");
}

export function sourceOf(text: string): RecordedSource {
  const source = RecordedSource.read(text);
  if (source === undefined) throw new Error("the recording cannot be read");
  return source;
}

/** What doctor says of a source, with the inventory of the case if it has one. */
export async function findingsOf(source: NodeSource, name?: string): Promise<DoctorFinding[]> {
  const facts = await readNodeFacts(source);
  const file = name === undefined ? "" : join(folder, name, "inventory.json");
  const { runDirectory } = source;
  if (!existsSync(file)) return diagnose(facts, { runDirectory });
  const { inventory } = readInventory({ name: file, text: readFileSync(file, "utf8") });
  if (inventory === undefined) throw new Error(`${file} cannot be read`);
  return diagnose(facts, { runDirectory, expected: { inventory, node: "gpu-001" } });
}

/** A source of which some paths and commands cannot be read. */
export class HidingSource implements NodeSource {
  readonly runDirectory: string;
  readonly asked = new Set<string>();
  private readonly source: NodeSource;
  private readonly isHidden: (what: string) => boolean;

  constructor(source: NodeSource, isHidden: (what: string) => boolean) {
    this.source = source;
    this.runDirectory = source.runDirectory;
    this.isHidden = isHidden;
  }

  text(path: string): Promise<Fact<string>> {
    return this.pass(path, () => this.source.text(path));
  }

  lines(path: string, pattern: RegExp): Promise<Fact<readonly string[]>> {
    return this.pass(path, () => this.source.lines(path, pattern));
  }

  bytes(path: string): Promise<Fact<Uint8Array>> {
    return this.pass(path, () => this.source.bytes(path));
  }

  names(path: string): Promise<Fact<readonly string[]>> {
    return this.pass(path, () => this.source.names(path));
  }

  target(path: string): Promise<Fact<string>> {
    return this.pass(path, () => this.source.target(path));
  }

  command(program: string, ...args: readonly string[]): Promise<Fact<string>> {
    return this.pass([program, ...args].join(" "), () => this.source.command(program, ...args));
  }

  private async pass<T>(what: string, read: () => Promise<Fact<T>>): Promise<Fact<T>> {
    this.asked.add(what);
    return this.isHidden(what) ? unreadable("permission", what) : read();
  }
}
