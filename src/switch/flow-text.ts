/**
 * A flow as the text that Open vSwitch prints, cut where installing needs it cut: 100,000 flows are compared as
 * strings, since what railfence prints is a fixed point of what Open vSwitch prints.
 */

export interface FlowText {
  readonly table: number;
  /** `priority=10,tcp,nw_dst=…`; without priority where it is OpenFlow's default, 32768. */
  readonly match: string;
  /** `0x` and lower-case hexadecimal digits without leading zeros. */
  readonly cookie: string;
  readonly actions: string;
  /** Time-outs and flags of a dumped flow; ours have none, so any makes a flow differ. */
  readonly extras: string;
}

/** The top 16 bits of every cookie of ours are 0x7266, "rf"; so all its 16 digits are printed. */
export function isOurs(line: FlowText): boolean {
  return line.cookie.length === 18 && line.cookie.startsWith("0x7266");
}

export const ourCookie = 0x7266000000000000n;
export const ourCookieMask = 0xffff000000000000n;

/** A filter that covers every flow of ours. */
export const ourCookies = `cookie=0x${ourCookie.toString(16)}/0x${ourCookieMask.toString(16)}`;

export function isSameFlow(one: FlowText, other: FlowText): boolean {
  return (
    one.cookie === other.cookie && one.actions === other.actions && one.extras === other.extras
  );
}

/** As ovs-ofctl(8) takes a flow, and as a message shows it. */
export function printFlowText(line: FlowText): string {
  return `${headOf(line, `cookie=${line.cookie}`)} actions=${line.actions}`;
}

export function printAdd(line: FlowText): string {
  return `add ${printFlowText(line)}`;
}

/**
 * Strict, and only a flow of ours: what somebody else put in its place stays. Not the whole cookie: for an exact one
 * Open vSwitch walks all flows that have it (collect_rules_strict() in ofproto/ofproto.c), and 100,000 deletes of one
 * rule's flows take minutes.
 */
export function printDelete(line: FlowText): string {
  return `delete_strict ${headOf(line, ourCookies)}`;
}

function headOf(line: FlowText, cookie: string): string {
  const match = line.match === "" ? "" : `,${line.match}`;
  return `${cookie},table=${line.table}${match}`;
}

/**
 * The flows of `ovs-ofctl --no-stats --no-names dump-flows`, in its order. Lines that are no flows (headers) have no
 * `actions=` and are passed over.
 *
 *     " cookie=0x7266…, table=3, idle_timeout=5, send_flow_rem priority=10,ip,nw_dst=10.0.0.1 actions=output:1"
 */
export function readFlowTexts(dump: string): FlowText[] {
  const lines: FlowText[] = [];
  for (let start = 0; start < dump.length; ) {
    const newline = dump.indexOf("\n", start);
    const end = newline < 0 ? dump.length : newline;
    const actionsAt = dump.indexOf("actions=", start);
    if (actionsAt < 0) break;
    if (actionsAt < end) lines.push(readFlowText(dump, start, actionsAt, end));
    start = end + 1;
  }
  return lines;
}

function readFlowText(dump: string, start: number, actionsAt: number, end: number): FlowText {
  let at = dump.charCodeAt(start) === 0x20 ? start + 1 : start;
  let cookie = "0x0";
  let table = 0;
  if (dump.startsWith("cookie=", at)) {
    const comma = dump.indexOf(", ", at);
    cookie = dump.slice(at + 7, comma);
    at = comma + 2;
  }
  if (dump.startsWith("table=", at)) {
    const comma = dump.indexOf(", ", at);
    table = Number.parseInt(dump.slice(at + 6, comma), 10);
    at = comma + 2;
  }
  // the match holds no spaces; time-outs and flags before it end in one
  const head = dump.slice(at, actionsAt - 1);
  const matchAt = head.lastIndexOf(" ") + 1;
  return {
    table,
    match: withoutDefaultPriority(matchAt === 0 ? head : head.slice(matchAt)),
    cookie,
    actions: dump.slice(actionsAt + 8, dump.charCodeAt(end - 1) === 0x0d ? end - 1 : end),
    extras: matchAt === 0 ? "" : head.slice(0, matchAt).trimEnd(),
  };
}

/** OpenFlow's default priority is left out by Open vSwitch. */
export function withoutDefaultPriority(match: string): string {
  return match.startsWith("priority=32768") ? match.replace(/^priority=32768(,|$)/, "") : match;
}
