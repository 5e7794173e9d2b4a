/**
 * Allows of `all` that cost more than they seem to. OpenFlow has no mask for the IP protocol: as soon as a pod that may
 * use `all` towards some may use less towards others, each of the 256 protocols is a megaflow of its own for each
 * destination. Judged for IPv4; over IPv6 neighbour discovery tells the protocols apart whatever the policy says.
 */

import { icmpEcho, protocol } from "../net/protocol.js";
import {
  holdsTraffic,
  intersectTraffic,
  isAllTraffic,
  isNoTraffic,
  noTraffic,
  selectorsOf,
  subtractTraffic,
  type Traffic,
  uniteTraffic,
} from "../net/traffic.js";
import type { RuleSentence } from "../syntax/tree.js";
import type { LabelRole } from "../text/diagnostic.js";
import type { CheckedPolicy, Clause, Rule, Selector } from "./checked-policy.js";
import { compareSpans, type Report } from "./report.js";
import { canMeet, coversSide, printSide, type Side, type Sides, sidesOf } from "./sides.js";

/**
 * Groups with groups can make a million clauses, and `any` twenty thousand stakes for each pod: this is a warning, and no
 * check may wait for it. Beyond this nothing is said.
 */
const mostClauses = 100_000;
const mostLooks = 3_000_000;

/** One warning for each sentence, at its `all`, with a label at the first rule that is narrower. */
export function reportAllBesideNarrower(
  sentences: readonly RuleSentence[],
  policy: CheckedPolicy,
  report: Report,
): void {
  if (policy.rules.reduce((sum, { clauses }) => sum + clauses.length, 0) > mostClauses) return;
  const rules = new Map(policy.rules.map((rule) => [rule.span, rule]));
  let judge: Judge | undefined;
  for (const sentence of sentences) {
    const all = sentence.services.find(({ kind }) => kind === "all");
    const rule = rules.get(sentence.span);
    if (sentence.effect !== "allow" || all === undefined || rule === undefined) continue;
    judge ??= new Judge(policy);
    const found = judge.besideOf(rule);
    if (found === undefined) continue;
    const { side, narrower, role } = found;
    const span = narrower === rule ? sentence.sides.span : narrower.span;
    report({
      code: "all-beside-narrower",
      pod: printSide(side, 4),
      span: all.span,
      labels: [{ span, role }],
    });
  }
}

interface Narrower {
  readonly narrower: Rule;
  readonly role: LabelRole;
}

/** What one side may send on one rail. */
interface Verdict {
  /** The rules by which it may use `all`, or what denies leave of it, towards somebody. */
  readonly wide: ReadonlySet<Rule>;
  /** In the order of their places. */
  readonly narrower: readonly Narrower[];
}

interface Stake {
  readonly rule: Rule;
  readonly opens: boolean;
  readonly own: Selector;
  readonly counterpart: Selector;
}

class Judge {
  readonly #policy: CheckedPolicy;
  readonly #sides: Sides;
  /** By tenant; `any` is the empty name. */
  readonly #stakes = new Map<string, Stake[]>();
  readonly #known = new Map<string, Map<Side, Verdict>>();
  #looks = 0;

  constructor(policy: CheckedPolicy) {
    this.#policy = policy;
    this.#sides = sidesOf(policy);
    for (const rule of policy.rules)
      for (const { opener, answerer } of rule.clauses) {
        this.#file({ rule, opens: true, own: opener, counterpart: answerer });
        this.#file({ rule, opens: false, own: answerer, counterpart: opener });
      }
  }

  besideOf(rule: Rule): (Narrower & { side: Side }) | undefined {
    const openers = rule.clauses.map(({ opener }: Clause) => opener);
    // nothing is said rather than something untrue
    if (this.#sides.tooManyIn(openers) !== undefined) return undefined;
    const pods = this.#sides.coveredBy(openers).filter(({ kind }) => kind === "namespace");
    for (const rail of rule.rails)
      for (const side of pods) {
        const { wide, narrower } = this.#verdictOf(rail, side);
        const first = wide.has(rule) ? narrower[0] : undefined;
        if (first !== undefined) return { ...first, side };
      }
    return undefined;
  }

  #verdictOf(rail: string, side: Side): Verdict {
    const ofRail = this.#known.get(rail) ?? new Map<Side, Verdict>();
    this.#known.set(rail, ofRail);
    const known = ofRail.get(side) ?? this.#judge(rail, side);
    ofRail.set(side, known);
    return known;
  }

