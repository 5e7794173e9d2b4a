/** What `show` makes of a flow: an object for JSON, a line for people, canonical text for OVS. */

import type { ReadFlow } from "../openflow/flow-line.js";
import { isOurCookie } from "../openflow/our-cookie.js";
import { printActions, printFlow, printMatch } from "../openflow/print.js";
import type { ShowDocument } from "./documents.js";

export interface View {
  /** Lines with the same heading stand together. */
  readonly heading: string;
  readonly line: string;
  readonly text: string;
  readonly object: ShowDocument["flows"][number];
}

export function viewOfFlow(flow: ReadFlow): View {
  const { statistics, match, understood, cookie } = flow;
  const isOurs = isOurCookie(cookie);
  return {
    heading: `table ${flow.table}`,
    get line() {
      const notes = [
        ...(statistics.packets === undefined ? [] : [countOf(Number(statistics.packets))]),
        ...(isOurs ? ["railfence"] : []),
        ...(understood ? [] : ["not understood"]),
      ];
      const head = `${String(flow.priority).padStart(7)}  ${printMatch(match) || "everything"}`;
      const tail = notes.length === 0 ? "" : `  (${notes.join(", ")})`;
      return `${head}  =>  ${printActions(flow.actions)}${tail}`;
    },
    get text() {
      // what is not understood cannot be printed in canonical form: its own text is the truth
      return understood ? printFlow(flow) : flow.text;
    },
    get object(): ShowDocument["flows"][number] {
      return {
        kind: "flow",
        table: flow.table,
        priority: flow.priority,
        cookie: `0x${cookie.toString(16)}`,
        owner: isOurs ? "railfence" : null,
        match: printMatch(match),
        actions:
          flow.actions.length === 0 ? ["drop"] : flow.actions.map((one) => printActions([one])),
        packets: numberOrNull(statistics.packets),
        bytes: numberOrNull(statistics.bytes),
        durationSeconds: statistics.durationSeconds ?? null,
        understood,
      };
    },
  };
}

/** JSON numbers are exact up to 2^53, and a counter past that is beyond any NIC's lifetime. */
function numberOrNull(value: bigint | undefined): number | null {
  return value === undefined ? null : Number(value);
}

export function countOf(packets: number): string {
  return `${packets.toLocaleString("en-US")} ${packets === 1 ? "packet" : "packets"}`;
}
