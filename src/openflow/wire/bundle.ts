/** Bundles (OpenFlow 1.4, section 7.3.9) and the count of flows (section 7.3.5.3). */

import type { PortNumbers } from "../print.js";
import { type FlowModification, writeFlowModification } from "./flow-mod.js";
import { type Message, messageType, writeMessage } from "./message.js";
import type { WireWriter } from "./writer.js";

/** OFPBCT_…: each is answered by the number that follows it. */
export const bundleStep = { open: 0, close: 2, commit: 4 } as const;
export type BundleStep = keyof typeof bundleStep;

/** One on a connection: any number will do. */
const bundleId = 1;
/** OFPBF_ATOMIC and OFPBF_ORDERED. */
const flags = 0b11;

export function writeBundleStep(writer: WireWriter, xid: number, step: BundleStep): void {
  writeMessage(writer, messageType.bundleControl, xid, () => {
    writer.number(bundleId, 4);
    writer.number(bundleStep[step], 2);
    writer.number(flags, 2);
    return true;
  });
}

export function isBundleAnswer({ type, body }: Message, step: BundleStep): boolean {
  if (type !== messageType.bundleControl || body.length < 6) return false;
  return ((body[4] ?? 0) << 8) + (body[5] ?? 0) === bundleStep[step] + 1;
}

/** One modification into the bundle; false, and nothing written, where it cannot be said. */
export function writeBundleAdd(
  writer: WireWriter,
  xid: number,
  modification: FlowModification,
  ports: PortNumbers,
): boolean {
  const start = writer.length;
  const written = writeMessage(writer, messageType.bundleAdd, xid, () => {
    writer.number(bundleId, 4);
    writer.zeros(2);
    writer.number(flags, 2);
    // the inner message must have the same xid (section 7.3.9.6)
    return writeFlowModification(writer, xid, modification, ports);
  });
  if (!written) writer.truncate(start);
  return written;
}

const aggregate = 2;
const everyTable = 0xff;
const any = 0xffffffff;

/** How many flows there are, in all tables and of everybody. */
export function writeCountRequest(writer: WireWriter, xid: number): void {
  writeMessage(writer, messageType.multipartRequest, xid, () => {
    writer.number(aggregate, 2);
    writer.zeros(6);
    writer.number(everyTable, 1);
    writer.zeros(3);
    writer.number(any, 4);
    writer.number(any, 4);
    // four of padding, no cookie, no cookie mask
    writer.zeros(20);
    // an empty match: type 1, length 4, padding
    writer.number(1, 2);
    writer.number(4, 2);
    writer.zeros(4);
    return true;
  });
}

/** Undefined where the answer is another one. */
export function readCount({ type, body }: Message): number | undefined {
  // 8 bytes of the multipart header, packets and bytes of 8 each
  if (type !== messageType.multipartReply || body.length < 28) return undefined;
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(24);
}
