/** Where the parts of the compiler put their flows: one concept of priority, cookie and register value for all. */

import type { Action } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import { type MatchSpec, matchOf } from "../openflow/match-spec.js";
import type { Rule } from "../policy/checked-policy.js";
import type { Provenance, Table } from "./compiled-rail.js";
import { cookieOfDuty, cookieOfRules } from "./cookie.js";
import { register } from "./rail-tables.js";

/** Why a flow is there: the rules that allow its traffic, or a duty of the fence itself. */
export type Why = readonly Rule[] | string;

/** Cookies and register values of one rail. They depend on names alone, so other tenants never move them. */
export class Names {
  readonly provenance = new Map<bigint, Provenance>();
  readonly #cookies = new Map<string, bigint>();
  readonly #values = new Map<string, number>();
  readonly #taken = new Map<number, string>();
  /** What several parts of a rail share, by a label that says all that it depends on. */
  readonly shared = new Map<string, readonly Flow[]>();

  cookieOf(why: Why): bigint {
    const key = typeof why === "string" ? why : why.map((rule) => rule.id).join(" ");
    const known = this.#cookies.get(key);
    if (known !== undefined) return known;
    const cookie = typeof why === "string" ? cookieOfDuty(why) : cookieOfRules(why);
    this.provenance.set(
      cookie,
      typeof why === "string" ? { kind: "fence", duty: why } : { kind: "rules", rules: why },
    );
    this.#cookies.set(key, cookie);
    return cookie;
  }

  /**
   * A register value that stands for the label. Invariant (no two labels share a value): a hash that is taken moves
   * on to the next free number, for two parties with one value would share their rights.
   */
  valueOf(label: string): number {
    const known = this.#values.get(label);
    if (known !== undefined) return known;
    let value = hashOf(label);
    while (value === 0 || this.#taken.has(value)) value = (value + 1) >>> 0;
    this.#values.set(label, value);
    this.#taken.set(value, label);
    return value;
  }
}

export class FlowSink {
  readonly names: Names;
  readonly flows: Flow[] = [];
  /** Labels in `names.shared`: flows that other parts may need, too, and that the rail has once. */
  readonly shared = new Set<string>();

  constructor(names: Names) {
    this.names = names;
  }

  add(table: Table, priority: number, spec: MatchSpec, actions: readonly Action[], why: Why): void {
    this.flows.push({
      table: table.number,
      priority,
      cookie: this.names.cookieOf(why),
      match: matchOf(spec),
      actions,
    });
  }

  /** Flows that depend on nothing but what the label says. */
  share(label: string, build: (sink: FlowSink) => void): void {
    this.shared.add(label);
    if (this.names.shared.has(label)) return;
    const sink = new FlowSink(this.names);
    build(sink);
    this.names.shared.set(label, sink.flows);
  }

  goTo(table: Table): Action {
    return { kind: "goto", table: table.number };
  }

  /** Sets a register to the value that stands for the label. */
  mark(index: keyof typeof register, label: string): Action {
    return {
      kind: "set",
      field: `reg${register[index]}`,
      value: BigInt(this.names.valueOf(label)),
    };
  }

  /** The register match for such a mark. */
  marked(marks: Partial<Record<keyof typeof register, string>>): {
    readonly [index: number]: number;
  } {
    const values: Record<number, number> = {};
    for (const [name, label] of Object.entries(marks))
      values[register[name as keyof typeof register]] = this.names.valueOf(label);
    return values;
  }
}

/** FNV-1a, 32 bits, with a final mix (murmur3's) so that names with a common beginning spread. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
