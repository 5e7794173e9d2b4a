/** Why a command ends early, in words for its user. */

import { type ExitCode, exitCode } from "./exit-code.js";

export class Failure extends Error {
  readonly exitCode: ExitCode;
  readonly help: string | undefined;

  constructor(message: string, options: { exitCode: ExitCode; help?: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "Failure";
    this.exitCode = options.exitCode;
    this.help = options.help;
  }
}

/** An argument that no run could make sense of. */
export function badArgument(message: string, help?: string): Failure {
  return new Failure(message, {
    exitCode: exitCode.rejected,
    ...(help === undefined ? {} : { help }),
  });
}

/** The input was rejected and its diagnostics are printed: nothing is left to say. */
export class Rejected extends Failure {
  constructor() {
    super("the input was rejected", { exitCode: exitCode.rejected });
    this.name = "Rejected";
  }
}
