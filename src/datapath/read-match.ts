/** The match of a megaflow: known keys become fields, unknown ones are reported with their place. */

import type { Port } from "../openflow/match.js";
import { type DatapathKey, groupKeys, plainKeys } from "./datapath-key.js";
import { readMasked } from "./datapath-value.js";
import { type Item, itemsIn, itemsOf, valueText } from "./item.js";
import type { DatapathField, DatapathMatch, NotUnderstood } from "./megaflow.js";

export interface MatchReading {
  readonly match: DatapathMatch;
  readonly notUnderstood: readonly NotUnderstood[];
}

interface Findings {
  inPort?: Port;
  readonly fields: DatapathField[];
  readonly notUnderstood: NotUnderstood[];
}

export function readMatch(text: string, start: number, end: number): MatchReading {
  const items = itemsIn(text, start, end);
  const found: Findings = { fields: [], notUnderstood: [] };
  for (const item of items) readItem(text, item, "", found);
  const recirculation = found.fields.find(({ name }) => name === "recirc_id");
  return {
    match: {
      recircId: Number(recirculation?.value ?? 0n),
      inPort: found.inPort,
      fields: found.fields,
      items,
    },
    notUnderstood: found.notUnderstood,
  };
}

/** The fields of `ipv4(src=…,dst=…)`, as in `set(ipv4(…))`; undefined for a key without such fields. */
export function readGroup(
  text: string,
  item: Item,
  notUnderstood: NotUnderstood[],
): DatapathField[] | undefined {
  if (!groupKeys.has(item.key) && !plainKeys.has(item.key)) return undefined;
  const found: Findings = { fields: [], notUnderstood };
  readItem(text, item, "", found);
  return found.fields;
}

function readItem(text: string, item: Item, prefix: string, found: Findings): void {
  const plain = plainKeys.get(item.key);
  const group = groupKeys.get(item.key);
  if (item.form !== "call") report(text, item, found);
  else if (plain !== undefined) readField(text, item, plain, prefix, found);
  else if (item.key === "mpls" && text.startsWith("(bad key length", item.valueStart)) return;
  else if (group !== undefined)
    for (const inner of itemsOf(text, item)) readMember(text, item, inner, group, prefix, found);
  else if (item.key === "in_port" && prefix === "") {
    const value = valueText(text, item);
    found.inPort = /^[0-9]+$/.test(value) ? Number(value) : value;
    if (value === "") report(text, item, found);
  } else if (item.key === "encap")
    // a tagged frame: what follows the tag stands inside
    for (const inner of itemsOf(text, item)) readItem(text, inner, `${prefix}encap.`, found);
  else report(text, item, found);
}

function readMember(
  text: string,
  parent: Item,
  inner: Item,
  group: ReadonlyMap<string, DatapathKey>,
  prefix: string,
  found: Findings,
): void {
  const key = group.get(inner.key);
  if (key !== undefined && (inner.form === "equals" || key.name === "tunnel.flags"))
    readField(text, inner, key, prefix, found);
  else if (parent.key === "tunnel" && tunnelOptions.has(inner.key) && inner.form === "call") {
    // kept as one whole: no OpenFlow field that railfence writes is in there
    const { start, end } = inner;
    const name = `tunnel.${inner.key}`;
    found.fields.push({ name, bits: 0, value: 0n, mask: 0n, place: { start, end } });
  } else report(text, inner, found);
}

const tunnelOptions: ReadonlySet<string> = new Set(["geneve", "vxlan", "erspan", "gtpu"]);

function readField(
  text: string,
  item: Item,
  key: DatapathKey,
  prefix: string,
  found: Findings,
): void {
  const read = readMasked(valueText(text, item), key.format, key.bits, key.flags);
  if (read === undefined) {
    report(text, item, found);
    return;
  }
  const { start, end } = item;
  const { field, bits } = key;
  const name = prefix + key.name;
  found.fields.push({ name, field, bits, ...read, place: { start, end } });
}

function report(text: string, { start, end }: Item, found: Findings): void {
  found.notUnderstood.push({
    part: "match",
    text: text.slice(start, end),
    place: { start, end },
  });
}
