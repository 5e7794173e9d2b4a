/** Runs railfence in the box: in this process, since Node takes seconds to start here. */

import { main } from "../../../src/cli/main.js";
import type { Terminal } from "../../../src/cli/terminal.js";

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function railfence(...words: readonly string[]): Promise<Answer> {
  const { answer } = start(...words);
  return answer;
}

/** A command that goes on until it is interrupted. */
export interface Running {
  readonly answer: Promise<Answer>;
  /** What is on its standard output so far. */
  readonly printed: () => string;
  /** As Ctrl-C does. */
  readonly interrupt: () => void;
}

export function start(...words: readonly string[]): Running {
  let stdout = "";
  let stderr = "";
  const handlers = new Set<() => void>();
  const terminal: Terminal = {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
      for (const line of text.trimEnd().split("\n")) console.log(`railfence ${words[0]}: ${line}`);
    },
    colour: { out: false, err: false },
    environment: process.env,
    today: () => new Date().toISOString().slice(0, 10),
    standardInput: async () => "",
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  return {
    answer: main(words, terminal).then((exitCode) => ({ exitCode, stdout, stderr })),
    printed: () => stdout,
    interrupt: () => {
      for (const handler of handlers) handler();
    },
  };
}

/** Loads what install and verify need: seconds in here, which are free while Open vSwitch waits for its time. */
export async function warmUp(): Promise<void> {
  await import("../../../src/cli/install.js");
  await import("../../../src/cli/verify.js");
}
