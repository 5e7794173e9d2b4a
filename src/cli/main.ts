/** The command line: finds the command, runs it, and turns every way of failing into an exit code. */

import { CommanderError } from "commander";
import { harmless } from "../report/columns.js";
import { isSwitchError, type SwitchError } from "../switch/errors.js";
import { programFor } from "./commands.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { Failure, Rejected } from "./failure.js";
import { processTerminal, type Terminal } from "./terminal.js";

/** Runs `railfence WORDS...` and answers the exit code; it never rejects. */
export async function main(
  words: readonly string[],
  terminal: Terminal = ownTerminal(),
): Promise<ExitCode> {
  let code: ExitCode = exitCode.asIntended;
  try {
    const program = await programFor(words, terminal, (result) => {
      code = result;
    });
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    return report(error, terminal);
  }
}

/** What is thrown outside of every promise is reported like anything else. */
function ownTerminal(): Terminal {
  const terminal = processTerminal();
  process.once("uncaughtException", (error) => process.exit(report(error, terminal)));
  return terminal;
}

function report(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof Rejected) return error.exitCode;
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCode.asIntended : exitCode.rejected;
  if (error instanceof Failure) {
    terminal.err(shown(`error: ${error.message}\n`));
    if (error.help !== undefined) terminal.err(shown(`help: ${error.help}\n`));
    return error.exitCode;
  }
  if (isSwitchError(error)) {
    terminal.err(shown(inWords(error)));
    return exitCode.couldNot;
  }
  terminal.err(
    `internal error: ${error instanceof Error ? error.message : String(error)}\n` +
      "help: this is a fault of railfence, not of your input: please report it with the command line, " +
      "`railfence --version`, and what the same command prints with RAILFENCE_DEBUG=1\n",
  );
  if (terminal.environment["RAILFENCE_DEBUG"] === "1" && error instanceof Error)
    terminal.err(`${error.stack ?? ""}\n`);
  return exitCode.couldNot;
}

/** What is told of a file may hold any of its text. */
function shown(text: string): string {
  return text.split("\n").map(harmless).join("\n");
}

function inWords({ message, help, flow, command, exitCode: code }: SwitchError): string {
  const lines = [`error: ${message}`];
  if (flow !== undefined) lines.push(`flow: ${flow}`);
  if (command !== undefined)
    lines.push(`command: ${command.join(" ")}${code === undefined ? "" : ` (exit code ${code})`}`);
  if (help !== undefined) lines.push(`help: ${help}`);
  return `${lines.join("\n")}\n`;
}
