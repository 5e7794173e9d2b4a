/** Verdicts as JSON. The schema that ships is made from this one zod source. */

import { z } from "zod";
import type { Megaflow } from "../datapath/megaflow.js";
import type { Flow } from "../openflow/flow.js";
import { printFlow } from "../openflow/print.js";
import type { Rule } from "../policy/checked-policy.js";
import { positionOf } from "../text/source.js";
import { exitCodeOf } from "../verify/exit-decision.js";
import {
  type ConnectionVerdict,
  type Finding,
  type RailVerdict,
  type RuleVerdict,
  wrongsFromBad,
} from "../verify/verdict.js";
import { describeTraffic } from "./megaflow-words.js";
import { describeFinding, describeReason } from "./verdict-words.js";

const count = z.number().int().nonnegative();
const offloadState = z.enum(["offloaded", "partial", "software-tc", "software-ovs"]);
const tally = z.strictObject({
  megaflows: count,
  packets: count,
  states: z.strictObject({
    offloaded: count,
    partial: count,
    "software-tc": count,
    "software-ovs": count,
  }),
});
const place = z.strictObject({ file: z.string(), line: count, column: count });
const rule = z.strictObject({
  id: z.string(),
  text: z.string(),
  place,
  owner: z.string().optional(),
});
const reason = z.strictObject({
  code: z.string().describe("stable; the words may change"),
  message: z.string(),
  part: z.string().optional().describe("what of the megaflow is refused, in its own text"),
});
const megaflow = z.strictObject({
  text: z.string().describe("the line of the dump"),
  place,
  ufid: z.string().optional(),
});
const connection = z.strictObject({
  state: offloadState,
  inPort: z.string(),
  outPorts: z.array(z.string()),
  traffic: z.string(),
  packets: count,
  bytes: count,
  usedSeconds: z.number().optional().describe("absent: never"),
  reason: reason.optional(),
  megaflow,
});
const outputs = z.array(z.strictObject({ port: z.string(), changes: z.string() }));
const finding = z.strictObject({
  kind: z.enum([
    "leak",
    "blackhole",
    "stale",
    "unexplained",
    "not-understood",
    "no-offload-state",
    "contradiction",
    "unnamed-port",
    "dump-of-elsewhere",
    "unreadable-line",
    "missing-flow",
    "extra-flow",
    "changed-flow",
    "foreign-flow",
    "way-around",
  ]),
  message: z.string(),
  packet: z.string().optional().describe("one packet, as ofproto/trace takes it"),
  expected: outputs.optional().describe("empty: drop"),
  actual: outputs.optional(),
  flows: z.array(z.string()).optional(),
  rules: z.array(rule).optional(),
  megaflow: megaflow.optional(),
  line: z.string().optional(),
});
const railVerdict = z.strictObject({
  node: z.string(),
  rail: z.string(),
  bridge: z.string(),
  rules: z.array(
    z.strictObject({
      rule,
      state: z.enum([...offloadState.options, ...wrongsFromBad, "idle"]),
      tally,
      connections: z.array(connection),
    }),
  ),
  duties: z.array(z.strictObject({ duty: z.string(), tally })),
  denied: tally,
  elsewhere: count.describe("megaflows of other bridges, not looked at"),
  offloadListRefused: z
    .string()
    .optional()
    .describe("why Open vSwitch did not list what is offloaded, in its words"),
  findings: z.array(finding),
});

export const verdictSchema = z.strictObject({
  version: z.literal(1),
  asIntended: z.boolean(),
  rails: z.array(railVerdict),
});

export type VerdictDocument = z.output<typeof verdictSchema>;

/** What ships as `schema/verdict.schema.json`. */
export function verdictJsonSchema(): object {
  return z.toJSONSchema(verdictSchema);
}

export function verdictDocument(verdicts: readonly RailVerdict[]): VerdictDocument {
  return { version: 1, asIntended: exitCodeOf(verdicts) === 0, rails: verdicts.map(railDocument) };
}

export function printVerdictJson(verdicts: readonly RailVerdict[]): string {
  return `${JSON.stringify(verdictDocument(verdicts), undefined, 2)}\n`;
}

function railDocument(verdict: RailVerdict): VerdictDocument["rails"][number] {
  const { node, rail, bridge, duties, denied, elsewhere, offloadListRefused } = verdict;
  return {
    node,
    rail,
    bridge,
    rules: verdict.rules.map(ruleVerdictDocument),
    duties: duties.map((duty) => ({ ...duty })),
    denied,
    elsewhere,
    ...(offloadListRefused === undefined ? {} : { offloadListRefused }),
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

function ruleDocument({ id, text, span, owner }: Rule): z.output<typeof rule> {
  const { line, column } = positionOf(span.source, span.start);
  const place = { file: span.source.name, line, column };
  return { id, text, place, ...(owner === undefined ? {} : { owner }) };
}

function connectionDocument(verdict: ConnectionVerdict): z.output<typeof connection> {
  const { megaflow, state, inPort, outPorts, reason } = verdict;
  const { packets, bytes, usedSeconds } = megaflow;
  return {
    state,
    inPort,
    outPorts: [...outPorts],
    traffic: describeTraffic(megaflow),
    packets,
    bytes,
    ...(usedSeconds === undefined ? {} : { usedSeconds }),
    ...(reason === undefined
      ? {}
      : {
          reason: {
            code: reason.code,
            message: describeReason(reason),
            ...("part" in reason ? { part: reason.part } : {}),
          },
        }),
    megaflow: megaflowDocument(megaflow),
  };
}

function megaflowDocument({ source, place, ufid }: Megaflow): z.output<typeof megaflow> {
  const { line, column } = positionOf(source, place.start);
  return {
    text: source.text.slice(place.start, place.end),
    place: { file: source.name, line, column },
    ...(ufid === undefined ? {} : { ufid }),
  };
}

function findingDocument(found: Finding): z.output<typeof finding> {
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
