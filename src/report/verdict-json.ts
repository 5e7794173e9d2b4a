/** Verdicts as JSON: `verdict-schema.ts` says in what shape. */

import type { Megaflow } from "../datapath/megaflow.js";
import type { Flow } from "../openflow/flow.js";
import { printFlow } from "../openflow/print.js";
import type { Rule } from "../policy/checked-policy.js";
import { positionOf } from "../text/source.js";
import type { Confirmation } from "../verify/evidence/confirmation.js";
import { exitCodeOf } from "../verify/exit-decision.js";
import type { Origin } from "../verify/origin.js";
import type { Reason } from "../verify/reason/cause.js";
import type { ConnectionVerdict, Finding, RailVerdict, RuleVerdict } from "../verify/verdict.js";
import { describeTraffic } from "./megaflow-words.js";
import type { SwitchWarningDocument } from "./switch-warning-schema.js";
import { describeConfirmation, describeReason } from "./verdict-reason-words.js";
import type {
  ConfirmationDocument,
  ConnectionDocument,
  FindingDocument,
  MegaflowDocument,
  ReasonDocument,
  RuleDocument,
  VerdictDocument,
} from "./verdict-schema.js";
import { describeFinding, describeOrigin } from "./verdict-words.js";

/** `warnings` are of the bridges. */
export function verdictDocument(
  verdicts: readonly RailVerdict[],
  warnings?: readonly SwitchWarningDocument[],
): VerdictDocument {
  const rails = verdicts.map((verdict) => ({
    ...railDocument(verdict),
    ...(warnings && { warnings: warnings.filter(({ bridge }) => bridge === verdict.bridge) }),
  }));
  return { version: 1, asIntended: exitCodeOf(verdicts) === 0, rails };
}

export function printVerdictJson(
  verdicts: readonly RailVerdict[],
  warnings?: readonly SwitchWarningDocument[],
): string {
  return `${JSON.stringify(verdictDocument(verdicts, warnings), undefined, 2)}\n`;
}

function railDocument(verdict: RailVerdict): VerdictDocument["rails"][number] {
  const {
    node,
    rail,
    bridge,
    duties,
    denied,
    elsewhere,
    offloadListRefused,
    otherFilters,
    unread,
  } = verdict;
  return {
    node,
    rail,
    bridge,
    rules: verdict.rules.map(ruleVerdictDocument),
    duties: duties.map((duty) => ({ ...duty })),
    denied,
    deniedOutside: verdict.deniedOutside.map(connectionDocument),
    use: { ...verdict.use },
    elsewhere,
    ...(offloadListRefused === undefined ? {} : { offloadListRefused }),
    ...(otherFilters === undefined ? {} : { otherFilters: { ...otherFilters } }),
    unread: unread.map((one) => ({ ...one })),
    findings: verdict.findings.map(findingDocument),
  };
}

function ruleVerdictDocument({ rule, state, tally, connections }: RuleVerdict) {
  return {
    rule: ruleDocument(rule),
    state,
    tally,
    connections: connections.map(connectionDocument),
  };
}

function ruleDocument({ id, text, span, owner }: Rule): RuleDocument {
  const { line, column } = positionOf(span.source, span.start);
  const place = { file: span.source.name, line, column };
  return { id, text, place, ...(owner === undefined ? {} : { owner }) };
}

function connectionDocument(verdict: ConnectionVerdict): ConnectionDocument {
  const { megaflow, state, inPort, outPorts, reason, confirmation } = verdict;
  const { packets, bytes, usedSeconds } = megaflow;
  return {
    state,
    inPort,
    outPorts: [...outPorts],
    traffic: describeTraffic(megaflow),
    packets,
    bytes,
    ...(usedSeconds === undefined ? {} : { usedSeconds }),
    ...(reason === undefined ? {} : { reason: reasonDocument(reason) }),
    ...(confirmation === undefined ? {} : { confirmation: confirmationDocument(confirmation) }),
    megaflow: megaflowDocument(megaflow),
  };
}

function reasonDocument(cause: Reason): ReasonDocument {
  return {
    code: cause.code,
    message: describeReason(cause),
    ...("part" in cause && cause.part !== undefined ? { part: cause.part } : {}),
    evidence: cause.evidence.map((exhibit) => ({ ...exhibit })),
  };
}

function confirmationDocument(found: Confirmation): ConfirmationDocument {
  const message = describeConfirmation(found);
  switch (found.kind) {
    case "confirmed": {
      const { kind, hardwarePackets, softwarePackets } = found;
      return { kind, message, hardwarePackets, softwarePackets };
    }
    case "contradicted":
      return { kind: found.kind, message, softwarePackets: found.softwarePackets };
    case "denied":
      return { kind: found.kind, message };
    case "open":
      return { kind: found.kind, because: found.because, message };
  }
}

function megaflowDocument({ source, place, ufid }: Megaflow): MegaflowDocument {
  const { line, column } = positionOf(source, place.start);
  return {
    text: source.text.slice(place.start, place.end),
    place: { file: source.name, line, column },
    ...(ufid === undefined ? {} : { ufid }),
  };
}

function originDocument(origin: Origin): NonNullable<FindingDocument["origin"]> {
  return { ...origin, message: describeOrigin(origin) };
}

function findingDocument(found: Finding): FindingDocument {
  const head = { kind: found.kind, message: describeFinding(found) };
  const rules = (list: readonly Rule[]) => list.map(ruleDocument);
  const flows = (...list: readonly Flow[]) => list.map((flow) => printFlow(flow));
  switch (found.kind) {
    case "leak":
    case "blackhole":
    case "stale":
    case "unexplained":
      return {
        ...head,
        packet: found.packet,
        expected: found.expected.map((output) => ({ ...output })),
        ...(found.actual === undefined
          ? {}
          : { actual: found.actual.map((output) => ({ ...output })) }),
        ...(found.origin === undefined ? {} : { origin: originDocument(found.origin) }),
        flows: flows(...found.path),
        rules: rules(found.rules),
        megaflow: megaflowDocument(found.megaflow),
      };
    case "not-understood":
    case "no-offload-state":
    case "contradiction":
    case "unnamed-port":
    case "dump-of-elsewhere":
      return { ...head, megaflow: megaflowDocument(found.megaflow) };
    case "unreadable-line":
      return { ...head, line: found.line };
    case "table-full":
      return { ...head, fit: found.fit, refused: found.refused, rules: rules(found.rules) };
    case "flow-limit":
      return head;
    case "missing-flow":
      return { ...head, flows: flows(found.flow), rules: rules(found.rules) };
    case "extra-flow":
    case "way-around":
      return { ...head, flows: flows(found.flow) };
    case "changed-flow":
      return { ...head, flows: flows(found.flow, found.found), rules: rules(found.rules) };
    case "foreign-flow":
      return { ...head, flows: flows(found.flow, found.above) };
  }
}
