/** From the words of ovs-ofctl to the kind of failure they tell. */

import { SwitchError, type SwitchErrorDetails } from "./errors.js";
import { complaintOf, type Output } from "./run.js";

export interface Reached {
  readonly bridge: string;
  readonly target: string;
  /** Whether an ovs-vswitchd is alive there; undefined for a bridge on another machine. */
  readonly daemonIsUp?: boolean | undefined;
}

type Telling = Pick<SwitchErrorDetails, "kind" | "message" | "help">;

/** What ovs-ofctl of Open vSwitch 2.13 to 3.x says; `connecting to unix:/run/… (No such file or directory)`. */
export function explainFailure(output: Output, reached: Reached): SwitchError {
  return new SwitchError({
    ...tell(output.stderr, reached),
    bridge: reached.bridge,
    command: output.command,
    exitCode: output.exitCode,
    stderr: output.stderr,
  });
}

function tell(stderr: string, { bridge, target, daemonIsUp }: Reached): Telling {
  if (/version negotiation failed/.test(stderr))
    return {
      kind: "protocol-version",
      message: `bridge \`${bridge}\` does not speak OpenFlow 1.4`,
      help: `allow it: \`ovs-vsctl add bridge ${bridge} protocols OpenFlow14\``,
    };
  // ovs-ofctl without its three PEM files, or with files that OpenSSL does not take
  if (/stream_ssl\|ERR|Protocol not available/.test(stderr))
    return {
      kind: "command-failed",
      message: `no SSL connection to bridge \`${bridge}\` at \`${target}\`: ${sslComplaintOf(stderr)}`,
      help: "an `ssl:` target needs a private key, a certificate and a CA certificate that fit the switch's",
    };
  if (/Permission denied|Operation not permitted/.test(stderr))
    return {
      kind: "permission-denied",
      message: `no permission to talk to bridge \`${bridge}\` at \`${target}\``,
      help: "run railfence as root",
    };
  if (/No such file or directory|is not a bridge or a socket|Connection refused/.test(stderr))
    return daemonIsUp === true && !/Connection refused/.test(stderr)
      ? {
          kind: "bridge-missing",
          message: `there is no bridge \`${bridge}\` on this Open vSwitch`,
          help: "`ovs-vsctl list-br` names those that are there",
        }
      : {
          kind: "not-running",
          message: `Open vSwitch does not answer at \`${target}\``,
          help: "start Open vSwitch, or name its run directory or the bridge's target",
        };
  if (/Connection reset|End of file|Broken pipe|Connection timed out|No route to host/.test(stderr))
    return {
      kind: "not-running",
      message: `the connection to bridge \`${bridge}\` broke: ${complaintOf(stderr)}`,
    };
  return {
    kind: "command-failed",
    message: `\`ovs-ofctl\` failed on bridge \`${bridge}\`: ${complaintOf(stderr)}`,
  };
}

/** `2026-…|stream_ssl|ERR|Private key must be configured to use SSL` */
function sslComplaintOf(stderr: string): string {
  return /stream_ssl\|\w+\|(.*)/.exec(stderr)?.[1] ?? complaintOf(stderr);
}
