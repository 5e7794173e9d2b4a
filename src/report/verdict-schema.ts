/** The shape of a verdict as JSON. The schema that ships is made from this one zod source. */

import { z } from "zod";
import { evidenceSources } from "../verify/evidence/evidence.js";
import { statesFromBest, wrongsFromBad } from "../verify/verdict.js";
import { switchWarnings } from "./switch-warning-schema.js";

const count = z.number().int().nonnegative();
const offloadState = z.enum(statesFromBest);
const tally = z.strictObject({
  megaflows: count,
  packets: count,
  states: z.strictObject({
    offloaded: count,
    partial: count,
    "accepted-only": count,
    "software-tc": count,
    "software-ovs": count,
  }),
  confirmed: count.describe("of the offloaded: the NIC itself has counted packets of it"),
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
  evidence: z
    .array(
      z.strictObject({
        source: z.enum(evidenceSources),
        where: z.string(),
        said: z.string().describe("in the words of the source, where it has words"),
      }),
    )
    .describe("the best first; `refusal-list` is knowledge and no evidence of this switch"),
});
const confirmation = z
  .strictObject({
    kind: z.enum(["confirmed", "contradicted", "denied", "open"]),
    because: z.string().optional().describe("for `open`: why nothing can be said"),
    message: z.string(),
    hardwarePackets: count.optional(),
    softwarePackets: count.optional(),
  })
  .describe("whether the NIC's own counters bear out that it is offloaded");
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
  confirmation: confirmation.optional(),
  megaflow,
});
const outputs = z.array(z.strictObject({ port: z.string(), changes: z.string() }));
const origin = z.strictObject({
  kind: z.enum(["wider", "hand-made", "stale"]),
  evidence: z.enum(["no-ufid", "no-ether-type", "actions"]).optional(),
  message: z.string(),
});
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
    "table-full",
    "flow-limit",
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
  origin: origin.optional().describe("of a megaflow that does not do what the tables do"),
  flows: z.array(z.string()).optional(),
  rules: z.array(rule).optional(),
  megaflow: megaflow.optional(),
  line: z.string().optional(),
  fit: count.optional().describe("for `table-full`: megaflows of the rail that are in hardware"),
  refused: count.optional().describe("for `table-full`: megaflows that are not, for want of room"),
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
  deniedOutside: z
    .array(connection)
    .describe("megaflows that drop what no rule allows, on the CPU: no failure, but its time"),
  use: z
    .strictObject({ megaflows: count, masks: count, inHardware: count })
    .describe("how much of the datapath and of the NIC's table the rail takes"),
  elsewhere: count.describe("megaflows of other bridges, not looked at"),
  offloadListRefused: z
    .string()
    .optional()
    .describe("why Open vSwitch did not list what is offloaded, in its words"),
  otherFilters: z
    .strictObject({ times: count, lastLine: z.string() })
    .optional()
    .describe(
      "ovs-vswitchd's complaints that the kernel took another filter than it asked for: no finding by itself, since what the kernel has is what is judged",
    ),
  unread: z
    .array(z.strictObject({ what: z.string(), why: z.string() }))
    .describe("evidence that could not be read: nothing is concluded from its absence"),
  findings: z.array(finding),
  warnings: switchWarnings.optional().describe("of `railfence verify` alone"),
});

export const verdictSchema = z.strictObject({
  version: z.literal(1),
  asIntended: z.boolean(),
  rails: z.array(railVerdict),
});

export type VerdictDocument = z.output<typeof verdictSchema>;
export type RuleDocument = z.output<typeof rule>;
export type ConnectionDocument = z.output<typeof connection>;
export type ReasonDocument = z.output<typeof reason>;
export type ConfirmationDocument = z.output<typeof confirmation>;
export type MegaflowDocument = z.output<typeof megaflow>;
export type FindingDocument = z.output<typeof finding>;

/** What ships as `schema/verdict.schema.json`. */
export function verdictJsonSchema(): object {
  return z.toJSONSchema(verdictSchema);
}
