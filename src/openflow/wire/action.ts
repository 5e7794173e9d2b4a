/** Actions and `goto_table` as OpenFlow 1.4 instructions (sections 7.2.4 and 7.2.5). */

import type { Action } from "../action.js";
import { fieldOf } from "../field.js";
import type { PortNumbers } from "../print.js";
import { matchFieldOf, writeField } from "./match-field.js";
import { wirePortOf } from "./port.js";
import type { WireWriter } from "./writer.js";

const gotoTable = 1;
const applyActions = 4;

const output = 0;
const setField = 25;
const experimenter = 0xffff;
/** Open vSwitch's own actions: NX_VENDOR_ID and NXAST_REG_MOVE (lib/ofp-actions.c, nx_action_reg_move). */
const nicira = 0x00002320;
const registerMove = 6;

/** Whether all could be said. */
export function writeInstructions(
  writer: WireWriter,
  actions: readonly Action[],
  ports: PortNumbers,
): boolean {
  const last = actions.at(-1);
  const applied = last?.kind === "goto" ? actions.slice(0, -1) : actions;
  if (applied.length > 0) {
    const start = writer.length;
    writer.number(applyActions, 2);
    writer.zeros(6);
    for (const action of applied) if (!writeAction(writer, action, ports)) return false;
    writer.setLength(start + 2, writer.length - start);
  }
  if (last?.kind === "goto") {
    writer.number(gotoTable, 2);
    writer.number(8, 2);
    writer.number(last.table, 1);
    writer.zeros(3);
  }
  return true;
}

function writeAction(writer: WireWriter, action: Action, ports: PortNumbers): boolean {
  const start = writer.length;
  switch (action.kind) {
    case "output": {
      const port = wirePortOf(action.port, ports);
      if (port === undefined) return false;
      writer.number(output, 2);
      writer.number(16, 2);
      writer.number(port, 4);
      // how much of a packet a controller gets: of no meaning for other ports
      writer.zeros(8);
      return true;
    }
    case "set": {
      const { full } = fieldOf(action.field);
      const field = matchFieldOf(action.field);
      // OpenFlow 1.4 sets whole fields only
      if (field === undefined || (action.mask ?? full) !== full) return false;
      writer.number(setField, 2);
      writer.zeros(2);
      writeField(writer, field, action.value);
      writer.padToEight(start);
      writer.setLength(start + 2, writer.length - start);
      return true;
    }
    case "move": {
      const from = matchFieldOf(action.from);
      const to = matchFieldOf(action.to);
      if (from === undefined || to === undefined) return false;
      writer.number(experimenter, 2);
      writer.number(24, 2);
      writer.number(nicira, 4);
      writer.number(registerMove, 2);
      writer.number(fieldOf(action.from).full.toString(2).length, 2);
      writer.zeros(4);
      writer.number(from.header, 4);
      writer.number(to.header, 4);
      return true;
    }
    case "goto":
    case "resubmit":
    case "controller":
    case "write-actions":
    case "clear-actions":
    case "queue":
    case "note":
    case "conjunction":
    case "unknown":
      return false;
  }
}
