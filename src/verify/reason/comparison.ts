/**
 * What the megaflows of a rail that are in hardware tell of those that are not. A driver that refuses without a word still
 * shows by what it takes: if it has taken one that asks for as much and more, neither match nor action is to blame.
 */

import type { Megaflow, Place } from "../../datapath/megaflow.js";
import { type Trait, traitsOf } from "./traits.js";

export interface Compared {
  readonly megaflow: Megaflow;
  readonly isInHardware: boolean;
}

export type Conclusion =
  /** `alike` that ask for as much and more are in hardware: what is missing is room. */
  | { readonly kind: "no-room"; readonly alike: number }
  /** All that were refused have these parts, and none of the `others`, which are in hardware, has one. */
  | {
      readonly kind: "refused-part";
      readonly parts: readonly [Place, ...Place[]];
      readonly refused: number;
      readonly others: number;
    };

/** Ports that are known to be like any other of the NIC's switch, and so no reason to refuse. */
export type IsOrdinaryPort = (port: string) => boolean;

export class Comparison {
  readonly #inHardware: readonly Shape[];
  readonly #refused: readonly Shape[];
  readonly #isOrdinary: IsOrdinaryPort;

  constructor(megaflows: readonly Compared[], isOrdinaryPort: IsOrdinaryPort) {
    this.#isOrdinary = isOrdinaryPort;
    const shapes = (wanted: boolean) =>
      shapesOf(
        megaflows
          .filter(({ isInHardware }) => isInHardware === wanted)
          .map(({ megaflow }) => traitsOf(megaflow, isOrdinaryPort)),
      );
    this.#inHardware = shapes(true);
    this.#refused = shapes(false);
  }

  /** Undefined where nothing is in hardware to compare with, or the comparison does not decide. */
  conclude(megaflow: Megaflow): Conclusion | undefined {
    const traits = traitsOf(megaflow, this.#isOrdinary);
    const alike = this.#countTaken(new Set(traits.map(({ name }) => name)));
    if (alike > 0) return { kind: "no-room", alike };
    // one that lacks room lacks nothing else, and the same may hold for this one
    if (this.#refused.some(({ names }) => this.#countTaken(names) > 0))
      return { kind: "no-room", alike: 0 };
    return this.#refusedPart(traits);
  }

  #refusedPart(traits: readonly Trait[]): Conclusion | undefined {
    const others = sum(this.#inHardware.map(({ count }) => count));
    const [first, ...more] = traits.filter(
      ({ name }) =>
        !this.#inHardware.some(({ names }) => names.has(name)) &&
        this.#refused.every(({ names }) => names.has(name)),
    );
    if (others === 0 || first === undefined) return undefined;
    return {
      kind: "refused-part",
      parts: [first.place, ...more.map(({ place }) => place)],
      refused: sum(this.#refused.map(({ count }) => count)),
      others,
    };
  }

  #countTaken(wanted: ReadonlySet<string>): number {
    const taken = this.#inHardware.filter(({ names }) =>
      [...wanted].every((one) => names.has(one)),
    );
    return sum(taken.map(({ count }) => count));
  }
}

/** Megaflows with the same traits. */
interface Shape {
  readonly names: ReadonlySet<string>;
  readonly count: number;
}

function shapesOf(megaflows: readonly (readonly Trait[])[]): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const traits of megaflows) {
    const names = new Set(traits.map(({ name }) => name));
    const key = [...names].sort().join("\n");
    shapes.set(key, { names, count: (shapes.get(key)?.count ?? 0) + 1 });
  }
  return [...shapes.values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
