/** The difference of two policies as JSON. The schema that ships is made from this one zod source. */

import { z } from "zod";
import { printPrefix } from "../net/prefix.js";
import { protocolName } from "../net/protocol.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import { isSameReach } from "../policy/reachability/compare-policies.js";
import type { PairTerms, ReachEntry } from "../policy/reachability/entry.js";
import type { PolicyDifference } from "../policy/reachability/policy-difference.js";
import type { SideTerm } from "../policy/reachability/side-term.js";
import type { TrafficTerm } from "../policy/reachability/traffic-terms.js";
import { positionOf, type Span } from "../text/source.js";
import type { RailChange } from "../verify/cost/rail-change.js";
import { railChangeDocument, railChangeSchema } from "./difference-flows-json.js";
import { describeEntry, describeSide, describeSides, describeTraffic } from "./difference-words.js";

const count = z.int().nonnegative();
const place = z.strictObject({ file: z.string(), line: count, column: count });
const family = z
  .union([z.literal(4), z.literal(6)])
  .optional()
  .describe("absent: both");

const side = z.strictObject({
  text: z.string(),
  kind: z.enum(["any", "every-tenant", "no-tenant", "group", "tenant", "namespace", "network"]),
  name: z.string().optional().describe("of a tenant or a group"),
  tenant: z.string().optional().describe("of a namespace or a network; absent: of no tenant"),
  matches: z.array(z.string()).optional().describe("globs; a namespace matches all of them"),
  prefix: z.string().optional(),
  get except(): z.ZodOptional<z.ZodArray<typeof side>> {
    return z.array(side).optional();
  },
  exceptMatches: z.array(z.string()).optional().describe("globs; a namespace matches none of them"),
});

const service = z.strictObject({
  text: z.string(),
  kind: z.enum(["all", "service", "ports", "icmp", "messages"]),
  name: z.string().optional().describe("of a service"),
  protocol: z.string().optional(),
  type: z.string().optional().describe("of icmp, as a policy names it; absent: every type"),
  first: count.optional().describe("port; of messages, type * 256 + code"),
  last: count.optional(),
  family,
  get except(): z.ZodOptional<z.ZodArray<typeof service>> {
    return z.array(service).optional();
  },
});

const pair = {
  text: z.string(),
  openers: z.array(side),
  way: z
    .enum(["->", "<->", "each"])
    .describe("each: every tenant of the openers with itself; answerers are the same"),
  answerers: z.array(side),
};

const entry = z.strictObject({
  ...pair,
  except: z.array(z.strictObject(pair)).describe("pairs that are not meant"),
  services: z.array(service),
  rails: z.array(
    z.strictObject({
      rail: z.string().describe("whose bridge sees it"),
      other: z.string().describe("where one of the sides stands; the same rail: neither elsewhere"),
    }),
  ),
  causes: z.array(
    z.strictObject({
      how: z.enum(["allows", "no-longer-allows", "denies", "no-longer-denies", "ends"]),
      policy: z.enum(["old", "new"]),
      rule: z.strictObject({ id: z.string(), text: z.string(), place }),
    }),
  ),
});

const entries = {
  gained: z.array(entry).describe("in the names of the new policy"),
  lost: z.array(entry).describe("in the names of the old policy"),
};

export const differenceSchema = z.strictObject({
  version: z.literal(1),
  same: z.boolean().describe("both allow the same, now and on every later day"),
  ...entries,
  later: z.array(
    z.strictObject({ after: z.string().describe("YYYY-MM-DD: from the next day on"), ...entries }),
  ),
  flows: z.array(railChangeSchema).optional().describe("with an inventory"),
  others: z.array(
    z.strictObject({
      what: z.enum([
        ...["rail", "tenant", "group", "service", "rule", "rule-clauses", "test", "budget"],
      ] as const),
      change: z.enum(["added", "removed", "changed"]),
      name: z.string(),
      before: z.string().optional(),
      old: place.optional(),
      new: place.optional(),
    }),
  ),
});

