/** Messages of an OpenFlow 1.4 connection (section 7.1): a header of eight bytes, then what its type says. */

import type { WireWriter } from "./writer.js";

/** OFP_VERSION of OpenFlow 1.4. */
export const version = 5;
export const headerLength = 8;
const longest = 0xffff;

export const messageType = {
  hello: 0,
  error: 1,
  flowMod: 14,
  multipartRequest: 18,
  multipartReply: 19,
  bundleControl: 33,
  bundleAdd: 34,
} as const;

export interface Message {
  readonly version: number;
  readonly type: number;
  /** What a reply shares with its request. */
  readonly xid: number;
  /** After the header. */
  readonly body: Uint8Array;
}

/** Header and body; false if the body says so, and then what stands there is no message. */
export function writeMessage(
  writer: WireWriter,
  type: number,
  xid: number,
  writeBody: () => boolean,
): boolean {
  const start = writer.length;
  writer.number(version, 1);
  writer.number(type, 1);
  writer.zeros(2);
  writer.number(xid, 4);
  if (!writeBody()) return false;
  const length = writer.length - start;
  if (length > longest) return false;
  writer.setLength(start + 2, length);
  return true;
}

/** Cuts what arrives into messages. */
export class MessageSplitter {
  private rest = new Uint8Array(0);

  /** The messages that end in this chunk. @throws Error where the bytes are no OpenFlow */
  push(chunk: Uint8Array): readonly Message[] {
    const bytes = this.rest.length === 0 ? chunk : joined(this.rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const messages: Message[] = [];
    let start = 0;
    while (start + headerLength <= bytes.length) {
      const length = view.getUint16(start + 2);
      if (length < headerLength) throw new Error(`an OpenFlow message of ${length} bytes`);
      if (start + length > bytes.length) break;
      messages.push({
        version: view.getUint8(start),
        type: view.getUint8(start + 1),
        xid: view.getUint32(start + 4),
        body: bytes.subarray(start + headerLength, start + length),
      });
      start += length;
    }
    this.rest = bytes.slice(start);
    return messages;
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
