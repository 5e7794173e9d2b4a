/** Matches read from text, one `key=value` or keyword at a time. */

import { protocol } from "../net/protocol.js";
import { etherTypes, type FieldName, fieldOf, fieldsInOrder, findField } from "./field.js";
import type { FieldMatch, Match, Port } from "./match.js";
import { ipv6Type, isMet, type Need, needOf } from "./prerequisite.js";
import { readPort } from "./read-port.js";
import { readMasked, readNumber } from "./read-value.js";

/** What one piece of a match says; none of the three where it is not understood. */
interface Piece {
  readonly text: string;
  readonly fields?: readonly Placed[];
  readonly port?: Port;
}

/** A field's match with its place in the fixed order and what it needs. */
interface Placed {
  readonly match: FieldMatch;
  readonly index: number;
  readonly needs: Need;
  readonly text: string;
  /** For `icmp_type` and `icmp_code`, which mean other fields in IPv6. */
  readonly inIpv6?: Placed;
}

const noPieces: readonly string[] = [];

/**
 * Collects the pieces of one match after the other. Pieces are remembered by their text, because the flows of a
 * switch say the same few things over and over.
 */
export class MatchReader {
  readonly #pieces = new Map<string, Piece>();
  #placed: Placed[] = [];
  #port: Port | undefined;
  #unknown: readonly string[] = noPieces;

  /** `key` is empty for a keyword such as `ip`. */
  add(text: string, key: string, value: string | undefined): void {
    let piece = this.#pieces.get(text);
    if (piece === undefined) {
      // a dump of distinct addresses would otherwise be kept whole
      if (this.#pieces.size >= 50_000) this.#pieces.clear();
      piece = readPiece(text, key, value);
      this.#pieces.set(text, piece);
    }
    if (piece.fields !== undefined) for (const field of piece.fields) this.#place(field);
    else if (piece.port !== undefined) this.#port = piece.port;
    else this.#unknown = [...this.#unknown, text];
  }

  /** The match so far; the next one begins. */
  finish(): Match {
    const placed = this.#placed;
    const port = this.#port;
    const fields = this.#checked(placed);
    const unknown = this.#unknown;
    this.#placed = [];
    this.#port = undefined;
    this.#unknown = noPieces;
    if (unknown.length === 0) return port === undefined ? { fields } : { inPort: port, fields };
    return port === undefined ? { fields, unknown } : { inPort: port, fields, unknown };
  }

  // Insertion keeps the fixed order; most text comes in it.
  #place(field: Placed): void {
    const placed = this.#placed;
    let at = placed.length;
    while (at > 0 && (placed[at - 1] as Placed).index > field.index) at--;
    const before = placed[at - 1];
    if (before !== undefined && before.index === field.index)
      placed[at - 1] = field.match.field === "vlan_tci" ? bothTags(before, field) : field;
    else if (at === placed.length) placed.push(field);
    else placed.splice(at, 0, field);
  }

  /** Drops to "unknown" what OVS would drop silently: a field without what it needs. */
  #checked(placed: Placed[]): FieldMatch[] {
    const fields: FieldMatch[] = [];
    let type = 0n;
    let upper = -1n;
    let icmpType = -1n;
    for (let part of placed) {
      const need = part.needs;
      if (need !== "nothing") {
        if (type === ipv6Type && part.inIpv6 !== undefined) part = part.inIpv6;
        if (!isMet(part.needs, type, upper, icmpType)) {
          this.#unknown = [...this.#unknown, part.text];
          continue;
        }
      }
      const { match } = part;
      if (match.field === "dl_type") type = match.mask === 0xffffn ? match.value : 0n;
      else if (match.field === "nw_proto") upper = match.value;
      else if (match.field === "icmpv6_type") icmpType = match.value;
      if (match.mask !== 0n) fields.push(match);
    }
    return fields;
  }
}

function bothTags(one: Placed, other: Placed): Placed {
  const mask = one.match.mask | other.match.mask;
  const value = one.match.value | other.match.value;
  return { ...other, match: { field: "vlan_tci", value, mask } };
}

function place(field: FieldName, value: bigint, mask: bigint, text: string): Placed {
  const placed = {
    match: { field, value, mask },
    index: fieldOf(field).index,
    needs: needOf(field),
    text,
  };
  if (field === "icmp_type") return { ...placed, inIpv6: place("icmpv6_type", value, mask, text) };
  if (field === "icmp_code") return { ...placed, inIpv6: place("icmpv6_code", value, mask, text) };
  return placed;
}

