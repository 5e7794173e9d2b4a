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
} from "./verdict.js";

export class VerdictBuilder {
  readonly #compiled: CompiledRail;
  readonly #rules = new Map<string, { rule: Rule; connections: ConnectionVerdict[] }>();
  readonly #duties = new Map<string, Counter>();
  readonly #denied = new Counter();
  readonly #findings: Finding[] = [];
  #elsewhere = 0;

  constructor(compiled: CompiledRail) {
    this.#compiled = compiled;
    for (const provenance of compiled.provenance.values())
      if (provenance.kind === "rules")
        for (const rule of provenance.rules)
          if (rule.effect === "allow") this.#rules.set(rule.id, { rule, connections: [] });
  }

  addConnection(rule: Rule, connection: ConnectionVerdict): void {
    const known = this.#rules.get(rule.id) ?? { rule, connections: [] };
    known.connections.push(connection);
    this.#rules.set(rule.id, known);
  }

  addDuty(duty: string, megaflow: Megaflow, state: OffloadState): void {
    const counter = this.#duties.get(duty) ?? new Counter();
    counter.add(megaflow, state);
    this.#duties.set(duty, counter);
  }

  addDenied(megaflow: Megaflow, state: OffloadState): void {
    this.#denied.add(megaflow, state);
  }

  addFinding(finding: Finding): void {
    this.#findings.push(finding);
  }

  countElsewhere(): void {
    this.#elsewhere++;
  }

  build(): RailVerdict {
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
      elsewhere: this.#elsewhere,
      findings: this.#findings,
    };
  }
}

function ruleVerdict({
  rule,
  connections,
}: {
  rule: Rule;
  connections: readonly ConnectionVerdict[];
}): RuleVerdict {
  const counter = new Counter();
  let worst = -1;
  for (const { megaflow, state } of connections) {
    counter.add(megaflow, state);
    worst = Math.max(worst, statesFromBest.indexOf(state));
  }
  return { rule, state: statesFromBest[worst] ?? "idle", tally: counter.tally(), connections };
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
  readonly #states: Record<OffloadState, number> = {
    offloaded: 0,
    partial: 0,
    "software-tc": 0,
    "software-ovs": 0,
  };

  add(megaflow: Megaflow, state: OffloadState): void {
    this.#megaflows++;
    this.#packets += megaflow.packets;
    this.#states[state]++;
  }

  tally(): Tally {
    return { megaflows: this.#megaflows, packets: this.#packets, states: { ...this.#states } };
  }
}
