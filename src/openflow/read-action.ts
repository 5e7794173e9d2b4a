/** Action lists read from text. */

import { type Action, drop } from "./action.js";
import { type Field, type FieldName, fieldOf } from "./field.js";
import { findActionField } from "./read-match.js";
import { readPort } from "./read-port.js";
import { readExact, readMasked, readNumber, readSmallNumber } from "./read-value.js";

/** `text` is what follows `actions=`. What is not understood stays as text, in its place. */
export function readActions(text: string): readonly Action[] {
  if (text === "drop") return drop;
  const texts = splitActions(text);
  return texts.map(
    (part, index) =>
      readAction(part, index === texts.length - 1) ?? { kind: "unknown", text: part },
  );
}

/** The pieces between commas that stand in no parentheses and no quotes. */
export function splitActions(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 34) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (code === 40) depth++;
    else if (code === 41) depth--;
    else if (code === 44 && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function readAction(text: string, isLast: boolean): Action | undefined {
  const colon = text.indexOf(":");
  const paren = text.indexOf("(");
  if (paren >= 0 && (colon < 0 || paren < colon))
    return text.startsWith("resubmit(") && text.endsWith(")")
      ? readResubmit(text.slice(9, -1))
      : readConjunction(text);
  if (colon < 0 || text.startsWith('"')) return readBarePort(text);
  const rest = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case "output":
      return readOutput(rest);
    case "goto_table":
      return isLast ? readGoto(rest) : undefined;
    case "set_field":
      return readSetField(rest);
    case "load":
      return readLoad(rest);
    case "move":
      return readMove(rest);
    case "resubmit": {
      const port = readPort(rest);
      return port === undefined ? undefined : { kind: "resubmit", port };
    }
    case "mod_dl_src":
      return readModify("dl_src", rest);
    case "mod_dl_dst":
      return readModify("dl_dst", rest);
    case "mod_nw_src":
      return readModify("nw_src", rest);
    case "mod_nw_dst":
      return readModify("nw_dst", rest);
    case "mod_nw_ttl":
      return readModify("nw_ttl", rest);
    default:
      return undefined;
  }
}

// a bare name is an action that railfence does not know (`dec_ttl`, `NORMAL`) before it is a port
function readBarePort(text: string): Action | undefined {
  if (text !== "LOCAL" && text !== "IN_PORT" && !/^("|[0-9])/.test(text)) return undefined;
  return readOutput(text);
}

function readOutput(text: string): Action | undefined {
  // `output:reg0` takes the port from a register
  if (/^reg[0-9]+$|^(NXM|OXM)_/.test(text)) return undefined;
  const port = readPort(text);
  return port === undefined ? undefined : { kind: "output", port };
}

function readGoto(text: string): Action | undefined {
  const table = readSmallNumber(text);
  return table === undefined || table > 254 ? undefined : { kind: "goto", table };
}

function readResubmit(inside: string): Action | undefined {
  const [portText = "", tableText = "", more] = inside.split(",");
  if (more !== undefined) return undefined;
  const port = portText === "" ? undefined : readPort(portText);
  const table = tableText === "" ? undefined : readSmallNumber(tableText);
  if (portText !== "" && port === undefined) return undefined;
  if (tableText !== "" && (table === undefined || table > 254)) return undefined;
  return {
    kind: "resubmit",
    ...(port === undefined ? {} : { port }),
    ...(table === undefined ? {} : { table }),
  };
}

function readConjunction(text: string): Action | undefined {
  const [, idText, dimensionText, ofText] =
    /^conjunction\(([0-9]{1,10}),([0-9]{1,2})\/([0-9]{1,2})\)$/.exec(text) ?? [];
  if (idText === undefined) return undefined;
  const id = BigInt(idText);
  const [dimension, of] = [Number(dimensionText), Number(ofText)];
  // parse_CONJUNCTION() in lib/ofp-actions.c
  const isValid = id <= 0xffffffffn && of >= 2 && of <= 64 && dimension >= 1 && dimension <= of;
  return isValid ? { kind: "conjunction", id, dimension, of } : undefined;
}

function readSetField(text: string): Action | undefined {
  const arrow = text.indexOf("->");
  if (arrow < 0) return undefined;
  const field = settable(findActionField(text.slice(arrow + 2)));
  const bits = field === undefined ? undefined : readMasked(field, text.slice(0, arrow));
  if (field === undefined || bits === undefined) return undefined;
  return setting(field, bits.value, bits.mask);
}

function readLoad(text: string): Action | undefined {
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

function readMove(text: string): Action | undefined {
  const arrow = text.indexOf("->");
  if (arrow < 0) return undefined;
  const from = readSubfield(text.slice(0, arrow));
  const to = readSubfield(text.slice(arrow + 2));
  if (from === undefined || to === undefined || settable(to.field.name) === undefined)
    return undefined;
  const isWhole = from.isWhole && to.isWhole && from.bits === to.bits;
  return isWhole ? { kind: "move", from: from.field.name, to: to.field.name } : undefined;
}

function readModify(name: FieldName, text: string): Action | undefined {
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
