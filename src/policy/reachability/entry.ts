/** One entry of a difference: regions in the names of a policy, and why they differ. */

import type { Family } from "../../net/address.js";
import type { CheckedPolicy } from "../checked-policy.js";
import type { Atom } from "./atom.js";
import type { CoveredBundle } from "./broad-cover.js";
import { type Cause, causesOf } from "./causes.js";
import type { Comparison, Row } from "./cells.js";
import type { Cell, Reach } from "./judge.js";
import type { RailView } from "./rail-views.js";
import type { Bundle, Region } from "./regions.js";
import { SideNames } from "./side-names.js";
import { keyOfTerm, type SideTerm } from "./side-term.js";
import { type TrafficTerm, trafficTerms } from "./traffic-terms.js";

/** Who opens to whom. */
export interface PairTerms {
  readonly openers: readonly SideTerm[];
  /** `<->`: what either side opens to the other. `each`: every tenant of the openers with itself. */
  readonly way: "->" | "<->" | "each";
  readonly answerers: readonly SideTerm[];
}

export interface ReachEntry extends PairTerms {
  /** Pairs that are not meant. */
  readonly except: readonly PairTerms[];
  readonly services: readonly TrafficTerm[];
  /** Ascending. */
  readonly rails: readonly RailView[];
  readonly causes: readonly Cause[];
}

export function keyOfEntry({ except, services, rails, ...pair }: ReachEntry): string {
  return [keyOfPair(pair), JSON.stringify([rails, services]), ...except.map(keyOfPair)].join(" | ");
}

function keyOfPair({ openers, way, answerers }: PairTerms): string {
  const sides = [openers, answerers].map((terms) => terms.map(keyOfTerm).join(" | "));
  return `${sides.join(" | ")} | ${way}`;
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

  entryOf(
    { bundle, holes }: CoveredBundle,
    reachOfCell: (cell: Cell) => Reach,
    after: string | undefined,
  ): ReachEntry {
    const { regions } = bundle;
    const [first] = regions;
    const { rails, traffic } = this.#comparison;
    return {
      ...this.#pairOf(bundle),
      except: holes.map((hole) => this.#pairOf(hole)),
      services: trafficTerms(
        this.#policy,
        traffic.trafficOf(first.traffic),
        this.#familiesOf(regions),
      ),
      rails: first.rails.flatMap((number) => rails[number] ?? []).sort(compareViews),
      causes: this.#causesOf(regions, reachOfCell, after),
    };
  }

  #pairOf({ way, regions }: Bundle): PairTerms {
    const [first] = regions;
    if (way !== "each")
      return {
        openers: this.#termsOf(first.openers),
        way,
        answerers: this.#termsOf(first.answerers),
      };
    const tenants = this.#termsOfTenants(regions);
    return { openers: tenants, way, answerers: tenants };
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

  #causesOf(
    regions: readonly [Region, ...Region[]],
    reachOfCell: (cell: Cell) => Reach,
    after: string | undefined,
  ): Cause[] {
    const { reachOf, traffic } = this.#comparison;
    const cells = new Set<Cell>();
    const reach = regions[0].rails.reduce(
      (sum, rail) => sum | (regions[0].traffic << BigInt(rail * traffic.count)),
      0n,
    );
    for (const region of regions) {
      for (const opener of region.openers) {
        const row = this.#rows.get(opener);
        for (const answerer of region.answerers) {
          const cell = row?.cells.get(answerer) ?? row?.others;
          if (cell !== undefined) cells.add(cell);
        }
      }
    }
    // cells of holes have another reach
    const meant = [...cells].filter((cell) => (reachOfCell(cell) & reach) !== 0n);
    return causesOf(this.#way, meant, reach, after, reachOf);
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
