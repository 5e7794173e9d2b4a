/** How a line of text holds a flow: what stands before the match, and where the actions begin. */

/** Head keys that are not part of the match, to what they say. */
export const headKeys: ReadonlyMap<string, HeadKey> = new Map([
  ["cookie", "cookie"],
  ["table", "table"],
  ["table_id", "table"],
  ["priority", "priority"],
  ["duration", "statistic"],
  ["n_packets", "statistic"],
  ["n_bytes", "statistic"],
  ["idle_age", "statistic"],
  ["hard_age", "statistic"],
  ["idle_timeout", "statistic"],
  ["hard_timeout", "statistic"],
  ["importance", "statistic"],
  // as OFPT_FLOW_MOD prints the three before
  ["idle", "statistic"],
  ["hard", "statistic"],
  ["send_flow_rem", "flag"],
  ["check_overlap", "flag"],
  ["reset_counts", "flag"],
  ["no_packet_counts", "flag"],
  ["no_byte_counts", "flag"],
]);

export type HeadKey = "cookie" | "table" | "priority" | "statistic" | "flag";

/** `OFPT_FLOW_MOD (OF1.4) (xid=0x1): ADD `, and the `add ` of a bundle file. */
const messageHead = /^(?:(?:OFPT|NXT)_FLOW_MOD[^:]*: ADD(?:_STRICT)?|add) /;

export const actionsKey = "actions=";

/** Where `actions=` begins, or -1: after a space or comma, and with something behind it. */
export function actionsIn(text: string, start: number, end: number): number {
  let at = start;
  if (!text.startsWith(actionsKey, start)) {
    at = text.indexOf(" actions=", start);
    if (at < 0 || at >= end) at = text.indexOf(",actions=", start);
    if (at < 0 || at >= end) return -1;
    at++;
  }
  return at + actionsKey.length < end ? at : -1;
}

/** Behind the name of the message, if the line is one; undefined if it removes or changes flows. */
export function headStart(text: string, start: number, end: number): number | undefined {
  const first = text.charCodeAt(start);
  // most lines begin with cookie=, table= or priority=
  if (first === 99 || first === 112 || first === 116) return start;
  const line = text.slice(start, end);
  const found = messageHead.exec(line);
  if (found !== null) return start + found[0].length;
  return /^(OFPT|NXT)_|^(delete|delete_strict|modify|modify_strict) |\|/.test(line)
    ? undefined
    : start;
}
