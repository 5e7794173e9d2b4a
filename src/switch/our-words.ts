/** A dumped flow as railfence itself would print it. */

import { readFlow } from "../openflow/read.js";
import { type FlowText, printFlowText } from "./flow-text.js";
import { printLine } from "./print-rail.js";

/** A flow that is not understood stays as it is. */
export function inOurWords(line: FlowText): FlowText {
  const flow = readFlow(printFlowText(line));
  if (flow === undefined || !flow.understood) return line;
  return { ...printLine(flow, new Map()), extras: line.extras };
}
