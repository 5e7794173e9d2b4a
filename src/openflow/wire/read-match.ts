/** A match as Open vSwitch sends it (OpenFlow 1.4, section 7.2.2): a row of fields, in an order of its own. */

import { type FieldName, fieldOf } from "../field.js";
import type { FieldMatch, Match, Port } from "../match.js";
import { isMet, needOf } from "../prerequisite.js";
import { readFieldHeader } from "./read-field.js";
import { readPort } from "./read-port.js";
import type { WireReader } from "./reader.js";

const oxmMatch = 1;

/** Undefined for a match with anything that is not known; it is passed wholly then, too. @throws RangeError */
export function readMatch(reader: WireReader): Match | undefined {
  const type = reader.number(2);
  const length = reader.number(2);
  const row = reader.part(length - 4);
  reader.skip((8 - (length % 8)) % 8);
  return type === oxmMatch ? readFields(row) : undefined;
}

function readFields(row: WireReader): Match | undefined {
  const found: FieldMatch[] = [];
  const protocols: bigint[] = [];
  let inPort: Port | undefined;
  while (row.left > 0) {
    const { wire, hasMask } = readFieldHeader(row);
    if (wire === undefined) return undefined;
    const value = row.bits(wire.width);
    const mask = hasMask ? row.bits(wire.width) : wire.whole;
    if ((value & mask) !== value || (mask & wire.whole) !== mask) return undefined;
    if (wire.field === "in_port") {
      inPort = hasMask ? undefined : readPort(Number(value));
      if (inPort === undefined) return undefined;
    } else {
      if (wire.protocol !== undefined) protocols.push(wire.protocol);
      put(found, wire.field, value << wire.shift, mask << wire.shift);
    }
  }
  found.sort((one, other) => fieldOf(one.field).index - fieldOf(other.field).index);
  if (!isMeaningful(found, protocols)) return undefined;
  return inPort === undefined ? { fields: found } : { inPort, fields: found };
}

/** The parts of a VLAN tag become one field. */
function put(found: FieldMatch[], field: FieldName, value: bigint, mask: bigint): void {
  if (mask === 0n) return;
  const at = field === "vlan_tci" ? found.findIndex((known) => known.field === field) : -1;
  const known = found[at];
  if (known === undefined) found.push({ field, value, mask });
  else found[at] = { field, value: known.value | value, mask: known.mask | mask };
}

/** Whether every field has beside it what it needs; a port of TCP needs TCP, not just some protocol with ports. */
function isMeaningful(fields: readonly FieldMatch[], protocols: readonly bigint[]): boolean {
  let type = 0n;
  let upper = -1n;
  let icmpType = -1n;
  for (const { field, value, mask } of fields) {
    const need = needOf(field);
    if (need !== "nothing" && !isMet(need, type, upper, icmpType)) return false;
    if (mask !== fieldOf(field).full) continue;
    if (field === "dl_type") type = value;
    else if (field === "nw_proto") upper = value;
    else if (field === "icmpv6_type") icmpType = value;
  }
  return protocols.every((protocol) => protocol === upper);
}
