/** A read that may fail without harm: its text, or why there is none. */

import { isSwitchError } from "./errors.js";
import { complaintOf, type Output } from "./run.js";

export type ReadOrWhy = { readonly text: string } | { readonly why: string };

/** Of a program: without it, and where it fails, less is known. */
export async function outputOrWhy(running: Promise<Output>): Promise<ReadOrWhy> {
  try {
    const { exitCode, stdout, stderr } = await running;
    return exitCode === 0 ? { text: stdout } : { why: complaintOf(stderr) };
  } catch (error) {
    if (!isSwitchError(error)) throw error;
    const [program] = error.command ?? [];
    return {
      why: error.kind === "tool-missing" ? `\`${program}\` is not installed` : error.message,
    };
  }
}

/** Of a file. */
export async function textOrWhy(reading: Promise<string>): Promise<ReadOrWhy> {
  try {
    return { text: await reading };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { why: reasons.get(code ?? "") ?? message };
  }
}

const reasons = new Map([
  ["ENOENT", "there is none"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
]);
