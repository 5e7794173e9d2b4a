/** What went wrong between railfence and Open vSwitch: never the author's mistake, never ours. */

export type SwitchErrorKind =
  /** A program of the package openvswitch-switch is not on this machine. */
  | "tool-missing"
  /** Nothing answers in the run directory, or the connection to the target is refused. */
  | "not-running"
  | "bridge-missing"
  | "port-missing"
  /** The bridge's `protocols` leave out OpenFlow14. */
  | "protocol-version"
  /** Open vSwitch took none of the flows because it refused one. */
  | "flow-refused"
  /** Somebody else's flow stands where one of ours should. */
  | "foreign-flow"
  /** After the bundle the switch does not hold what was sent. */
  | "read-back"
  | "permission-denied"
  /** Another railfence works on the same bridge. */
  | "busy"
  | "timeout"
  /** A command that Open vSwitch refused for another reason. */
  | "command-failed";

export interface SwitchErrorDetails {
  readonly kind: SwitchErrorKind;
  /** One sentence: begins lower case, no full stop, the user's words in backticks. */
  readonly message: string;
  /** What to do about it. */
  readonly help?: string | undefined;
  readonly bridge?: string | undefined;
  /** Program and arguments, as they were run. */
  readonly command?: readonly string[] | undefined;
  readonly exitCode?: number | undefined;
  readonly stderr?: string | undefined;
  /** The refused or the foreign flow. */
  readonly flow?: string | undefined;
  readonly cause?: unknown;
}

export class SwitchError extends Error {
  override readonly name = "SwitchError";
  readonly kind: SwitchErrorKind;
  readonly help: string | undefined;
  readonly bridge: string | undefined;
  readonly command: readonly string[] | undefined;
  readonly exitCode: number | undefined;
  readonly stderr: string | undefined;
  readonly flow: string | undefined;

  constructor(details: SwitchErrorDetails) {
    super(details.message, details.cause === undefined ? {} : { cause: details.cause });
    this.kind = details.kind;
    this.help = details.help;
    this.bridge = details.bridge;
    this.command = details.command;
    this.exitCode = details.exitCode;
    this.stderr = details.stderr;
    this.flow = details.flow;
  }
}

export function isSwitchError(error: unknown, kind?: SwitchErrorKind): error is SwitchError {
  return error instanceof SwitchError && (kind === undefined || error.kind === kind);
}
