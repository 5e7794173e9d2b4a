/** Words for who may talk to whom in a difference: as near to a rule as a set can be said. */

import type { RailDifference } from "../compile/compare-rails.js";
import { printPrefix } from "../net/prefix.js";
import { protocolName } from "../net/protocol.js";
import type { Cause } from "../policy/reachability/causes.js";
import type { PairTerms, ReachEntry } from "../policy/reachability/entry.js";
import type { OtherChange } from "../policy/reachability/other-changes.js";
import type { RailView } from "../policy/reachability/rail-views.js";
import type { SideTerm } from "../policy/reachability/side-term.js";
import type { TrafficTerm } from "../policy/reachability/traffic-terms.js";
import { printPlace } from "../text/source.js";
import type { RailChange } from "../verify/cost/rail-change.js";
import { tallyText } from "./tally-text.js";

/**
 * `search, speech -> storage : nfs on every rail`; `rails` are all of the policy whose names are used. What is excepted
 * is left to the caller: it may be long.
 */
export function describeEntry(entry: ReachEntry, rails: readonly string[]): string {
  return `${describeSides(entry)} : ${describeServices(entry)} ${describeRails(entry.rails, rails)}`;
}

export function describeSides({ openers, way, answerers }: PairTerms): string {
  const from = openers.map(describeSide).join(", ");
  if (way !== "each") return `${from} ${way} ${answerers.map(describeSide).join(", ")}`;
  const [only] = openers;
  if (openers.length === 1 && only?.kind === "every-tenant")
    return `each tenant${exceptOf(only.except.map(describeSide))} <-> itself`;
  const isGroup = openers.length === 1 && only?.kind === "group";
  return `each ${isGroup ? "" : "of "}${from} <-> itself`;
}

export function describeServices({ services }: ReachEntry): string {
  return services.map(describeTraffic).join(", ");
}

export function describeSide(term: SideTerm): string {
  switch (term.kind) {
    case "any":
      return `any${exceptOf(term.except.map(describeSide))}`;
    case "every-tenant":
      return `every tenant${exceptOf(term.except.map(describeSide))}`;
    case "no-tenant":
      return `whoever is of no tenant${exceptOf(term.except.map(describeSide))}`;
    case "group":
    case "tenant":
      return `${term.name}${exceptOf(term.except.map(describeSide))}`;
    case "namespace": {
      const names = `${term.matches.join(" & ")}${exceptOf(term.except)}`;
      return term.tenant === undefined ? `${names} of no tenant` : `${term.tenant}/${names}`;
    }
    case "network":
      return `${printPrefix(term.prefix)} of ${term.tenant ?? "no tenant"}`;
  }
}

export function describeTraffic(term: TrafficTerm): string {
  switch (term.kind) {
    case "all":
      return `all${exceptOf(term.except.map(describeTraffic))}`;
    case "service":
      return term.name;
    case "ports": {
      const { first, last, family } = term;
      const ports = first === last ? `${first}` : `${first}-${last}`;
      const name = `${ports}/${protocolName(term.protocol)}`;
      return family === undefined ? name : `${name} over IPv${family}`;
    }
    case "icmp":
      return term.type === undefined ? "icmp" : `icmp ${term.type}`;
    case "messages": {
      const name = term.family === 4 ? "ICMP of IPv4" : "ICMPv6";
      return `${name} ${messagesOf(term)}`;
    }
  }
}

/** `8/0`, `3`, `3 to 5`, `3/1 to 4/7`: type, and code where it is not all of them. */
function messagesOf({ first, last }: { readonly first: number; readonly last: number }): string {
  const isWhole = (first & 0xff) === 0 && (last & 0xff) === 0xff;
  const print = (selector: number) =>
    isWhole ? `${selector >> 8}` : `${selector >> 8}/${selector & 0xff}`;
  const [from, to] = [print(first), print(last)];
  return from === to ? from : `${from} to ${to}`;
}

/** `on pf1`, `on every rail`, `on every rail and across rails`, `at pf1 with pf2`. */
export function describeRails(views: readonly RailView[], all: readonly string[]): string {
  const same = views.filter(({ rail, other }) => rail === other).map(({ rail }) => rail);
  const across = views.filter(({ rail, other }) => rail !== other);
  const parts = [];
  if (same.length > 0)
    parts.push(same.length === all.length ? "on every rail" : `on ${same.join(", ")}`);
  if (across.length > 0) parts.push(describeAcross(across, all));
  return parts.join(" and ");
}

/** Every pair of some rails is named by the rails; others by whose bridge sees it, and where a side stands. */
function describeAcross(across: readonly RailView[], all: readonly string[]): string {
  const rails = [...new Set(across.map(({ rail }) => rail))];
  const isEveryPair =
    across.length === rails.length * (rails.length - 1) &&
    across.every(({ other }) => rails.includes(other));
  if (isEveryPair)
    return rails.length === all.length ? "across rails" : `across rails ${rails.join(", ")}`;
  return rails
    .map((rail) => {
      const others = across.filter((view) => view.rail === rail).map(({ other }) => other);
      return `at ${rail} to and from ${others.join(", ")}`;
    })
    .join(" and ");
}

export function describeCause({ how, version, rule }: Cause): string {
  switch (how) {
    case "allows":
      return "allowed by";
    case "no-longer-allows":
      return "was allowed by";
    case "denies":
      return "denied by";
    case "no-longer-denies":
      return "was denied by";
    case "ends":
      return `${version === "old" ? "old" : "new"} rule ends ${rule.until ?? ""}:`;
  }
}

/** `gpu-001 pf1: 12 added, 0 changed, 3 deleted, 1660 unchanged` */
export function countFlows({
  node,
  rail,
  added,
  changed,
  deleted,
  unchanged,
}: RailDifference): string {
  const counts = `${added.length} added, ${changed.length} changed, ${deleted.length} deleted`;
  return `${node} ${rail}: ${counts}, ${unchanged} unchanged`;
}

/** `252 megaflows in 10 masks -> 284 megaflows in 12 masks`, of legitimate traffic. */
export function describeCost({ cost: { before, after } }: Pick<RailChange, "cost">): string {
  return before.megaflows === after.megaflows && before.masks === after.masks
    ? `still ${tallyText(after)}`
    : `${tallyText(before)} -> ${tallyText(after)}`;
}

export interface OtherWords {
  /** `tenant changed`, `rule added, without effect`. */
  readonly words: string;
  /** Name or text of it; empty where it has none. */
  readonly text: string;
  readonly places: readonly string[];
}

export function describeOther(change: OtherChange): OtherWords {
  const { what, name, before, old, new: young } = change;
  const spans = [old, young].filter((span) => span !== undefined);
  const places = [...new Set(spans.map(printPlace))];
  switch (what) {
    case "rail":
    case "tenant":
    case "group":
    case "service":
    case "budget":
      return { words: `${what} ${change.change}`, text: name, places };
    case "test":
      return { words: `test ${change.change}`, text: `"${name}"`, places };
    case "rule":
      return { words: `rule ${change.change}, without effect:`, text: name, places };
    case "rule-clauses":
      return {
        words: "rule changed in owner, reason or last day:",
        text: `${name}; before: ${before ?? ""}`,
        places,
      };
  }
}

function exceptOf(words: readonly string[]): string {
  return words.length === 0 ? "" : ` (except ${words.join(", ")})`;
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
