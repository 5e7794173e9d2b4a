/** Sets of packets that agree in some bits: what a megaflow covers, and what is left of it in a table. */

import { type FieldName, fieldOf } from "../openflow/field.js";
import { printMasked } from "../openflow/print-value.js";

/** What is known of a field. Bits of `value` outside `mask` are zero and can be anything. */
export interface Bits {
  readonly value: bigint;
  readonly mask: bigint;
  /** Whose the unknown bits are: another field's after a `move`. */
  readonly from: FieldName;
}

/** A field that is absent is not known at all; registers and metadata begin as zero (ovs-fields(7)). */
export type Cube = ReadonlyMap<FieldName, Bits>;

export function bitsOf(cube: Cube, field: FieldName): Bits {
  return cube.get(field) ?? initialBits(field);
}

const initial = new Map<FieldName, Bits>();

function initialBits(field: FieldName): Bits {
  let bits = initial.get(field);
  if (bits === undefined) {
    const mask = isScratch(field) ? fieldOf(field).full : 0n;
    bits = { value: 0n, mask, from: field };
    initial.set(field, bits);
  }
  return bits;
}

/** Registers and metadata live only while the tables are walked. */
export function isScratch(field: FieldName): boolean {
  return field.startsWith("reg") || field === "metadata" || field === "conj_id";
}

/** The part of the cube in which those bits have that value. The bits must not be known to be otherwise. */
export function narrow(cube: Cube, field: FieldName, value: bigint, mask: bigint): Cube {
  const before = bitsOf(cube, field);
  if ((mask & ~before.mask) === 0n) return cube;
  const narrowed = new Map(cube);
  narrowed.set(field, {
    value: before.value | (value & mask),
    mask: before.mask | mask,
    from: before.from,
  });
  return narrowed;
}

export function withBits(cube: Cube, field: FieldName, bits: Bits): Cube {
  return new Map(cube).set(field, bits);
}

/** Fields that differ from what came in, as text that is equal for equal changes. */
export function changesBetween(before: Cube, after: Cube): string {
  const changes: string[] = [];
  for (const [field, now] of after) {
    if (isScratch(field)) continue;
    const was = bitsOf(before, field);
    if (was.value === now.value && was.mask === now.mask && now.from === field) continue;
    // a value set to what it was anyway changes nothing: OVS leaves such a set out
    if (now.mask === fieldOf(field).full && was.mask === now.mask && was.value === now.value)
      continue;
    const copied = now.mask === 0n || now.from !== field ? `(${now.from})` : "";
    const known = now.mask === 0n ? "" : printMasked(fieldOf(field), now.value, now.mask);
    changes.push(`${field}=${known}${now.mask === fieldOf(field).full ? "" : copied}`);
  }
  return changes.sort().join(" ");
}
