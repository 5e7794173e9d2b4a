/**
 * Flows read from text: `ovs-ofctl dump-flows` in all its forms, files for `ovs-ofctl add-flows`, and the messages
 * that `ovs-ofctl parse-flows` and Open vSwitch's errors print. Nothing is thrown and nothing is dropped: what is
 * not understood is kept as text, and the flow says so.
 */

import type { Source, Span } from "../text/source.js";
import type { ReadFlow } from "./flow-line.js";
import { LineReader } from "./read-line.js";

/** A line that holds no flow. */
export interface FlowProblem {
  /** The last line, when it stops before its actions: the text was cut off. */
  readonly kind: "cut-short" | "not-a-flow";
  readonly span: Span;
}

export interface ReadFlows {
  readonly flows: readonly ReadFlow[];
  readonly problems: readonly FlowProblem[];
}

/** One line; undefined if it holds no flow. */
export function readFlow(text: string): ReadFlow | undefined {
  return readFlows({ name: "flow", text }).flows[0];
}

export function readFlows(source: Source): ReadFlows {
  const { text } = source;
  const reader = new LineReader(source);
  const flows: ReadFlow[] = [];
  const problems: FlowProblem[] = [];
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf("\n", start);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    let end = lineEnd < 0 ? text.length : lineEnd;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    if (start < end && text.charCodeAt(start) !== 35) {
      const flow = reader.read(start, end);
      if (flow !== undefined) flows.push(flow);
      else if (!isHeader(text.slice(start, end)))
        problems.push({
          kind: text.slice(next).trim() === "" && lineEnd < 0 ? "cut-short" : "not-a-flow",
          span: { source, start, end },
        });
    }
    start = next;
  }
  return { flows, problems };
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}

const header =
  /^(NXST_FLOW|OFPST_FLOW|NXST_FLOW_MONITOR)[ _].*:?$|^(usable|chosen) protocols?: |^flags=\[more\]$/;

function isHeader(line: string): boolean {
  return header.test(line);
}
