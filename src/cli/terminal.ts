/** Where a command writes, and what it may know of the world around it. */

import { text as readAll } from "node:stream/consumers";
import { exitCode } from "./exit-code.js";

export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Diagnostics and progress. */
  readonly err: (text: string) => void;
  readonly colour: { readonly out: boolean; readonly err: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `YYYY-MM-DD` of this machine's clock and time zone. */
  readonly today: () => string;
  readonly standardInput: () => Promise<string>;
  /** How large the screen is; undefined where results do not go to one. */
  readonly screen?: () => { readonly rows: number; readonly columns: number } | undefined;
  /** Calls when the user wants an end (SIGINT, SIGTERM), until the answer is called. */
  readonly onInterrupt?: (handler: () => void) => () => void;
}

/** The terminal of this process. A reader that closed its end of the pipe (`| head`) ends the run quietly. */
export function processTerminal(): Terminal {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`error: cannot write the result: ${error.message}\n`);
    process.exit(exitCode.couldNot);
  });
  // nobody is left to tell
  process.stderr.on("error", () => process.exit(exitCode.couldNot));
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colour: { out: mayColour(process.stdout.isTTY), err: mayColour(process.stderr.isTTY) },
    environment: process.env,
    today: () => localDate(new Date()),
    standardInput: () => readAll(process.stdin),
    screen: () => {
      const { isTTY, rows, columns } = process.stdout;
      return isTTY ? { rows, columns } : undefined;
    },
    onInterrupt: (handler) => {
      for (const signal of interrupts) process.on(signal, handler);
      return () => {
        for (const signal of interrupts) process.removeListener(signal, handler);
      };
    },
  };
}

const interrupts = ["SIGINT", "SIGTERM"] as const;

/** no-color.org: NO_COLOR counts when it is present and not empty. */
function mayColour(isTerminal: boolean): boolean {
  return isTerminal && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

function localDate(now: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
