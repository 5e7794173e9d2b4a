/**
 * A flow as the message that adds or deletes it (OFPT_FLOW_MOD, OpenFlow 1.4, section 7.3.4.2): what ovs-ofctl(8) makes
 * out of a line of text. What cannot be said here, ovs-ofctl says.
 */

import { fieldOf } from "../field.js";
import type { Flow } from "../flow.js";
import type { Match } from "../match.js";
import type { PortNumbers } from "../print.js";
import { writeInstructions } from "./action.js";
import { inPortField, matchFieldOf, writeField } from "./match-field.js";
import { messageType, writeMessage } from "./message.js";
import { wirePortOf } from "./port.js";
import type { WireWriter } from "./writer.js";

export type FlowModification =
  | { readonly command: "add"; readonly flow: Flow }
  /** This very place, and only if its flow's cookie has these bits. */
  | {
      readonly command: "delete-strict";
      readonly flow: Flow;
      readonly cookie: bigint;
      readonly cookieMask: bigint;
    };

const add = 0;
const deleteStrict = 4;
const none = 0xffffffff;

/** False, and nothing written, where the flow has what this encoding does not know. */
export function writeFlowModification(
  writer: WireWriter,
  xid: number,
  modification: FlowModification,
  ports: PortNumbers,
): boolean {
  const { flow, command } = modification;
  const start = writer.length;
  const isAdd = command === "add";
  const written = writeMessage(writer, messageType.flowMod, xid, () => {
    writer.bits(isAdd ? flow.cookie : modification.cookie, 8);
    writer.bits(isAdd ? 0n : modification.cookieMask, 8);
    writer.number(flow.table, 1);
    writer.number(isAdd ? add : deleteStrict, 1);
    // no time-outs
    writer.zeros(4);
    writer.number(flow.priority, 2);
    // no buffered packet; whatever port and group the flow outputs to
    for (const absent of [none, none, none]) writer.number(absent, 4);
    // no flags, no importance
    writer.zeros(4);
    return (
      writeMatch(writer, flow.match, ports) &&
      (!isAdd || writeInstructions(writer, flow.actions, ports))
    );
  });
  if (!written) writer.truncate(start);
  return written;
}

const oxmMatch = 1;

/** False where it cannot be said. */
export function writeMatch(writer: WireWriter, match: Match, ports: PortNumbers): boolean {
  if (match.unknown !== undefined && match.unknown.length > 0) return false;
  const start = writer.length;
  writer.number(oxmMatch, 2);
  writer.zeros(2);
  if (match.inPort !== undefined) {
    const port = wirePortOf(match.inPort, ports);
    if (port === undefined) return false;
    writeField(writer, inPortField, BigInt(port));
  }
  let protocol: bigint | undefined;
  for (const { field: name, value, mask } of match.fields) {
    const { full } = fieldOf(name);
    if (name === "nw_proto" && mask === full) protocol = value;
    const field = matchFieldOf(name, protocol);
    if (field === undefined) return false;
    writeField(writer, field, value, mask === full ? undefined : mask);
  }
  // the length is that of the match without its padding (section 7.2.2)
  writer.setLength(start + 2, writer.length - start);
  writer.padToEight(start);
  return true;
}
