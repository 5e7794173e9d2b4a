/** The shape of proofs as JSON: the schema that ships is made from this one zod source. */

import { z } from "zod";

const count = z.number().int().nonnegative();
const rule = z.strictObject({
  id: z.string(),
  text: z.string(),
  place: z.strictObject({ file: z.string(), line: count, column: count }),
});
const finding = z.strictObject({
  kind: z.enum(["different", "unknown"]),
  message: z.string(),
  inPort: z.string(),
  packets: z.enum(["ipv4", "ipv6", "arp", "solicitation", "advertisement", "other"]),
  packet: z.string().describe("one packet, as ofproto/trace takes it"),
  policy: z.strictObject({
    decision: z.enum(["drop", "deliver", "answer"]),
    reason: z.string().optional().describe("of a drop; stable, the words may change"),
    message: z.string(),
    rules: z.array(rule).describe("that let it pass, or forbid it"),
  }),
  tables: z.strictObject({
    sent: z
      .array(z.strictObject({ port: z.string(), changes: z.string() }))
      .describe("empty: drop, unless there is a doubt"),
    doubt: z
      .strictObject({
        code: z.enum(["unknown-match", "unknown-action", "ambiguous", "goes-back", "too-deep"]),
        message: z.string(),
      })
      .optional(),
    flows: z.array(z.string()).describe("in the order in which the packet meets them"),
    foreign: z.array(z.string()).describe("those that are not railfence's"),
  }),
});

export const proofSchema = z.strictObject({
  version: z.literal(1),
  equal: z.boolean(),
  rails: z.array(
    z.strictObject({
      node: z.string(),
      rail: z.string(),
      bridge: z.string(),
      verdict: z.enum(["equal", "different", "unknown"]),
      flows: count,
      ports: z.array(z.string()),
      absentPorts: z.array(z.string()).describe("of the inventory, and not on the bridge"),
      strangers: z
        .array(z.string())
        .describe("ports that are not in the inventory: nothing from there may reach an endpoint"),
      hiddenFlows: z
        .enum(["read", "unread"])
        .optional()
        .describe(
          "of `railfence prove`: whether flows that Open vSwitch hides from OpenFlow are among the proved",
        ),
      findings: z.array(finding),
      hasMore: z.boolean().describe("there are ways to differ beside those of the findings"),
    }),
  ),
});

export type ProofDocument = z.output<typeof proofSchema>;

/** What ships as `schema/proof.schema.json`. */
export function proofJsonSchema(): object {
  return z.toJSONSchema(proofSchema);
}
