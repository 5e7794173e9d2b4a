/**
 * Reads `ovs-appctl dpctl/dump-flows`, with and without `-m`, of Open vSwitch 2.13 to 4.0 and of vendors' builds.
 * One pass over the characters finds the parts of a line; match and actions are interpreted when first asked for.
 */

import type { Source } from "../text/source.js";
import { LineMegaflow, type Readers } from "./line-megaflow.js";
import type { LineProblem, Megaflow, MegaflowReading } from "./megaflow.js";
import { ActionReader } from "./read-actions.js";
import { MatchReader } from "./read-match.js";

const newline = "\n";
const carriageReturn = 13;
const space = 32;
const tab = 9;
const hash = 35;
const open = 40;
const close = 41;
const comma = 44;
const colon = 58;

/** What the userspace datapath prints above the megaflows of a thread. */
const header = "flow-dump from ";

/** Never fails: a line that is no megaflow becomes a problem, and the next line is read. */
export function readMegaflows(source: Source): MegaflowReading {
  const { text } = source;
  const megaflows: Megaflow[] = [];
  const problems: LineProblem[] = [];
  const match = new MatchReader(text);
  const readers: Readers = { match, actions: new ActionReader(text, match) };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(newline, start);
    const next = found < 0 ? text.length : found;
    let end = next;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    if (start < end && text.charCodeAt(start) !== hash && !text.startsWith(header, start)) {
      const line = readLine(source, readers, start, end);
      if (line instanceof LineMegaflow) megaflows.push(line);
      else problems.push({ kind: line, start, end });
    }
    start = next + 1;
  }
  return { source, megaflows, problems };
}

function isSpace(code: number): boolean {
  return code === space || code === carriageReturn || code === tab;
}

/** What OVS prints of an MPLS frame without a label: it forgets one bracket (odp-util.c, format_odp_key_attr__()). */
const unclosed = "mpls((bad key length ";

/** `[ufid:UUID, ]MATCH, packets:N, …, actions:ACTIONS[, dp-extra-info:TEXT]`: dpctl.c, format_dpif_flow(). */
function readLine(
  source: Source,
  readers: Readers,
  start: number,
  end: number,
  ignored = -1,
): LineMegaflow | LineProblem["kind"] {
  const { text } = source;
  let at = start;
  let ufidEnd = start;
  if (text.startsWith("ufid:", at)) {
    ufidEnd = text.indexOf(",", at);
    if (ufidEnd < 0 || ufidEnd >= end) return "truncated";
    at = ufidEnd + 1;
    while (text.charCodeAt(at) === space) at++;
  }
  const matchStart = at;
  let matchEnd = -1;
  let itemStart = at;
  let depth = 0;
  // the first colon outside brackets ends the match: it belongs to the first attribute, `packets:`
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code > colon) continue;
    if (code === open) {
      if (at !== ignored) depth++;
    } else if (code === close) {
      if (depth-- === 0) return "unbalanced";
    } else if (depth > 0) continue;
    else if (code === comma) {
      matchEnd = at;
      itemStart = at + 1;
    } else if (code === colon) break;
  }
  if (at === end) {
    const slip = ignored < 0 && depth > 0 ? text.slice(start, end).indexOf(unclosed) : -1;
    if (slip >= 0) return readLine(source, readers, start, end, start + slip + "mpls".length);
    return shapeless(text, start, end);
  }
  if (matchEnd < 0) matchEnd = matchStart;
  const megaflow = new LineMegaflow(source, readers, start, end, ufidEnd, matchStart, matchEnd);
  const problem = readAttributes(text, itemStart, end, megaflow);
  if (problem !== undefined) return problem;
  if (megaflow.hasActions()) return megaflow;
  return shapeless(text, start, end);
}

/** A line without actions: cut off, if it begins as megaflows do. */
function shapeless(text: string, start: number, end: number): LineProblem["kind"] {
  const beginning = text.slice(start, Math.min(end, start + 40));
  return /^(ufid:|recirc_id\(|in_port\(|skb_priority\(|ct_state\(|tunnel\()/.test(beginning)
    ? "truncated"
    : "not-a-megaflow";
}

function readAttributes(
  text: string,
  start: number,
  end: number,
  megaflow: LineMegaflow,
): LineProblem["kind"] | undefined {
  for (let at = start; at < end; at++) {
    while (at < end && text.charCodeAt(at) === space) at++;
    const keyStart = at;
    while (at < end && text.charCodeAt(at) !== colon && text.charCodeAt(at) !== comma) at++;
    const keyEnd = at;
    if (text.charCodeAt(at) === colon && at < end) at++;
    const valueStart = at;
    const isActions = keyEnd - keyStart === 7 && text.startsWith("actions", keyStart);
    let depth = 0;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code > comma) continue;
      if (code === open) depth++;
      else if (code === close) {
        if (depth-- === 0) return "unbalanced";
      } else if (code === comma && depth === 0) {
        // between actions stands a bare comma, before what follows them a comma and a space
        if (!isActions || text.charCodeAt(at + 1) === space) break;
      }
    }
    if (depth > 0) return "truncated";
    megaflow.addAttribute(keyStart, keyEnd, valueStart, at);
  }
  return undefined;
}
