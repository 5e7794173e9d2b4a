/**
 * What a flow does, as Open vSwitch sends it (OpenFlow 1.4, sections 7.2.3 and 7.2.4; include/openflow/nicira-ext.h and
 * lib/ofp-actions.c for its own actions).
 */

import type { Action } from "../action.js";
import { type FieldName, fieldOf } from "../field.js";
import { readFieldHeader } from "./read-field.js";
import { readPort } from "./read-port.js";
import type { WireReader } from "./reader.js";

/** To the end of the flow. Undefined where anything is not known. @throws RangeError */
export function readInstructions(reader: WireReader): readonly Action[] | undefined {
  const actions: Action[] = [];
  while (reader.left > 0) {
    const type = reader.number(2);
    const rest = reader.part(reader.number(2) - 4);
    // after a jump nothing comes: OVS keeps them in this order (section 5.9)
    if (actions.at(-1)?.kind === "goto") return undefined;
    if (type === 1) actions.push({ kind: "goto", table: rest.number(1) });
    else if (type === 4) {
      rest.skip(4);
      while (rest.left > 0) {
        const action = readAction(rest);
        if (action === undefined) return undefined;
        actions.push(action);
      }
    } else return undefined;
  }
  return actions;
}

function readAction(reader: WireReader): Action | undefined {
  const type = reader.number(2);
  const rest = reader.part(reader.number(2) - 4);
  switch (type) {
    case 0: {
      const port = readPort(rest.number(4));
      return port === undefined ? undefined : { kind: "output", port };
    }
    case 25:
      return readSetField(rest);
    case 0xffff:
      return readNiciraAction(rest);
    default:
      return undefined;
  }
}

function readSetField(reader: WireReader): Action | undefined {
  const { wire, hasMask } = readFieldHeader(reader);
  // OpenFlow 1.4 has no masks here
  if (wire === undefined || wire.field === "in_port" || hasMask) return undefined;
  const value = reader.bits(wire.width);
  const isWhole = wire.whole << wire.shift === fieldOf(wire.field).full;
  if (!isWhole || (value & wire.whole) !== value) return undefined;
  return { kind: "set", field: wire.field, value: value << wire.shift };
}

const nicira = 0x2320;
const registerMove = 6;

function readNiciraAction(reader: WireReader): Action | undefined {
  if (reader.number(4) !== nicira || reader.number(2) !== registerMove) return undefined;
  const bits = reader.number(2);
  const offsets = reader.number(4);
  const from = readWholeField(reader, bits);
  const to = readWholeField(reader, bits);
  if (offsets !== 0 || from === undefined || to === undefined) return undefined;
  return { kind: "move", from, to };
}

function readWholeField(reader: WireReader, bits: number): FieldName | undefined {
  const { wire, hasMask } = readFieldHeader(reader);
  if (wire === undefined || wire.field === "in_port" || hasMask) return undefined;
  const isWhole = wire.bits === bits && wire.whole === fieldOf(wire.field).full;
  return isWhole && wire.protocol === undefined ? wire.field : undefined;
}
