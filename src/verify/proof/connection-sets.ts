/**
 * What two classes of address may open at each other, sentence by sentence: everything that some allow covers, without
 * all that some deny does. Sets of connections are diagrams over the IP protocol and a number of 16 bits, which stands
 * at the destination port's bits: the port, ICMP's type and code, or zero.
 */

import type { Family } from "../../net/address.js";
import type { Traffic } from "../../net/traffic.js";
import type { CheckedPolicy, Rule, Selector } from "../../policy/checked-policy.js";
import { matchesGlob } from "../../policy/glob.js";
import type { AddressClass } from "./address-classes.js";
import { everything, type Node, nothing } from "./diagram.js";
import type { HeaderSets } from "./header-sets.js";

/** A rule that covers a class as opener, and whom it lets it reach. */
interface Opened {
  readonly rule: Rule;
  readonly answerers: readonly Selector[];
}

export class ConnectionSets {
  readonly #sets: HeaderSets;
  readonly #rail: string;
  readonly #rules: readonly Rule[];
  readonly #opened = new Map<number, readonly Opened[]>();
  readonly #traffic = new Map<Traffic, Node>();
  readonly #open = new Map<string, Node>();

  constructor(sets: HeaderSets, policy: CheckedPolicy, rail: string) {
    this.#sets = sets;
    this.#rail = rail;
    this.#rules = policy.rules.filter((rule) => rule.rails.includes(rail));
  }

  open(opener: AddressClass, answerer: AddressClass, family: Family): Node {
    const key = `${opener.id} ${answerer.id} ${family}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const { operations } = this.#sets;
    let allowed: Node = nothing;
    let denied: Node = nothing;
    for (const { rule, answerers } of this.#openedBy(opener)) {
      if (!this.#reaches(rule, answerer)) continue;
      if (!answerers.some((selector) => covers(selector, answerer))) continue;
      const traffic = this.#trafficOf(rule[family]);
      if (rule.effect === "allow") allowed = operations.or(allowed, traffic);
      else denied = operations.or(denied, traffic);
    }
    const open = operations.without(allowed, denied);
    this.#open.set(key, open);
    return open;
  }

  /** Whether one of them may open anything at the other. */
  meet(one: AddressClass, other: AddressClass, family: Family): boolean {
    return this.open(one, other, family) !== nothing || this.open(other, one, family) !== nothing;
  }

  #openedBy(opener: AddressClass): readonly Opened[] {
    let opened = this.#opened.get(opener.id);
    if (opened !== undefined) return opened;
    opened = this.#rules.flatMap((rule) => {
      if (!this.#reaches(rule, opener)) return [];
      const answerers = rule.clauses
        .filter((clause) => covers(clause.opener, opener))
        .map((clause) => clause.answerer);
      return answerers.length === 0 ? [] : [{ rule, answerers }];
    });
    this.#opened.set(opener.id, opened);
    return opened;
  }

  /** A deny cuts wherever a side stands; an allow opens another rail only where it says so. */
  #reaches(rule: Rule, { stands }: AddressClass): boolean {
    if (rule.effect === "deny" || stands === undefined || stands === this.#rail) return true;
    return rule.acrossRails && rule.rails.includes(stands);
  }

  #trafficOf(traffic: Traffic): Node {
    const known = this.#traffic.get(traffic);
    if (known !== undefined) return known;
    const rows = [...traffic.protocols].map(([protocol, intervals]) => ({
      values: [BigInt(protocol)],
      result: intervals.reduce<Node>(
        (set, { first, last }) =>
          this.#sets.operations.or(set, this.#sets.range("tp_dst", BigInt(first), BigInt(last))),
        nothing,
      ),
    }));
    const rest = traffic.rest ? everything : nothing;
    const set = this.#sets.table([["nw_proto", 0xffn]], rows, rest);
    this.#traffic.set(traffic, set);
    return set;
  }
}

function covers(selector: Selector, { tenant, namespace }: AddressClass): boolean {
  if (selector.kind === "any") return true;
  if (tenant !== selector.tenant) return false;
  if (selector.kind === "tenant") return true;
  return namespace !== undefined && matchesGlob(selector.namespace, namespace);
}
