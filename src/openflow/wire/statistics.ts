/**
 * What flows there are: all of them or some, one by one (OFPMP_FLOW, OpenFlow 1.4, section 7.3.5.2) or counted
 * (OFPMP_AGGREGATE and OFPMP_TABLE, sections 7.3.5.3 and 7.3.5.4).
 */

import type { Flow } from "../flow.js";
import type { Match } from "../match.js";
import { writeMatch } from "./flow-mod.js";
import type { Message } from "./message.js";
import { readMultipart, writeMultipartRequest } from "./multipart.js";
import { readInstructions } from "./read-instructions.js";
import { readMatch } from "./read-match.js";
import type { WireReader } from "./reader.js";
import type { WireWriter } from "./writer.js";

/** Which flows are asked for: all that match at least this, whatever their priority. */
export interface FlowQuestion {
  /** Every table where absent. */
  readonly table?: number | undefined;
  /** Ports by number. */
  readonly match: Match;
}

/** The flows whose cookie has these bits under this mask. */
export interface CookieFilter {
  readonly cookie: bigint;
  readonly cookieMask: bigint;
}

export type TableCounts = ReadonlyMap<number, number>;

export const everyFlow: FlowQuestion = { match: { fields: [] } };
export const everyCookie: CookieFilter = { cookie: 0n, cookieMask: 0n };

const noPorts = new Map<string, number>();
const everyTable = 0xff;
const any = 0xffffffff;

/** False, and nothing written, where the match cannot be said. */
export function writeFlowRequest(
  writer: WireWriter,
  xid: number,
  type: "flow" | "aggregate",
  { table, match }: FlowQuestion,
  { cookie, cookieMask }: CookieFilter,
): boolean {
  return writeMultipartRequest(writer, xid, type, () => {
    writer.number(table ?? everyTable, 1);
    writer.zeros(3);
    // whatever port and group they output to
    writer.number(any, 4);
    writer.number(any, 4);
    writer.zeros(4);
    writer.bits(cookie, 8);
    writer.bits(cookieMask, 8);
    return writeMatch(writer, match, noPorts);
  });
}

export function writeTableRequest(writer: WireWriter, xid: number): void {
  writeMultipartRequest(writer, xid, "table", () => true);
}

/** How many flows of `aggregate` there are; undefined where the answer is another one. @throws RangeError */
export function readCount([message]: readonly Message[]): number | undefined {
  const reader = message && readMultipart(message, "aggregate");
  // packets and bytes
  reader?.skip(16);
  return reader?.number(4);
}

/** How many flows each table has, anybody's; tables without any are left out. @throws RangeError */
export function readTableCounts(messages: readonly Message[]): TableCounts | undefined {
  const counts = new Map<number, number>();
  for (const message of messages) {
    const reader = readMultipart(message, "table");
    if (reader === undefined) return undefined;
    while (reader.left > 0) {
      const entry = reader.part(24);
      const table = entry.number(1);
      entry.skip(3);
      const count = entry.number(4);
      if (count > 0) counts.set(table, count);
    }
  }
  return counts;
}

/**
 * The flows of an answer; undefined where any of them has what is not known: an action, a field, a time-out or a flag.
 *
 * @throws RangeError where the bytes are no such answer
 */
export function readFlowStatistics(messages: readonly Message[]): Flow[] | undefined {
  const flows: Flow[] = [];
  for (const message of messages) {
    const reader = readMultipart(message, "flow");
    if (reader === undefined) return undefined;
    while (reader.left > 0) {
      const flow = readEntry(reader);
      if (flow === undefined) return undefined;
      flows.push(flow);
    }
  }
  return flows;
}

function readEntry(reader: WireReader): Flow | undefined {
  const entry = reader.part(reader.number(2) - 2);
  const table = entry.number(1);
  // padding, and for how long it has been there
  entry.skip(9);
  const priority = entry.number(2);
  const timeouts = entry.number(4);
  const flagsAndImportance = entry.number(4);
  entry.skip(2);
  const cookie = entry.bits(8);
  // packets and bytes
  entry.skip(16);
  const match = readMatch(entry);
  const actions = readInstructions(entry);
  if (match === undefined || actions === undefined) return undefined;
  if (timeouts !== 0 || flagsAndImportance !== 0) return undefined;
  return { table, priority, cookie, match, actions };
}