export type DifferenceDocument = z.output<typeof differenceSchema>;
type EntryDocument = DifferenceDocument["gained"][number];
type SideDocument = EntryDocument["openers"][number];
type ServiceDocument = EntryDocument["services"][number];

export function differenceJsonSchema(): unknown {
  return z.toJSONSchema(differenceSchema);
}

export function printDifferenceJson(
  difference: PolicyDifference,
  flows?: readonly RailChange[],
): string {
  return `${JSON.stringify(differenceDocument(difference, flows), undefined, 2)}\n`;
}

export function differenceDocument(
  { old, new: young, reach, others }: PolicyDifference,
  flows?: readonly RailChange[],
): DifferenceDocument {
  const both = (some: { gained: readonly ReachEntry[]; lost: readonly ReachEntry[] }) => ({
    gained: some.gained.map((one) => entryDocument(one, young)),
    lost: some.lost.map((one) => entryDocument(one, old)),
  });
  return {
    version: 1,
    same: isSameReach(reach),
    ...both(reach),
    later: reach.later.map(({ after, ...some }) => ({ after, ...both(some) })),
    ...(flows === undefined ? {} : { flows: flows.map(railChangeDocument) }),
    others: others.map(({ old: before, new: after, ...rest }) => ({
      ...rest,
      ...(before === undefined ? {} : { old: placeOf(before) }),
      ...(after === undefined ? {} : { new: placeOf(after) }),
    })),
  };
}

function entryDocument(one: ReachEntry, { rails }: CheckedPolicy): EntryDocument {
  return {
    ...pairDocument(one),
    text: describeEntry(one, rails),
    except: one.except.map(pairDocument),
    services: one.services.map(serviceDocument),
    rails: [...one.rails],
    causes: one.causes.map(({ how, version, rule: { id, text, span } }) => ({
      how,
      policy: version,
      rule: { id, text, place: placeOf(span) },
    })),
  };
}

function pairDocument(terms: PairTerms): EntryDocument["except"][number] {
  return {
    text: describeSides(terms),
    openers: terms.openers.map(sideDocument),
    way: terms.way,
    answerers: terms.answerers.map(sideDocument),
  };
}

function sideDocument(term: SideTerm): SideDocument {
  const head = { text: describeSide(term), kind: term.kind };
  switch (term.kind) {
    case "any":
    case "every-tenant":
    case "no-tenant":
      return { ...head, ...exceptOf(term.except.map(sideDocument)) };
    case "group":
    case "tenant":
      return { ...head, name: term.name, ...exceptOf(term.except.map(sideDocument)) };
    case "namespace":
      return {
        ...head,
        ...(term.tenant === undefined ? {} : { tenant: term.tenant }),
        matches: [...term.matches],
        ...(term.except.length === 0 ? {} : { exceptMatches: [...term.except] }),
      };
    case "network":
      return {
        ...head,
        ...(term.tenant === undefined ? {} : { tenant: term.tenant }),
        prefix: printPrefix(term.prefix),
      };
  }
}

function serviceDocument(term: TrafficTerm): ServiceDocument {
  const head = { text: describeTraffic(term), kind: term.kind };
  switch (term.kind) {
    case "all":
      return { ...head, ...exceptOf(term.except.map(serviceDocument)) };
    case "service":
      return { ...head, name: term.name };
    case "ports":
      return {
        ...head,
        protocol: protocolName(term.protocol),
        first: term.first,
        last: term.last,
        ...(term.family === undefined ? {} : { family: term.family }),
      };
    case "icmp":
      return { ...head, ...(term.type === undefined ? {} : { type: term.type }) };
    case "messages":
      return { ...head, family: term.family, first: term.first, last: term.last };
  }
}

function exceptOf<T>(except: T[]): { except?: T[] } {
  return except.length === 0 ? {} : { except };
}

function placeOf({ source, start }: Span): DifferenceDocument["others"][number]["old"] & object {
  return { file: source.name, ...positionOf(source, start) };
}
