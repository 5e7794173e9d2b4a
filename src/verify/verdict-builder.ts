/** Collects what was seen of one rail, rule by rule. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { Megaflow } from "../datapath/megaflow.js";
import type { Rule } from "../policy/checked-policy.js";
import {
  type ConnectionVerdict,
  type Finding,
  type OffloadState,
  type RailVerdict,
  type RuleVerdict,
  statesFromBest,
  type Tally,
  type Wrong,
  wrongsFromBad,
} from "./verdict.js";

export class VerdictBuilder {
  readonly #compiled: CompiledRail;
  readonly #rules = new Map<string, Seen>();
  readonly #duties = new Map<string, Counter>();
  readonly #denied = new Counter();
  readonly #deniedOutside: ConnectionVerdict[] = [];
  readonly #findings: Finding[] = [];
  #elsewhere = 0;

  constructor(compiled: CompiledRail) {
    this.#compiled = compiled;
    for (const provenance of compiled.provenance.values())
      if (provenance.kind === "rules")
        for (const rule of provenance.rules)
          if (rule.effect === "allow")
            this.#rules.set(rule.id, { rule, connections: [], wrong: -1 });
  }

  addConnection(rule: Rule, connection: ConnectionVerdict): void {
    this.#seen(rule).connections.push(connection);
  }

  /** A megaflow of its traffic that is not as it should be; the finding says which. */
  addWrong(rule: Rule, wrong: Wrong): void {
    const seen = this.#seen(rule);
    seen.wrong = Math.max(seen.wrong, wrongsFromBad.indexOf(wrong));
  }

  addDuty(duty: string, megaflow: Megaflow, state: OffloadState, isConfirmed: boolean): void {
    const counter = this.#duties.get(duty) ?? new Counter();
    counter.add(megaflow, state, isConfirmed);
    this.#duties.set(duty, counter);
  }

  addDenied(connection: ConnectionVerdict): void {
    const { megaflow, state, confirmation } = connection;
    this.#denied.add(megaflow, state, confirmation?.kind === "confirmed");
    if (state !== "offloaded") this.#deniedOutside.push(connection);
  }

  addFinding(finding: Finding): void {
    // true of the whole dump: once is enough
    if (isAboutDump(finding) && this.#findings.some(({ kind }) => kind === finding.kind)) return;
    this.#findings.push(finding);
  }

  countElsewhere(): void {
    this.#elsewhere++;
  }

  #seen(rule: Rule): Seen {
    const seen = this.#rules.get(rule.id) ?? { rule, connections: [], wrong: -1 };
    this.#rules.set(rule.id, seen);
    return seen;
  }

  build(): Omit<RailVerdict, "unread" | "use"> {
    const { node, rail, ports } = this.#compiled;
    return {
      node,
      rail,
      bridge: ports.bridge,
      rules: [...this.#rules.values()].sort(byPlace).map(ruleVerdict),
      duties: [...this.#duties]
        .map(([duty, counter]) => ({ duty, tally: counter.tally() }))
        .sort((one, other) => (one.duty < other.duty ? -1 : 1)),
      denied: this.#denied.tally(),
      deniedOutside: this.#deniedOutside,
      elsewhere: this.#elsewhere,
      findings: this.#findings,
    };
  }
}

interface Seen {
  readonly rule: Rule;
  readonly connections: ConnectionVerdict[];
  /** Index in `wrongsFromBad`, or -1. */
  wrong: number;
}

function isAboutDump({ kind }: Finding): boolean {
  return kind === "no-offload-state" || kind === "unnamed-port";
}

function ruleVerdict({ rule, connections, wrong }: Seen): RuleVerdict {
  const counter = new Counter();
  let worst = -1;
  for (const { megaflow, state, confirmation } of connections) {
    counter.add(megaflow, state, confirmation?.kind === "confirmed");
    worst = Math.max(worst, statesFromBest.indexOf(state));
  }
  const state = wrongsFromBad[wrong] ?? statesFromBest[worst] ?? "idle";
  return { rule, state, tally: counter.tally(), connections };
}

function byPlace(one: { rule: Rule }, other: { rule: Rule }): number {
  const [first, second] = [one.rule.span, other.rule.span];
  if (first.source.name !== second.source.name)
    return first.source.name < second.source.name ? -1 : 1;
  return first.start - second.start;
}

class Counter {
  #megaflows = 0;
  #packets = 0;
  #confirmed = 0;
  readonly #states: Record<OffloadState, number> = {
    offloaded: 0,
    partial: 0,
    "accepted-only": 0,
    "software-tc": 0,
    "software-ovs": 0,
  };

  add(megaflow: Megaflow, state: OffloadState, isConfirmed: boolean): void {
    this.#megaflows++;
    this.#packets += megaflow.packets;
    this.#states[state]++;
    if (isConfirmed) this.#confirmed++;
  }

  tally(): Tally {
    return {
      megaflows: this.#megaflows,
      packets: this.#packets,
      states: { ...this.#states },
      confirmed: this.#confirmed,
    };
  }
}
