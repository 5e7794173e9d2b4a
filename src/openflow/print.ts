/**
 * Flows as text that `ovs-ofctl add-flows` takes and `ovs-ofctl -O OpenFlow14 parse-flows` gives back unchanged.
 * That it comes back unchanged is a safety rule: what OVS rewrites, it may have widened.
 */

import { protocol } from "../net/protocol.js";
import type { Action } from "./action.js";
import { etherTypes, type Field, fieldOf } from "./field.js";
import type { Flow } from "./flow.js";
import { type FieldMatch, inPort, localPort, type Match, type Port } from "./match.js";
import { printExact, printHexadecimal, printMasked } from "./print-value.js";
import { isReservedName, isUnnameable } from "./read-port.js";

/** OpenFlow port numbers by name; names that are not in it print as names. */
export type PortNumbers = ReadonlyMap<string, number>;

/** OpenFlow 1.0's OFP_DEFAULT_PRIORITY, which OVS leaves out. */
export const defaultPriority = 32768;

export function printFlow(flow: Flow, portNumbers?: PortNumbers): string {
  const cookie = flow.cookie === 0n ? "" : `cookie=0x${flow.cookie.toString(16)}, `;
  const priority = flow.priority === defaultPriority ? "" : `priority=${flow.priority}`;
  const match = printMatch(flow.match, portNumbers);
  const comma = priority === "" || match === "" ? "" : ",";
  const head = `${priority}${comma}${match}`;
  // the table is always said: without one, `ovs-ofctl del-flows --strict` means every table
  return `${cookie}table=${flow.table}${head === "" ? "" : ", "}${head} actions=${printActions(flow.actions, portNumbers)}`;
}

/** Empty for a match of everything. */
export function printMatch(match: Match, portNumbers?: PortNumbers): string {
  const parts: string[] = match.unknown === undefined ? [] : [...match.unknown];
  const layer = layerOf(match.fields);
  const [first] = match.fields;
  if (first?.field === "conj_id") parts.push(printField(first));
  if (layer !== undefined) parts.push(layer.name);
  let portIsPrinted = match.inPort === undefined;
  for (const field of match.fields) {
    const { index } = fieldOf(field.field);
    if (!portIsPrinted && index > metadataIndex) {
      parts.push(`in_port=${printPort(match.inPort as Port, portNumbers)}`);
      portIsPrinted = true;
    }
    if (field.field === "conj_id") continue;
    if (field.field === "dl_type" && layer !== undefined) continue;
    if (field.field === "nw_proto" && layer?.namesProtocol === true) continue;
    parts.push(field.field === "vlan_tci" ? printVlan(field) : printField(field));
  }
  if (!portIsPrinted) parts.push(`in_port=${printPort(match.inPort as Port, portNumbers)}`);
  return parts.join(",");
}

/** `drop` for an empty list. */
export function printActions(actions: readonly Action[], portNumbers?: PortNumbers): string {
  if (actions.length === 0) return "drop";
  return actions.map((action) => printAction(action, portNumbers)).join(",");
}

function printAction(action: Action, portNumbers: PortNumbers | undefined): string {
  switch (action.kind) {
    case "goto":
      return `goto_table:${action.table}`;
    case "output": {
      const port = printPort(action.port, portNumbers);
      return port === "LOCAL" || port === "IN_PORT" ? port : `output:${port}`;
    }
    case "set": {
      const field = fieldOf(action.field);
      if (action.mask === undefined || action.mask === field.full)
        return `set_field:${printExact(field, action.value)}->${field.setName}`;
      return printLoads(field, action.value, action.mask);
    }
    case "move":
      return `move:${nxmNameOf(fieldOf(action.from))}[]->${nxmNameOf(fieldOf(action.to))}[]`;
    case "resubmit":
      return printResubmit(action.port, action.table, portNumbers);
    case "conjunction":
      return `conjunction(${action.id},${action.dimension}/${action.of})`;
    case "write-actions":
      return `write_actions(${action.actions.map((one) => printAction(one, portNumbers)).join(",")})`;
    case "clear-actions":
      return "clear_actions";
    case "controller":
    case "queue":
    case "note":
    case "unknown":
      return action.text;
  }
}

function printResubmit(
  port: Port | undefined,
  table: number | undefined,
  portNumbers: PortNumbers | undefined,
): string {
  const portText = port === undefined ? "" : printPort(port, portNumbers);
  return table === undefined ? `resubmit:${portText}` : `resubmit(${portText},${table})`;
}

