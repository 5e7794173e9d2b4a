/** Requests for statistics and their answers, which may come in several messages (OpenFlow 1.4, section 7.3.5). */

import { type Message, messageType, writeMessage } from "./message.js";
import { WireReader } from "./reader.js";
import type { WireWriter } from "./writer.js";

/** OFPMP_…. */
export const multipartType = { flow: 1, aggregate: 2, table: 3 } as const;
export type MultipartType = keyof typeof multipartType;

export function writeMultipartRequest(
  writer: WireWriter,
  xid: number,
  type: MultipartType,
  writeBody: () => boolean,
): boolean {
  const start = writer.length;
  const written = writeMessage(writer, messageType.multipartRequest, xid, () => {
    writer.number(multipartType[type], 2);
    writer.zeros(6);
    return writeBody();
  });
  if (!written) writer.truncate(start);
  return written;
}

/** Whether more messages of the same answer follow (OFPMPF_REPLY_MORE). */
export function isToBeContinued({ type, body }: Message): boolean {
  return type === messageType.multipartReply && ((body[3] ?? 0) & 1) === 1;
}

/** What a message of an answer holds after its header; undefined where it answers something else. */
export function readMultipart({ type, body }: Message, of: MultipartType): WireReader | undefined {
  if (type !== messageType.multipartReply || body.length < 8) return undefined;
  const reader = WireReader.of(body);
  const isSame = reader.number(2) === multipartType[of];
  reader.skip(6);
  return isSame ? reader : undefined;
}
