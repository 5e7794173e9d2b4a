/** Colours of a verdict on a terminal. */

import type { Tone, VerdictTextOptions } from "../report/verdict-text.js";
import type { Terminal } from "./terminal.js";

export function paintsOf(terminal: Terminal): VerdictTextOptions {
  return terminal.colour.out ? { paint } : {};
}

const escapes: Record<Tone, number> = { good: 32, bad: 31, quiet: 2 };

function paint(word: string, tone: Tone): string {
  return `\u001b[${escapes[tone]}m${word}\u001b[0m`;
}
