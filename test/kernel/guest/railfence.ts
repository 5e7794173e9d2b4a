/** Runs railfence in the box: in this process, since Node takes seconds to start here. */

import { main } from "../../../src/cli/main.js";

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function railfence(...words: readonly string[]): Promise<Answer> {
  let stdout = "";
  let stderr = "";
  const exitCode = await main(words, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
      if (process.env["BOX_TRACE"])
        console.log(`${performance.now().toFixed(0)} ${text.trimEnd()}`);
    },
    colour: { out: false, err: false },
    environment: process.env,
    today: () => new Date().toISOString().slice(0, 10),
    standardInput: async () => "",
  });
  return { exitCode, stdout, stderr };
}
