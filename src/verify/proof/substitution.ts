/**
 * What the fields of a packet are after some actions, in terms of the packet as it came in: a constant, the bits of a
 * field, or some of each. Actions only change this, never the set of packets; equal substitutions are one value.
 */

import { fieldsInOrder } from "../../openflow/field.js";
import { isScratchField } from "./header-bits.js";

/** Bits in `mask` are those of `value`; the others are those of field `from` as it came in. */
export interface FieldBits {
  readonly value: bigint;
  readonly mask: bigint;
  readonly from: number;
}

export interface Substitution {
  readonly id: number;
  /** Fields that are not as in the kind of packet; `field` is its place in `fieldsInOrder`. */
  readonly changed: ReadonlyMap<number, FieldBits>;
}

export class Substitutions {
  readonly #initial: readonly FieldBits[];
  readonly #known = new Map<string, Substitution>();
  readonly #all: Substitution[] = [];
  readonly unchanged: Substitution;

  /** `constant` gives the fields that are the same in every packet of the kind; registers begin as zero. */
  constructor(constant: ReadonlyMap<number, bigint>) {
    this.#initial = fieldsInOrder.map(({ full }, field) => {
      const value = isScratchField(field) ? 0n : constant.get(field);
      if (value !== undefined) return { value, mask: full, from: field };
      return { value: 0n, mask: 0n, from: field };
    });
    this.unchanged = this.#intern(new Map());
  }

  at(id: number): Substitution {
    return this.#all[id] as Substitution;
  }

  bitsOf(substitution: Substitution, field: number): FieldBits {
    return substitution.changed.get(field) ?? (this.#initial[field] as FieldBits);
  }

  initialBits(field: number): FieldBits {
    return this.#initial[field] as FieldBits;
  }

  /** Bits of `value` outside `mask` are zero. */
  set(before: Substitution, field: number, value: bigint, mask: bigint): Substitution {
    const now = this.bitsOf(before, field);
    return this.assign(before, field, {
      value: (now.value & ~mask) | value,
      mask: now.mask | mask,
      from: now.from,
    });
  }

  move(before: Substitution, from: number, to: number): Substitution {
    return this.assign(before, to, this.bitsOf(before, from));
  }

  /** Without those fields, which become as they were in the beginning. */
  forget(before: Substitution, isForgotten: (field: number) => boolean): Substitution {
    let isAny = false;
    for (const field of before.changed.keys()) if (isForgotten(field)) isAny = true;
    if (!isAny) return before;
    return this.#intern(new Map([...before.changed].filter(([field]) => !isForgotten(field))));
  }

  assign(before: Substitution, field: number, bits: FieldBits): Substitution {
    const { full } = fieldsInOrder[field] as { full: bigint };
    // a value that is known whole comes from nowhere
    const now = (bits.mask & full) === full ? { ...bits, from: field } : bits;
    const changed = new Map(before.changed);
    if (isSame(now, this.initialBits(field))) changed.delete(field);
    else changed.set(field, now);
    return this.#intern(changed);
  }

  #intern(changed: ReadonlyMap<number, FieldBits>): Substitution {
    const sorted = [...changed].sort(([one], [other]) => one - other);
    const key = sorted
      .map(
        ([field, { value, mask, from }]) =>
          `${field}:${value.toString(36)}/${mask.toString(36)}@${from}`,
      )
      .join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made: Substitution = { id: this.#all.length, changed: new Map(sorted) };
    this.#known.set(key, made);
    this.#all.push(made);
    return made;
  }
}

function isSame(one: FieldBits, other: FieldBits): boolean {
  return one.value === other.value && one.mask === other.mask && one.from === other.from;
}
