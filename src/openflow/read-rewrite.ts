/** Actions that write fields, read from text (ovs-actions(7), "Field Modification Actions"). */

import type { Action } from "./action.js";
import { type Field, type FieldName, fieldOf } from "./field.js";
import { findActionField } from "./read-match.js";
import { readExact, readMasked, readNumber } from "./read-value.js";

export function readSetField(text: string): Action | undefined {
  const arrow = text.indexOf("->");
  if (arrow < 0) return undefined;
  const field = settable(findActionField(text.slice(arrow + 2)));
  const bits = field === undefined ? undefined : readMasked(field, text.slice(0, arrow));
  if (field === undefined || bits === undefined) return undefined;
  return setting(field, bits.value, bits.mask);
}

export function readLoad(text: string): Action | undefined {
  const arrow = text.indexOf("->");
  if (arrow < 0) return undefined;
  const target = readSubfield(text.slice(arrow + 2));
  const value = readNumber(text.slice(0, arrow));
  if (target === undefined || value === undefined) return undefined;
  const { field, first, bits } = target;
  if (settable(field.name) === undefined || value >> BigInt(bits) !== 0n) return undefined;
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(first);
  return setting(field, (value << BigInt(first)) & field.full, mask & field.full);
}

export function readMove(text: string): Action | undefined {
  const arrow = text.indexOf("->");
  if (arrow < 0) return undefined;
  const from = readSubfield(text.slice(0, arrow));
  const to = readSubfield(text.slice(arrow + 2));
  if (from === undefined || to === undefined || settable(to.field.name) === undefined)
    return undefined;
  const isWhole = from.isWhole && to.isWhole && from.bits === to.bits;
  return isWhole ? { kind: "move", from: from.field.name, to: to.field.name } : undefined;
}

export function readModify(name: FieldName, text: string): Action | undefined {
  const field = fieldOf(name);
  const value = readExact(field, text);
  return value === undefined ? undefined : { kind: "set", field: name, value };
}

function setting(field: Field, value: bigint, mask: bigint): Action {
  return mask === field.full
    ? { kind: "set", field: field.name, value }
    : { kind: "set", field: field.name, value, mask };
}

// what the packet *is* cannot be written, only what it holds (ovs-fields(7), "Access: read-only")
function settable(name: FieldName | undefined): Field | undefined {
  switch (name) {
    case undefined:
    case "conj_id":
    case "dl_type":
    case "nw_proto":
    case "nw_frag":
    case "tcp_flags":
      return undefined;
    default:
      return fieldOf(name);
  }
}

interface Subfield {
  readonly field: Field;
  readonly first: number;
  readonly bits: number;
  readonly isWhole: boolean;
}

/** `NAME[]`, `NAME[5]`, `NAME[0..3]` (ovs-actions(7), "Subfields"). */
function readSubfield(text: string): Subfield | undefined {
  const found = /^([A-Za-z0-9_]+)\[(?:([0-9]+)(?:\.\.([0-9]+))?)?\]$/.exec(text);
  if (found === null) return undefined;
  const name = findActionField(found[1] as string);
  if (name === undefined) return undefined;
  const field = fieldOf(name);
  const width = field.full.toString(2).length;
  const first = found[2] === undefined ? 0 : Number(found[2]);
  const last =
    found[3] === undefined ? (found[2] === undefined ? width - 1 : first) : Number(found[3]);
  if (first > last || last >= width) return undefined;
  const bits = last - first + 1;
  return { field, first, bits, isWhole: bits === width };
}
