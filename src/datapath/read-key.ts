/** Reads `key(…)` by `key(…)`: known keys become fields, unknown ones are reported with their place. */

import type { Port } from "../openflow/match.js";
import {
  type DatapathKey,
  type GroupMember,
  groupKeys,
  type KeyGroup,
  plainKeys,
} from "./datapath-key.js";
import { ethernetLength, readMasked } from "./datapath-value.js";
import type { DatapathField, NotUnderstood, Place } from "./megaflow.js";

const open = 40;
const close = 41;
const comma = 44;
const slash = 47;
const equals = 61;

/** What OVS prints of an MPLS frame without a label: it forgets one bracket (odp-util.c, format_odp_key_attr__()). */
export const unclosed = "mpls((bad key length ";

const tunnelOptions: ReadonlySet<string> = new Set(["geneve", "vxlan", "erspan", "gtpu"]);

/** What was read since `begin`. */
export class KeyReader {
  fields: DatapathField[] = [];
  inPort: Port | undefined;
  notUnderstood: NotUnderstood[] = [];
  /** Of the fields, where somebody wants them. */
  places: Place[] | undefined;
  /** Brackets left open in the item that was found last. */
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  begin(notUnderstood: NotUnderstood[], places?: Place[]): void {
    this.fields = [];
    this.inPort = undefined;
    this.notUnderstood = notUnderstood;
    this.places = places;
  }

  /** `key(…),key(…)`: a match, or what stands inside `encap(…)`. */
  readKeys(start: number, end: number, prefix: string): void {
    for (let at = start; at < end; ) {
      const next = this.endOfItem(at, end);
      if (next > at) this.readItem(at, next, prefix);
      at = next + 1;
    }
  }

  /** What `endOfItem` found last. Where its brackets do not close, what it holds may be part of something else. */
  readItem(start: number, end: number, prefix: string): void {
    const slips = this.depth === 1 && this.text.slice(start, end).includes(unclosed);
    if (this.depth === 0 || slips) this.readKey(start, end, prefix);
    else this.report(start, end);
  }

  private readKey(start: number, end: number, prefix: string): void {
    const { text } = this;
    const bracket = this.find(open, start, end);
    // a bracket that OVS forgot to close is no reason to doubt the key (see `unclosed`)
    const isCall = bracket < end && text.charCodeAt(end - 1) === close;
    const key = isCall ? text.slice(start, bracket) : "";
    const from = bracket + 1;
    const to = end - 1;
    const group = groupKeys.get(key);
    const plain = plainKeys.get(key);
    if (plain !== undefined) this.readField(plain, from, to, start, end, prefix);
    else if (key === "mpls" && text.startsWith("(bad key length", from)) return;
    else if (group !== undefined) this.readGroup(group, from, to, prefix);
    // a tagged frame: what follows the tag stands inside
    else if (key === "encap") this.readKeys(from, to, `${prefix}encap.`);
    else if (key === "in_port" && prefix === "" && to > from) {
      const port = text.slice(from, to);
      this.inPort = /^[0-9]+$/.test(port) ? Number(port) : port;
    } else if (!this.isWildcardOfNewerKernel(key, from, to)) this.report(start, end);
  }

  /**
   * `key32(00 00/00 00)`: an attribute that OVS does not know the name of, with a mask of zeros. Linux 5.18 and newer
   * add the extension headers (OVS_KEY_ATTR_IPV6_EXTHDRS) to every IPv6 megaflow, and OVS 3.1 prints them so.
   */
  private isWildcardOfNewerKernel(key: string, start: number, end: number): boolean {
    return /^key[0-9]+$/.test(key) && /\/[0 ]+$/.test(this.text.slice(start, end));
  }

  private readGroup(group: KeyGroup, start: number, end: number, prefix: string): void {
    const { text } = this;
    let turn = 0;
    for (let at = start; at < end; ) {
      const expected = group.inOrder[turn++];
      if (expected !== undefined && text.startsWith(expected.label, at))
        at = this.readMember(expected, at, end, prefix) + 1;
      else {
        const next = this.endOfItem(at, end);
        const middle = this.find(equals, at, next);
        const key = middle < next ? group.byName.get(text.slice(at, middle)) : undefined;
        if (key === undefined) this.readOption(group, at, next, prefix);
        else this.readField(key, middle + 1, next, at, next, prefix);
        at = next + 1;
      }
    }
  }

  /** In one pass, for addresses are most of what differs between lines. Gives the member's end. */
  private readMember(
    { key, label }: GroupMember,
    start: number,
    limit: number,
    prefix: string,
  ): number {
    const { text } = this;
    const from = start + label.length;
    let slashAt = -1;
    let end = from;
    if (key.format === "ethernet" && text.charCodeAt(from + ethernetLength) === comma)
      end = Math.min(from + ethernetLength, limit);
    for (; end < limit; end++) {
      const code = text.charCodeAt(end);
      if (code > slash) continue;
      if (code === comma) break;
      if (code === slash && slashAt < 0) slashAt = end;
    }
    this.addField(key, from, slashAt < 0 ? end : slashAt, end, start, end, prefix);
    return end;
  }

  /** What stands in a group as `key(…)`: a tunnel's flags and options. */
  private readOption(group: KeyGroup, start: number, end: number, prefix: string): void {
    const bracket = this.find(open, start, end);
    const name = this.text.slice(start, bracket);
    const key = group.byName.get(name);
    const isTunnel = group.byName.has("tun_id") && this.text.charCodeAt(end - 1) === close;
    if (isTunnel && key !== undefined && key.flags !== undefined)
      this.readField(key, bracket + 1, end - 1, start, end, prefix);
    else if (isTunnel && tunnelOptions.has(name))
      // kept as one whole: no OpenFlow field that railfence writes is in there
      this.add(
        { name: `tunnel.${name}`, field: undefined, bits: 0, value: 0n, mask: 0n },
        start,
        end,
      );
    else this.report(start, end);
  }

  private readField(
    key: DatapathKey,
    from: number,
    to: number,
    start: number,
    end: number,
    prefix: string,
  ): void {
    this.addField(key, from, this.find(slash, from, to), to, start, end, prefix);
  }

  private addField(
    key: DatapathKey,
    from: number,
    middle: number,
    to: number,
    start: number,
    end: number,
    prefix: string,
  ): void {
    const read = readMasked(this.text, from, middle, to, key);
    if (read === undefined) this.report(start, end);
    else {
      const name = prefix === "" ? key.name : prefix + key.name;
      const { field, bits } = key;
      this.add({ name, field, bits, value: read.value, mask: read.mask }, start, end);
    }
  }

  private add(field: DatapathField, start: number, end: number): void {
    this.fields.push(field);
    this.places?.push({ start, end });
  }

  private report(start: number, end: number): void {
    const text = this.text.slice(start, end);
    this.notUnderstood.push({ part: "match", text, place: { start, end } });
  }

  private find(wanted: number, start: number, end: number): number {
    let at = start;
    while (at < end && this.text.charCodeAt(at) !== wanted) at++;
    return at;
  }

  /** The comma after the item, outside of brackets, or the end. */
  endOfItem(start: number, end: number): number {
    let depth = 0;
    let at = start;
    for (; at < end; at++) {
      const code = this.text.charCodeAt(at);
      if (code > comma) continue;
      if (code === open) depth++;
      else if (code === close) depth--;
      else if (code === comma && depth <= 0) break;
    }
    this.depth = depth;
    return at;
  }
}
