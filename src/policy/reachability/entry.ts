/** One entry of a difference: regions in the names of a policy, and why they differ. */

import type { Family } from "../../net/address.js";
import type { CheckedPolicy } from "../checked-policy.js";
import type { Atom } from "./atom.js";
import { type Cause, causesOf } from "./causes.js";
import type { Comparison, Row } from "./cells.js";
import type { Cell, Reach } from "./judge.js";
import type { RailView } from "./rail-views.js";
import type { Bundle, Region } from "./regions.js";
import { SideNames } from "./side-names.js";
import { keyOfTerm, type SideTerm } from "./side-term.js";
import { type TrafficTerm, trafficTerms } from "./traffic-terms.js";

export interface ReachEntry {
  readonly openers: readonly SideTerm[];
  /** `<->`: what the one side opens to the other, and the other to the one. `each`: every tenant of the openers with itself. */
  readonly way: "->" | "<->" | "each";
  readonly answerers: readonly SideTerm[];
  readonly services: readonly TrafficTerm[];
  /** Ascending. */
  readonly rails: readonly RailView[];
  readonly causes: readonly Cause[];
}

export function keyOfEntry({ openers, way, answerers, services, rails }: ReachEntry): string {
  const sides = [openers, answerers].map((terms) => terms.map(keyOfTerm).join(" | "));
  return [...sides, way, JSON.stringify([rails, services])].join(" | ");
}

export class EntryWriter {
  readonly #comparison: Comparison;
  readonly #policy: CheckedPolicy;
  readonly #way: "gained" | "lost";
  readonly #sides: SideNames;
  readonly #rows: ReadonlyMap<number, Row>;
  readonly #named = new Map<string, readonly SideTerm[]>();

  constructor(comparison: Comparison, policy: CheckedPolicy, way: "gained" | "lost") {
    this.#comparison = comparison;
    this.#policy = policy;
    this.#way = way;
    const atoms = comparison.kinds.all.flatMap((kind) => kind.atoms);
    this.#sides = new SideNames(policy, way === "gained" ? "new" : "old", atoms);
    this.#rows = new Map(comparison.rows.map((row) => [row.opener, row]));
  }

  isTenant(kinds: readonly number[]): boolean {
    return this.#sides.isTenant(this.#atomsOf(kinds));
  }

  entryOf({ way, regions }: Bundle, after: string | undefined): ReachEntry {
    const [first] = regions;
    const openers = way === "each" ? this.#termsOfTenants(regions) : this.#termsOf(first.openers);
    const { rails, traffic } = this.#comparison;
    return {
      openers,
      way,
      answerers: way === "each" ? openers : this.#termsOf(first.answerers),
      services: trafficTerms(
        this.#policy,
        traffic.trafficOf(first.traffic),
        this.#familiesOf(regions),
      ),
      rails: first.rails.flatMap((number) => rails[number] ?? []).sort(compareViews),
      causes: this.#causesOf(regions, after),
    };
  }

  #termsOf(kinds: readonly number[]): readonly SideTerm[] {
    const key = kinds.join();
    const known = this.#named.get(key) ?? this.#sides.termsOf(this.#atomsOf(kinds));
    this.#named.set(key, known);
    return known;
  }

  #termsOfTenants(regions: readonly Region[]): readonly SideTerm[] {
    return this.#sides.termsOfTenants(this.#atomsOf(regions.flatMap(({ openers }) => openers)));
  }

  #atomsOf(kinds: readonly number[]): ReadonlySet<Atom> {
    const { all } = this.#comparison.kinds;
    return new Set(kinds.flatMap((kind) => all[kind]?.atoms ?? []));
  }

  #causesOf(regions: readonly Region[], after: string | undefined): Cause[] {
    const { reachOf, traffic } = this.#comparison;
    const cells = new Set<Cell>();
    let reach: Reach = 0n;
    for (const region of regions) {
      for (const rail of region.rails) reach |= region.traffic << BigInt(rail * traffic.count);
      for (const opener of region.openers) {
        const row = this.#rows.get(opener);
        for (const answerer of region.answerers) {
          const cell = row?.cells.get(answerer) ?? row?.others;
          if (cell !== undefined) cells.add(cell);
        }
      }
    }
    return causesOf(this.#way, cells, reach, after, reachOf);
  }

  /** In which some pair of the regions can meet. */
  #familiesOf(regions: readonly Region[]): ReadonlySet<Family> {
    const { all } = this.#comparison.kinds;
    const found = new Set<Family>();
    for (const { openers, answerers } of regions)
      for (const opener of openers)
        for (const answerer of answerers) {
          const one = all[opener];
          const other = all[answerer];
          for (const family of [4, 6] as const)
            if (one?.families.has(family) && other?.families.has(family)) found.add(family);
          if (found.size === 2) return found;
        }
    return found;
  }
}

function compareViews(one: RailView, other: RailView): number {
  const texts = [one, other].map(({ rail, other: elsewhere }) => `${rail} ${elsewhere}`);
  const [first = "", second = ""] = texts;
  return first < second ? -1 : first > second ? 1 : 0;
}
