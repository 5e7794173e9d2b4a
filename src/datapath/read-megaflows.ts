/**
 * Reads `ovs-appctl dpctl/dump-flows`, with and without `-m`, of Open vSwitch 2.13 to 4.0 and of vendors' builds.
 * First the parts of a line are found; match and actions are interpreted when first asked for.
 */

import type { Source } from "../text/source.js";
import { MatchEnds } from "./end-of-match.js";
import { LineMegaflow } from "./line-megaflow.js";
import { LineTable, part } from "./line-table.js";
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
  const table = new LineTable(source, match, new ActionReader(text, match));
  const matchEnds = new MatchEnds(text);
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(newline, start);
    const next = found < 0 ? text.length : found;
    let end = next;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    if (start < end && text.charCodeAt(start) !== hash && !text.startsWith(header, start)) {
      const line = readLine(table, matchEnds, start, end);
      if (typeof line === "number") megaflows.push(new LineMegaflow(table, line));
      else problems.push({ kind: line, start, end });
    }
    start = next + 1;
  }
  return { source, megaflows, problems };
}

function isSpace(code: number): boolean {
  return code === space || code === carriageReturn || code === tab;
}

/** `[ufid:UUID, ]MATCH, packets:N, …, actions:ACTIONS[, dp-extra-info:TEXT]`: dpctl.c, format_dpif_flow(). The line's number. */
function readLine(
  table: LineTable,
  matchEnds: MatchEnds,
  start: number,
  end: number,
): number | LineProblem["kind"] {
  const { text } = table.source;
  let matchStart = start;
  let ufidEnd = start;
  if (text.startsWith("ufid:", start)) {
    ufidEnd = text.indexOf(",", start);
    if (ufidEnd < 0 || ufidEnd >= end) return "truncated";
    matchStart = ufidEnd + 1;
    while (text.charCodeAt(matchStart) === space) matchStart++;
  }
  const matchEnd = matchEnds.endOf(matchStart, end);
  if (matchEnd === "truncated") return shapeless(text, start, end);
  if (typeof matchEnd === "string") return matchEnd;
  const line = table.begin();
  const attributes = matchEnd === matchStart ? matchStart : matchEnd + 1;
  table.setPlace(part.line, start, end);
  if (ufidEnd > start) table.setPlace(part.ufid, start + "ufid:".length, ufidEnd);
  table.setPlace(part.match, matchStart, matchEnd);
  table.setPlace(part.attributes, attributes, end);
  const problem = readAttributes(table, attributes, end) ?? withoutActions(table, line);
  if (problem === undefined) return line;
  table.giveUp();
  return problem;
}

function withoutActions(table: LineTable, line: number): LineProblem["kind"] | undefined {
  const [start, end] = [table.startOf(line, part.line), table.endOf(line, part.line)];
  const hasActions = table.endOf(line, part.actions) > table.startOf(line, part.actions);
  return hasActions ? undefined : shapeless(table.source.text, start, end);
}

/** A line without actions: cut off, if it begins as megaflows do. */
function shapeless(text: string, start: number, end: number): LineProblem["kind"] {
  const beginning = text.slice(start, Math.min(end, start + 40));
  return /^(ufid:|recirc_id\(|in_port\(|skb_priority\(|ct_state\(|tunnel\()/.test(beginning)
    ? "truncated"
    : "not-a-megaflow";
}

function readAttributes(
  table: LineTable,
  start: number,
  end: number,
): LineProblem["kind"] | undefined {
  const { text } = table.source;
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
    table.addAttribute(keyStart, keyEnd, valueStart, at);
  }
  return undefined;
}
