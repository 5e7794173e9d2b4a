/** A recording as a folder of text files, to carry away from a node. */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecordedFile, type Recording } from "../verify/evidence/recording.js";

/** Files of an earlier recording in the same folder stay where this one has none of their name: give it a new folder. */
export async function saveRecording(folder: string, recording: Recording): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of recording) await writeFile(join(folder, name), text);
}

/** What else lies in the folder is left alone. */
export async function loadRecording(folder: string): Promise<Recording> {
  const names = (await readdir(folder)).filter(isRecordedFile).sort();
  const files = new Map<string, string>();
  for (const name of names) files.set(name, await readFile(join(folder, name), "utf8"));
  return files;
}