  #judge(rail: string, side: Side): Verdict {
    const nothing = { wide: new Set<Rule>(), narrower: [] };
    if (this.#looks > mostLooks) return nothing;
    const stakes = namesOf(side)
      .flatMap((name) => this.#stakes.get(name) ?? [])
      .filter(({ rule, own }) => rule.rails.includes(rail) && coversSide(own, side));
    this.#looks += stakes.length;
    const isOpen = stakes.some(
      ({ rule, opens }) => opens && rule.effect === "allow" && rule[4].rest,
    );
    const wide = new Set<Rule>();
    const narrower = new Map<Rule, LabelRole>();
    const standings = stakes.some(({ rule }) => rule.acrossRails) ? this.#policy.rails : [rail];
    for (const other of isOpen ? this.#counterpartsOf(stakes) : [])
      for (const standing of standings) {
        if (!canMeet(side, other, 4) || (standing !== rail && other.kind === "network")) continue;
        this.#looks += stakes.length;
        if (this.#looks > mostLooks) return nothing;
        const speaking = stakes.filter(
          ({ rule, counterpart }) =>
            coversSide(counterpart, other) &&
            (standing === rail || rule.effect === "deny" || isAcrossTo(rule, standing)),
        );
        judgePair(speaking, wide, narrower);
      }
    return {
      wide,
      narrower: [...narrower]
        .map(([rule, role]) => ({ narrower: rule, role }))
        .sort((one, another) => compareSpans(one.narrower.span, another.narrower.span)),
    };
  }

  /** All sides of the tenants that are named, and a stranger for those whom `any` alone covers. */
  #counterpartsOf(stakes: readonly Stake[]): readonly Side[] {
    const named = new Set<string>();
    let isAny = false;
    for (const { counterpart } of stakes)
      if (counterpart.kind === "any") isAny = true;
      else named.add(counterpart.tenant);
    const tenants = [...named].map((tenant): Selector => ({ kind: "tenant", tenant }));
    if (tenants.some((tenant) => this.#sides.tooManyIn([tenant]) !== undefined)) return [];
    return [...this.#sides.coveredBy(tenants), ...(isAny ? [{ kind: "stranger" } as const] : [])];
  }

  #file(stake: Stake): void {
    const name = stake.own.kind === "any" ? "" : stake.own.tenant;
    const stakes = this.#stakes.get(name);
    if (stakes === undefined) this.#stakes.set(name, [stake]);
    else stakes.push(stake);
  }
}

/** The rules about a side and one other, as seen from the side. */
function judgePair(stakes: readonly Stake[], wide: Set<Rule>, narrower: Map<Rule, LabelRole>) {
  const forward = allowances(stakes, true);
  const back = allowances(stakes, false);
  const note = (rule: Rule, role: LabelRole) => {
    if (!narrower.has(rule)) narrower.set(rule, role);
  };
  for (const { rule, traffic } of forward) {
    if (traffic.rest) wide.add(rule);
    if (isAllTraffic(traffic)) continue;
    if (!traffic.rest) note(rule, "narrower-here");
    for (const deny of stakes)
      if (traffic.rest && deny.opens && deny.rule.effect === "deny")
        if (!isNoTraffic(intersectTraffic(deny.rule[4], rule[4])))
          note(deny.rule, "takes-out-here");
  }
  const mayUseAll = forward.some(({ traffic }) => traffic.rest);
  for (const { rule, traffic } of back) {
    // the answer to an echo is a type of its own; that of TCP is looked at where nothing wider passes
    const echoes = holdsTraffic(traffic, protocol.icmp, icmpEcho.request << 8);
    const answersTcp = selectorsOf(traffic, protocol.tcp).length > 0;
    const isForward = forward.some((other) => other.rule === rule);
    if (!isForward && (echoes || (answersTcp && !mayUseAll))) note(rule, "only-answered-here");
  }
}

/** What each allow still gives after every deny. */
function allowances(
  stakes: readonly Stake[],
  opens: boolean,
): { readonly rule: Rule; readonly traffic: Traffic }[] {
  const speaking = [...new Set(stakes.filter((each) => each.opens === opens).map((s) => s.rule))];
  const denied = speaking
    .filter(({ effect }) => effect === "deny")
    .reduce((sum, rule) => uniteTraffic(sum, rule[4]), noTraffic);
  return speaking
    .filter(({ effect }) => effect === "allow")
    .map((rule) => ({ rule, traffic: subtractTraffic(rule[4], denied) }))
    .filter(({ traffic }) => !isNoTraffic(traffic));
}

function isAcrossTo({ acrossRails, rails }: Rule, standing: string): boolean {
  return acrossRails && rails.includes(standing);
}

/** Where clauses that may cover a side are found. */
function namesOf(side: Side): readonly string[] {
  return side.kind === "stranger" ? [""] : [side.tenant, ""];
}
