/** What `verify` judges: a switch, read now, or what was saved of one. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenVswitch } from "../switch/open-vswitch.js";
import { record } from "../switch/record.js";
import { loadRecording } from "../switch/recording-folder.js";
import { type SwitchWarning, warningsOf } from "../switch/switch-warning.js";
import { readRecording, recordingOfDump } from "../verify/evidence/read-recording.js";
import { type Recording, recordedFile } from "../verify/evidence/recording.js";
import { readSettings } from "../verify/evidence/settings.js";
import type { RailVerdict } from "../verify/verdict.js";
import { verifyRail } from "../verify/verify-rail.js";
import { badArgument } from "./failure.js";
import { orFail, readSourceOrInput } from "./files.js";
import type { NodeInput } from "./node-input.js";
import type { Terminal } from "./terminal.js";

export interface Reading {
  readonly recording: Recording;
  /** What findings call the dump. */
  readonly dumpName: string;
}

export async function readSwitch(ovs: OpenVswitch, { rails }: NodeInput): Promise<Reading> {
  return { recording: await record(ovs, rails), dumpName: "dpctl/dump-flows -m" };
}

/** A file, `-`, or a folder that `--save` made. */
export async function readSaved(path: string, terminal: Terminal): Promise<Reading> {
  if (path === "-" || !(await orFail(path, stat(path))).isDirectory()) {
    const { name, text } = await readSourceOrInput(path, terminal);
    return { recording: recordingOfDump(text), dumpName: name };
  }
  const recording = await orFail(path, loadRecording(path));
  if (!recording.has(recordedFile.dump))
    throw badArgument(
      `folder \`${path}\` has no \`${recordedFile.dump}\``,
      "name a folder that `verify --save` made, or one file",
    );
  return { recording, dumpName: join(path, recordedFile.dump) };
}

/** What the bridges do besides their flows. */
export function warningsIn({ rails }: NodeInput, { recording }: Reading): SwitchWarning[] {
  const { bridgeStates } = readSettings(recording.get(recordedFile.settings) ?? "");
  const bridges = new Set(rails.map(({ ports }) => ports.bridge));
  return [...bridges].flatMap((bridge) => [
    ...warningsOf({ bridge, foreign: [] }, bridgeStates?.[bridge] ?? {}),
  ]);
}

/** `earlier`: another reading of the same switch, for what only two of them tell. */
export function verdictsOf(
  { policy, inventory, rails }: NodeInput,
  { recording, dumpName }: Reading,
  earlier?: Reading,
): RailVerdict[] {
  return readRecording(recording, rails, dumpName, earlier?.recording).map((observation, index) => {
    const compiled = rails[index];
    if (compiled === undefined) throw new Error(`there is no rail ${index}`);
    return verifyRail({ policy, inventory, compiled, ...observation });
  });
}
