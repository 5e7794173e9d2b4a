/** The match of a megaflow: known keys become fields, unknown ones are reported with their place. */

import type { FieldName } from "../openflow/field.js";
import type { Port } from "../openflow/match.js";
import { type DatapathKey, groupKeys, plainKeys } from "./datapath-key.js";
import { readMasked } from "./datapath-value.js";
import { type Item, itemsIn } from "./item.js";
import type { DatapathField, DatapathMatch, NotUnderstood, Place } from "./megaflow.js";

export interface MatchReading {
  readonly match: DatapathMatch;
  readonly notUnderstood: readonly NotUnderstood[];
}

const open = 40;
const close = 41;
const comma = 44;
const equals = 61;

export function readMatch(text: string, start: number, end: number): MatchReading {
  const reader = new MatchReader(text);
  reader.readKeys(start, end, "");
  return { match: new LineMatch(reader, start, end), notUnderstood: reader.notUnderstood };
}

/** The fields of `ipv4(src=…,dst=…)`, as in `set(ipv4(…))`; undefined for a key without such fields. */
export function readGroup(
  text: string,
  item: Item,
  notUnderstood: NotUnderstood[],
): DatapathField[] | undefined {
  if (!groupKeys.has(item.key) && !plainKeys.has(item.key)) return undefined;
  const reader = new MatchReader(text, notUnderstood);
  reader.readKeys(item.start, item.end, "");
  return reader.fields;
}

class LineMatch implements DatapathMatch {
  readonly recircId: number;
  readonly inPort: Port | undefined;
  readonly fields: readonly DatapathField[];
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;

  constructor({ text, fields, inPort }: MatchReader, start: number, end: number) {
    this.recircId = Number(fields.find(({ name }) => name === "recirc_id")?.value ?? 0n);
    this.inPort = inPort;
    this.fields = fields;
    this.#text = text;
    this.#start = start;
    this.#end = end;
  }

  get items(): readonly Item[] {
    return itemsIn(this.#text, this.#start, this.#end);
  }
}

/** A line has some thirty of them, so each is one object and no more. */
class PlacedField implements DatapathField {
  readonly name: string;
  readonly field: FieldName | undefined;
  readonly bits: number;
  readonly value: bigint;
  readonly mask: bigint;
  readonly #start: number;
  readonly #end: number;

  constructor(
    { name, field, bits }: Pick<DatapathKey, "name" | "field" | "bits">,
    { value, mask }: { readonly value: bigint; readonly mask: bigint },
    start: number,
    end: number,
  ) {
    this.name = name;
    this.field = field;
    this.bits = bits;
    this.value = value;
    this.mask = mask;
    this.#start = start;
    this.#end = end;
  }

  get place(): Place {
    return { start: this.#start, end: this.#end };
  }
}

const tunnelOptions: ReadonlySet<string> = new Set(["geneve", "vxlan", "erspan", "gtpu"]);
const noBits = { value: 0n, mask: 0n };

class MatchReader {
  readonly text: string;
  inPort: Port | undefined;
  readonly fields: DatapathField[] = [];
  readonly notUnderstood: NotUnderstood[];

  constructor(text: string, notUnderstood: NotUnderstood[] = []) {
    this.text = text;
    this.notUnderstood = notUnderstood;
  }

  /** `key(…),key(…)`: the level of the match itself, and that inside `encap(…)`. */
  readKeys(start: number, end: number, prefix: string): void {
    for (let at = start; at < end; ) {
      const next = this.#endOfItem(at, end);
      if (next > at) this.#readKey(at, next, prefix);
      at = next + 1;
    }
  }

  #readKey(start: number, end: number, prefix: string): void {
    const { text } = this;
    const bracket = this.#find(open, start, end);
    // a bracket that OVS forgot to close is no reason to doubt the key (see read-megaflows.ts)
    const isCall = bracket < end && text.charCodeAt(end - 1) === close;
    const key = isCall ? text.slice(start, bracket) : "";
    const from = bracket + 1;
    const to = end - 1;
    const plain = plainKeys.get(key);
    const group = groupKeys.get(key);
    if (plain !== undefined) this.#readField(plain, from, to, start, end, prefix);
    else if (key === "mpls" && text.startsWith("(bad key length", from)) return;
    else if (group !== undefined) this.#readGroup(group, from, to, prefix);
    // a tagged frame: what follows the tag stands inside
    else if (key === "encap") this.readKeys(from, to, `${prefix}encap.`);
    else if (key === "in_port" && prefix === "" && to > from) {
      const port = text.slice(from, to);
      this.inPort = /^[0-9]+$/.test(port) ? Number(port) : port;
    } else this.#report(start, end);
  }

  #readGroup(
    group: ReadonlyMap<string, DatapathKey>,
    start: number,
    end: number,
    prefix: string,
  ): void {
    const { text } = this;
    for (let at = start; at < end; ) {
      const next = this.#endOfItem(at, end);
      const middle = this.#find(equals, at, next);
      const key = middle < next ? group.get(text.slice(at, middle)) : undefined;
      if (key !== undefined) this.#readField(key, middle + 1, next, at, next, prefix);
      else this.#readOption(group, at, next, prefix);
      at = next + 1;
    }
  }

  /** What stands in a group as `key(…)`: a tunnel's flags and options. */
  #readOption(
    group: ReadonlyMap<string, DatapathKey>,
    start: number,
    end: number,
    prefix: string,
  ): void {
    const bracket = this.#find(open, start, end);
    const name = this.text.slice(start, bracket);
    const key = group.get(name);
    const isTunnel = group.has("tun_id") && this.text.charCodeAt(end - 1) === close;
    if (isTunnel && key !== undefined && key.flags !== undefined)
      this.#readField(key, bracket + 1, end - 1, start, end, prefix);
    else if (isTunnel && tunnelOptions.has(name)) {
      // kept as one whole: no OpenFlow field that railfence writes is in there
      const option = { name: `tunnel.${name}`, bits: 0 };
      this.fields.push(new PlacedField(option, noBits, start, end));
    } else this.#report(start, end);
  }

  #readField(
    key: DatapathKey,
    from: number,
    to: number,
    start: number,
    end: number,
    prefix: string,
  ): void {
    const read = readMasked(this.text, from, to, key);
    if (read === undefined) {
      this.#report(start, end);
      return;
    }
    const named = prefix === "" ? key : { ...key, name: prefix + key.name };
    this.fields.push(new PlacedField(named, read, start, end));
  }

  #report(start: number, end: number): void {
    const text = this.text.slice(start, end);
    this.notUnderstood.push({ part: "match", text, place: { start, end } });
  }

  #find(wanted: number, start: number, end: number): number {
    let at = start;
    while (at < end && this.text.charCodeAt(at) !== wanted) at++;
    return at;
  }

  /** The comma after the item, outside of brackets, or the end. */
  #endOfItem(start: number, end: number): number {
    let depth = 0;
    for (let at = start; at < end; at++) {
      const code = this.text.charCodeAt(at);
      if (code > comma) continue;
      if (code === open) depth++;
      else if (code === close) depth--;
      else if (code === comma && depth <= 0) return at;
    }
    return end;
  }
}
