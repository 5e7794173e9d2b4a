/**
 * The same policy in other sentences, that may cost less. The compiler keeps apart what different rules allow, so that
 * every megaflow has its rules: where two sentences say the same, or one thing in two parts, traffic is cut more finely
 * than what it means.
 */

import { intersectTraffic, isNoTraffic } from "../../net/traffic.js";
import type { CheckedPolicy, Rule } from "../../policy/checked-policy.js";
import { compareReach, isSameReach } from "../../policy/reachability/compare-policies.js";
import { TooManyKinds } from "../../policy/reachability/pod-atoms.js";
import { compareSpans } from "../../policy/report.js";
import { rewrittenPolicy } from "./rewritten-policy.js";
import { partsOf, printParts, type SentenceParts } from "./sentence-parts.js";

/** Sentences in the place of some rules; none: the rules are left out. */
export interface Rewording {
  readonly rules: readonly Rule[];
  readonly texts: readonly string[];
}

/** Of the rules that cost most. */
const mostRules = 6;
/** Two policies of 2,000 sentences are compared in half a second. */
const mostCompared = 20_000;

/** `rules` are those of the rail, the dearest first. */
export function rewordings(policy: CheckedPolicy, rules: readonly Rule[]): Rewording[] {
  try {
    return [...joined(rules), ...withoutRepeats(policy, rules)].filter(
      ({ rules: replaced, texts }) => isSame(policy, replaced, texts),
    );
  } catch (error) {
    // nothing is said rather than something untrue
    if (error instanceof TooManyKinds) return [];
    throw error;
  }
}

/** Rules that differ in their services alone, or in one of their sides: one sentence. */
function joined(rules: readonly Rule[]): Rewording[] {
  const groups = new Map<string, { rules: Rule[]; parts: SentenceParts[] }>();
  for (const rule of [...rules].sort((a, b) => compareSpans(a.span, b.span))) {
    const parts = partsOf(rule);
    if (parts === undefined) continue;
    for (const key of keysOf(parts)) {
      const group = groups.get(key) ?? { rules: [], parts: [] };
      group.rules.push(rule);
      group.parts.push(parts);
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .filter((group) => group.rules.length > 1)
    .map((group) => ({ rules: group.rules, texts: [printParts(united(group.parts))] }));
}

function keysOf({ effect, sides, services, rails, rest }: SentenceParts): string[] {
  const list = (words: readonly string[]) => [...words].sort().join();
  const same = [effect, rails === undefined ? "" : list(rails), ...rest].join(" ");
  if (sides.kind === "each") return [`${same} | ${sides.text}`];
  const { openers, arrow, answerers } = sides;
  const [from, to, what] = [list(openers), list(answerers), list(services)];
  return [
    `${same} | ${from} ${arrow} ${to} :`,
    `${same} | ${from} ${arrow} : ${what}`,
    `${same} | ${arrow} ${to} : ${what}`,
  ];
}

function united(parts: readonly SentenceParts[]): SentenceParts {
  const [first] = parts as [SentenceParts];
  const all = (words: (one: SentenceParts) => readonly string[]) => [
    ...new Set(parts.flatMap(words)),
  ];
  const { sides } = first;
  const side = (which: "openers" | "answerers") =>
    all((one) => (one.sides.kind === "pair" ? one.sides[which] : []));
  return {
    ...first,
    services: all(({ services }) => services),
    sides:
      sides.kind === "each"
        ? sides
        : { ...sides, openers: side("openers"), answerers: side("answerers") },
  };
}

/** Each rule service by service, and of each only what no other sentence says. */
function withoutRepeats(policy: CheckedPolicy, rules: readonly Rule[]): Rewording[] {
  let left = Math.floor(mostCompared / policy.rules.length);
  const found: Rewording[] = [];
  for (const rule of rules.slice(0, mostRules)) {
    const parts = partsOf(rule);
    // a denial that takes nothing away today is there for tomorrow's allowances
    if (parts === undefined || rule.effect === "deny" || !isPerhapsRepeated(policy, rule)) continue;
    const pieces = parts.services.map((service): SentenceParts[] => [
      { ...parts, services: [service] },
    ]);
    let isLess = false;
    for (const [at, piece] of pieces.entries())
      for (let less = lessOf(piece); less.length > 0; ) {
        const [next, ...others] = less as [SentenceParts[], ...SentenceParts[][]];
        if (left-- <= 0) return found;
        if (isSame(policy, [rule], textsOf(pieces.with(at, next)))) {
          pieces[at] = next;
          isLess = true;
          less = lessOf(next);
        } else less = others;
      }
    if (isLess) found.push({ rules: [rule], texts: textsOf(pieces) });
  }
  return found;
}

/** Whether another rule of the same effect has some of its traffic on one of its rails. */
function isPerhapsRepeated(policy: CheckedPolicy, rule: Rule): boolean {
  return policy.rules.some(
    (other) =>
      other !== rule &&
      other.effect === rule.effect &&
      other.rails.some((rail) => rule.rails.includes(rail)) &&
      ([4, 6] as const).some(
        (family) => !isNoTraffic(intersectTraffic(other[family], rule[family])),
      ),
  );
}

/** Without the whole of it, or without one of its sides' selectors. */
function lessOf([piece]: readonly SentenceParts[]): SentenceParts[][] {
  if (piece === undefined) return [];
  const { sides } = piece;
  if (sides.kind === "each") return [[]];
  const without = (side: "openers" | "answerers") =>
    sides[side].length < 2
      ? []
      : sides[side].map((one): SentenceParts[] => [
          { ...piece, sides: { ...sides, [side]: sides[side].filter((other) => other !== one) } },
        ]);
  return [[], ...without("openers"), ...without("answerers")];
}

/** Services of the same sides are one sentence again. */
function textsOf(pieces: readonly (readonly SentenceParts[])[]): string[] {
  const bySides = new Map<string, SentenceParts>();
  for (const piece of pieces.flat()) {
    const key = JSON.stringify(piece.sides);
    const known = bySides.get(key);
    const services = [...(known?.services ?? []), ...piece.services];
    bySides.set(key, { ...piece, services });
  }
  return [...bySides.values()].map(printParts);
}

function isSame(policy: CheckedPolicy, rules: readonly Rule[], texts: readonly string[]): boolean {
  const changed = rewrittenPolicy(policy, rules, texts);
  return changed !== undefined && isSameReach(compareReach(policy, changed.policy));
}
