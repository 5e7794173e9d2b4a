/** A line for each change between two verdicts, and for each connection that is still waited for. */

import { printAddress } from "../net/address.js";
import type { AwaitedConnection } from "../verify/awaited/awaited.js";
import type { Missing } from "../verify/awaited/in-hardware.js";
import type { Change } from "../verify/change.js";
import type { ConnectionVerdict } from "../verify/verdict.js";
import { describeTraffic } from "./megaflow-words.js";
import { describeReason } from "./verdict-reason-words.js";
import { describeFinding, describeState } from "./verdict-words.js";

export function describeChange(change: Change): string {
  switch (change.kind) {
    case "fell-out":
      return `fell out of hardware: ${traffic(change.connection)}: ${change.connection.state}: ${why(change.connection)}; ${change.rule.text}`;
    case "returned":
      return `returned to hardware: ${traffic(change.connection)} (was ${change.before}); ${change.rule.text}`;
    case "moved":
      return `moved from ${change.before} to ${change.connection.state}: ${traffic(change.connection)}: ${why(change.connection)}; ${change.rule.text}`;
    case "appeared":
      return `appeared: ${traffic(change.connection)}: ${change.connection.state}${change.connection.state === "offloaded" ? "" : `: ${why(change.connection)}`}; ${change.rule.text}`;
    case "ended":
      return `has no megaflow any more: ${traffic(change.before)}; ${change.rule.text}`;
    case "found":
      return `found ${change.finding.kind}: ${describeFinding(change.finding)}`;
    case "gone":
      return `no longer ${change.finding.kind}: ${describeFinding(change.finding)}`;
  }
}

export function describeMissing(missing: Missing): string {
  if ("rule" in missing) {
    const { rule, state, connections } = missing.rule;
    const reason = connections.find((one) => one.state !== "offloaded");
    return `${rule.text}: ${state}: ${reason === undefined ? describeState(state) : why(reason)}`;
  }
  const [software] = missing.software;
  const head = awaitedWords(missing.awaited);
  if (software === undefined) return `${head}: no megaflow: nobody has sent a packet of it`;
  return `${head}: ${software.state}: ${traffic(software)}: ${why(software)}`;
}

export function awaitedWords({ name, rail, opener, answerer }: AwaitedConnection): string {
  return `${name} on ${rail} (${printAddress(opener)} -> ${printAddress(answerer)})`;
}

function traffic({ inPort, outPorts, megaflow }: ConnectionVerdict): string {
  return `${inPort} -> ${outPorts.join(", ")}: ${describeTraffic(megaflow)}`;
}

function why({ reason, state }: ConnectionVerdict): string {
  return reason === undefined ? describeState(state) : describeReason(reason);
}