// OpenFlow 1.4 has no masked set_field: OVS sends and prints one load for each run of bits, 64 at most
function printLoads(field: Field, value: bigint, mask: bigint): string {
  const loads: string[] = [];
  const width = field.full.toString(2).length;
  let bit = 0;
  const isSet = (at: number) => at < width && ((mask >> BigInt(at)) & 1n) === 1n;
  while (bit < width) {
    if (!isSet(bit)) {
      bit++;
      continue;
    }
    const first = bit;
    while (isSet(bit) && bit - first < 64) bit++;
    const part = (value >> BigInt(first)) & ((1n << BigInt(bit - first)) - 1n);
    const range = bit - first === 1 ? `${first}` : `${first}..${bit - 1}`;
    loads.push(`load:${printHexadecimal(part)}->${nxmNameOf(field)}[${range}]`);
  }
  return loads.join(",");
}

function nxmNameOf(field: Field): string {
  if (field.nxmName === undefined) throw new Error(`${field.name} has no name to load or move by`);
  return field.nxmName;
}

const metadataIndex = fieldOf("metadata").index;

interface Layer {
  readonly name: string;
  /** The name stands for the IP protocol too. */
  readonly namesProtocol: boolean;
}

const layerNames: ReadonlyMap<bigint, Layer> = new Map(
  (
    [
      [etherTypes.ipv4, "ip"],
      [etherTypes.ipv6, "ipv6"],
      [etherTypes.arp, "arp"],
      [etherTypes.rarp, "rarp"],
      [0x8847, "mpls"],
      [0x8848, "mplsm"],
    ] as const
  ).map(([type, name]) => [BigInt(type), { name, namesProtocol: false }]),
);

const protocolNames: ReadonlyMap<bigint, Layer> = new Map(
  (
    [
      [etherTypes.ipv4, protocol.icmp, "icmp"],
      [etherTypes.ipv4, protocol.tcp, "tcp"],
      [etherTypes.ipv4, protocol.udp, "udp"],
      [etherTypes.ipv4, protocol.sctp, "sctp"],
      [etherTypes.ipv6, protocol.icmpv6, "icmp6"],
      [etherTypes.ipv6, protocol.tcp, "tcp6"],
      [etherTypes.ipv6, protocol.udp, "udp6"],
      [etherTypes.ipv6, protocol.sctp, "sctp6"],
    ] as const
  ).map(([type, number, name]) => [
    protocolKey(BigInt(type), BigInt(number)),
    { name, namesProtocol: true },
  ]),
);

function protocolKey(etherType: bigint, protocol: bigint): bigint {
  return (etherType << 8n) | protocol;
}

function layerOf(fields: readonly FieldMatch[]): Layer | undefined {
  let type: bigint | undefined;
  for (const { field, value, mask } of fields) {
    if (field === "dl_type" && mask === 0xffffn) type = value;
    else if (field === "nw_proto" && type !== undefined) {
      const layer = protocolNames.get(protocolKey(type, value));
      if (layer !== undefined) return layer;
    }
  }
  return type === undefined ? undefined : layerNames.get(type);
}

function printField({ field, value, mask }: FieldMatch): string {
  const row = fieldOf(field);
  return `${matchNames.get(field) ?? field}=${printMasked(row, value, mask)}`;
}

// match_format() in lib/match.c says icmp_type for both families
const matchNames: ReadonlyMap<string, string> = new Map([
  ["icmpv6_type", "icmp_type"],
  ["icmpv6_code", "icmp_code"],
]);

// 15    13  12  11           0
// |  pcp  | tag | VLAN id    |     a tag's parts print one by one where each is matched wholly or not at all
const tagBit = 0x1000n;
const idBits = 0x0fffn;
const priorityBits = 0xe000n;

function printVlan(match: FieldMatch): string {
  const { value, mask } = match;
  const id = mask & idBits;
  const priority = mask & priorityBits;
  const isTagged = (mask & value & tagBit) !== 0n;
  const isWhole = (id === 0n || id === idBits) && (priority === 0n || priority === priorityBits);
  if (!isTagged || !isWhole || (id === 0n && priority === 0n)) {
    const text = (bits: bigint) => `0x${bits.toString(16).padStart(4, "0")}`;
    return `vlan_tci=${text(value)}/${text(mask)}`;
  }
  const parts: string[] = [];
  if (id !== 0n) parts.push(`dl_vlan=${value & idBits}`);
  if (priority !== 0n) parts.push(`dl_vlan_pcp=${value >> 13n}`);
  return parts.join(",");
}

/** Quoted where OVS quotes, and where a bare name would mean a reserved port. */
function printPort(port: Port, portNumbers: PortNumbers | undefined): string {
  const known = typeof port === "number" ? port : (portNumbers?.get(port) ?? port);
  if (known === localPort || known === "LOCAL") return "LOCAL";
  if (known === inPort || known === "IN_PORT") return "IN_PORT";
  if (typeof known === "number") return `${known}`;
  if (/^[A-Za-z][A-Za-z0-9]*$/.test(known) && !isReservedName(known)) return known;
  if (isUnnameable(known)) throw new Error(`no flow can name the port ${JSON.stringify(known)}`);
  return `"${known}"`;
}
