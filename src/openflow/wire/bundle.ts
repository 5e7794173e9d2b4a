/** Bundles (OpenFlow 1.4, section 7.3.9). */

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