function readPiece(text: string, key: string, value: string | undefined): Piece {
  if (value === undefined) {
    const layer = Object.hasOwn(keywords, key) ? keywords[key] : undefined;
    if (layer === undefined) return { text };
    const [type, number] = layer;
    const fields = [place("dl_type", BigInt(type), 0xffffn, text)];
    if (number !== undefined) fields.push(place("nw_proto", BigInt(number), 0xffn, text));
    return { text, fields };
  }
  if (key === "in_port") {
    const port = readPort(value);
    return port === undefined ? { text } : { text, port };
  }
  const tag = readTag(key, value, text);
  if (tag !== undefined) return { text, fields: [tag] };
  if (key === "ip_dscp") {
    const bits = readNumber(value);
    return bits === undefined || bits > 63n
      ? { text }
      : { text, fields: [place("nw_tos", bits << 2n, 0xfcn, text)] };
  }
  const field = findField(aliases.get(key) ?? key);
  const bits = field === undefined ? undefined : readMasked(field, value);
  if (field === undefined || bits === undefined) return { text };
  return { text, fields: [place(field.name, bits.value, bits.mask, text)] };
}

/** `dl_vlan`, `dl_vlan_pcp` and `vlan_vid` are parts of `vlan_tci` (ovs-fields(7), "VLAN"). */
function readTag(key: string, value: string, text: string): Placed | undefined {
  const number = readNumber(value);
  if (number === undefined) return undefined;
  if (key === "dl_vlan" && number === 0xffffn) return place("vlan_tci", 0n, 0x1fffn, text);
  if (key === "dl_vlan" && number <= 0xfffn)
    return place("vlan_tci", 0x1000n | number, 0x1fffn, text);
  if ((key === "dl_vlan_pcp" || key === "vlan_pcp") && number <= 7n)
    return place("vlan_tci", 0x1000n | (number << 13n), 0xf000n, text);
  if (key === "vlan_vid" && number <= 0x1fffn) return place("vlan_tci", number, 0x1fffn, text);
  return undefined;
}

const keywords: { readonly [word: string]: readonly [etherType: number, protocol?: number] } = {
  ip: [etherTypes.ipv4],
  icmp: [etherTypes.ipv4, protocol.icmp],
  tcp: [etherTypes.ipv4, protocol.tcp],
  udp: [etherTypes.ipv4, protocol.udp],
  sctp: [etherTypes.ipv4, protocol.sctp],
  ipv6: [etherTypes.ipv6],
  ip6: [etherTypes.ipv6],
  icmp6: [etherTypes.ipv6, protocol.icmpv6],
  tcp6: [etherTypes.ipv6, protocol.tcp],
  udp6: [etherTypes.ipv6, protocol.udp],
  sctp6: [etherTypes.ipv6, protocol.sctp],
  arp: [etherTypes.arp],
  rarp: [etherTypes.rarp],
  mpls: [0x8847],
  mplsm: [0x8848],
};

/** Other names of ovs-fields(7), NXM and OXM names among them. */
const aliases: ReadonlyMap<string, FieldName> = new Map([
  ...fieldsInOrder.flatMap((field) =>
    field.nxmName === undefined ? [] : [[field.nxmName, field.name] as const],
  ),
  ...fieldsInOrder.map((field) => [field.setName, field.name] as const),
  ["ip_proto", "nw_proto"],
  ["ip_ecn", "nw_ecn"],
  ["icmpv4_type", "icmp_type"],
  ["icmpv4_code", "icmp_code"],
  ["tcp_src", "tp_src"],
  ["tcp_dst", "tp_dst"],
  ["udp_src", "tp_src"],
  ["udp_dst", "tp_dst"],
  ["sctp_src", "tp_src"],
  ["sctp_dst", "tp_dst"],
]);

/** The field that an action calls so, or nothing; `tcp_dst` and its like depend on the match and are left alone. */
export function findActionField(name: string): FieldName | undefined {
  const alias = aliases.get(name) ?? (findField(name)?.name || undefined);
  return alias === "tp_src" || alias === "tp_dst" ? undefined : alias;
}
