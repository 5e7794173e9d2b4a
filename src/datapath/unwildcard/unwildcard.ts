/** The megaflow that Open vSwitch makes for one packet: its match, whole, and what led there. */

import { type FieldName, fieldsInOrder } from "../../openflow/field.js";
import type { FieldMatch, Port } from "../../openflow/match.js";
import type { PacketFields } from "../../openflow/packet-fields.js";
import { isMet, needOf } from "../../openflow/prerequisite.js";
import type { ClassifiedTables } from "./classified-tables.js";
import { readField, type Words, wordOf, wordsOf } from "./flow-words.js";
import { type Translation, Translator } from "./translation.js";

export interface PredictedMegaflow
  extends Pick<Translation, "path" | "outputs" | "slow" | "tied" | "doubt"> {
  readonly inPort: Port;
  /** What the datapath matches, `in_port` and `recirc_id` aside, which are always exact. In the order of the field table. */
  readonly fields: readonly FieldMatch[];
}

export interface PacketStart {
  readonly inPort: Port;
  /** 0 unless said otherwise. */
  readonly table?: number;
}

export function unwildcard(
  tables: ClassifiedTables,
  packet: PacketFields,
  start: PacketStart,
): PredictedMegaflow {
  const words = wordsOf(packet, tables.portNumber(start.inPort));
  const translator = new Translator(tables, start.table);
  const { path, outputs, slow, tied, doubt, looked } = translator.translate(words);
  return {
    inPort: start.inPort,
    fields: matchOf(words, looked),
    path,
    outputs,
    slow,
    tied,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** The bits that the datapath can match (odp_flow_key_from_flow__() in lib/odp-util.c). */
export function matchOf(packet: Words, looked: Words): FieldMatch[] {
  const type = BigInt(packet[wordOf.etherType] as number);
  const upper = readField(packet, "nw_proto");
  const isIp = type === 0x0800n || type === 0x86ddn;
  const hasPorts = isIp && (readField(packet, "nw_frag") & 2n) === 0n;
  const icmpType = neighbourType(packet, looked);
  const found: FieldMatch[] = [];
  for (const { name, full } of fieldsInOrder) {
    const mask = readField(looked, name) & full;
    if (mask === 0n || isRegister(name)) continue;
    const need = needOf(name);
    if (isNeighbour.has(need)) {
      if (icmpType === 0n) continue;
    } else if (!isMet(need, type, upper, icmpType)) continue;
    if (isTransport.has(need) && !hasPorts) continue;
    found.push({ field: name, value: readField(packet, name) & mask, mask });
  }
  return found;
}

/** The datapath has a key for neighbour discovery only beside an exact type and code. */
function neighbourType(packet: Words, looked: Words): bigint {
  const isMessage =
    packet[wordOf.etherType] === 0x86dd &&
    readField(packet, "nw_proto") === 58n &&
    readField(packet, "icmpv6_code") === 0n;
  const isExact = ((looked[wordOf.ports] as number) & 0x00ff00ff) === 0x00ff00ff;
  const type = readField(packet, "icmpv6_type");
  return isMessage && isExact && (type === 135n || type === 136n) ? type : 0n;
}

const isNeighbour: ReadonlySet<string> = new Set(["neighbour", "solicitation", "advertisement"]);
const isTransport: ReadonlySet<string> = new Set(["ports", "tcp", "icmp", "icmpv6"]);

function isRegister(name: FieldName): boolean {
  return name.startsWith("reg") || name === "metadata";
}
