/** The bill as JSON. The schema that ships is made from this one zod source. */

import { z } from "zod";
import { printIntervals } from "../net/interval-set.js";
import type { Rule } from "../policy/checked-policy.js";
import { positionOf } from "../text/source.js";
import type { Advice } from "../verify/cost/advice.js";
import type { NodeCost, RailCost } from "../verify/cost/cost.js";
import type { HostileBound } from "../verify/cost/hostile-bound.js";
import type { OtherSentences } from "../verify/cost/separations.js";
import { meaningLines } from "./advice-text.js";

const count = z.number().int().nonnegative();
const tally = {
  megaflows: count,
  masks: count.describe("distinct sets of (field, mask): hash tables, and matchers of the NIC"),
};
const rule = z.strictObject({
  id: z.string(),
  text: z.string(),
  file: z.string(),
  line: count,
});
const otherSentences = {
  rules: z.array(rule).describe("that are replaced"),
  sentences: z.array(z.string()).describe("to write in their place; none: leave the rules out"),
  opens: z.array(z.string()).describe("who may reach whom that could not"),
  closes: z.array(z.string()).describe("who may no longer; both empty: it means the same"),
};
const advice = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("align"),
    tenants: z.array(z.strictObject({ tenant: z.string(), blocks: z.array(z.string()) })),
    after: z.strictObject(tally),
  }),
  z.strictObject({ kind: z.literal("trust"), after: z.strictObject(tally) }),
  z.strictObject({
    kind: z.literal("ports"),
    service: z.string(),
    ranges: z
      .array(z.strictObject({ from: z.string(), to: z.string() }))
      .describe("FIRST-LAST; to: the least range around it that one mask covers"),
    before: z.strictObject(tally).describe("of everyPort"),
    after: z.strictObject(tally).describe("of everyPort"),
  }),
  z.strictObject({ kind: z.literal("open"), ...otherSentences, after: z.strictObject(tally) }),
  z.strictObject({
    kind: z.literal("separate"),
    ...otherSentences,
    others: z
      .strictObject(tally)
      .nullable()
      .describe("what the rest costs as it is now, where something is taken away"),
    after: z.strictObject(tally),
  }),
]);
const rail = z.strictObject({
  rail: z.string(),
  bridge: z.string(),
  flows: count,
  legitimate: z
    .strictObject(tally)
    .describe("one connection for each pair and service that the policy opens; ARP and ND apart"),
  everyPort: z.strictObject(tally).describe("the same with all ports of clients and services"),
  rules: z.array(z.strictObject({ rule, ...tally, shared: count })),
  ports: z.array(z.strictObject({ port: z.string(), endpoint: z.string().nullable(), ...tally })),
  neighbours: z.strictObject({ ...tally, inUserspace: count }).describe("ARP and ND"),
  hostile: z
    .array(
      z.strictObject({
        port: z.string(),
        perSourceMac: z
          .boolean()
          .describe("the bound is that of each source MAC on the wire, which nothing bounds"),
        bound: z
          .strictObject({
            megaflows: z.number(),
            masks: count,
            isExact: z.boolean().describe("there are packets that make as many; else at most"),
            perOtherEtherType: z.number(),
          })
          .nullable()
          .describe("null: none was found"),
      }),
    )
    .nullable()
    .describe("null: not asked for"),
  advice: z.array(advice).nullable().describe("null: not asked for"),
});

export const costSchema = z.strictObject({
  version: z.literal(1),
  nodes: z.array(
    z.strictObject({
      node: z.string(),
      megaflows: count.describe("legitimate ones of all rails"),
      tableSize: count.nullable(),
      rails: z.array(rail),
    }),
  ),
});

export type CostDocument = z.output<typeof costSchema>;

export function printCostJson(nodes: readonly NodeCost[]): string {
  const document: CostDocument = {
    version: 1,
    nodes: nodes.map(({ node, megaflows, tableSize, rails }) => ({
      node,
      megaflows,
      tableSize: tableSize ?? null,
      rails: rails.map(railDocument),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function railDocument(cost: RailCost): CostDocument["nodes"][number]["rails"][number] {
  const { hostile, advice: found } = cost;
  return {
    rail: cost.rail,
    bridge: cost.bridge,
    flows: cost.flows,
    legitimate: { ...cost.legitimate },
    everyPort: { ...cost.everyPort },
    rules: cost.rules.map((one) => ({ ...one, rule: ruleDocument(one.rule) })),
    ports: cost.ports.map((one) => ({ ...one, endpoint: one.endpoint ?? null })),
    neighbours: { ...cost.neighbours },
    hostile:
      hostile?.map(({ port, perSourceMac, bound }) => ({
        port,
        perSourceMac,
        bound: bound === undefined ? null : boundDocument(bound),
      })) ?? null,
    advice: found?.map(adviceDocument) ?? null,
  };
}

function boundDocument({ megaflows, masks, isExact, perOtherEtherType }: HostileBound) {
  return { megaflows, masks, isExact, perOtherEtherType };
}

function adviceDocument(found: Advice): z.output<typeof advice> {
  const after = { ...found.after };
  switch (found.kind) {
    case "align":
      return {
        kind: "align",
        tenants: found.tenants.map(({ tenant, blocks }) => ({ tenant, blocks: [...blocks] })),
        after,
      };
    case "trust":
      return { kind: "trust", after };
    case "ports":
      return {
        kind: "ports",
        service: found.service,
        ranges: found.ranges.map(({ from, to }) => ({
          from: printIntervals([from]),
          to: printIntervals([to]),
        })),
        before: { ...found.before },
        after,
      };
    case "open":
      return { kind: "open", ...sentencesDocument(found), after };
    case "separate":
      return {
        kind: "separate",
        ...sentencesDocument(found),
        others: found.others === undefined ? null : { ...found.others },
        after,
      };
  }
}

function sentencesDocument(found: OtherSentences) {
  const { opens, closes } = meaningLines(found);
  const { rules, sentences } = found;
  return { rules: rules.map(ruleDocument), sentences: [...sentences], opens, closes };
}

function ruleDocument({ id, text, span }: Rule): z.output<typeof rule> {
  const { line } = positionOf(span.source, span.start);
  return { id, text, file: span.source.name, line };
}
