/** A dumped flow as railfence itself would print it. */

import { readFlow } from "../openflow/read.js";
import { type FlowText, printFlowText } from "./flow-text.js";
import { PrintedFlow } from "./printed-flow.js";

/** A flow that is not understood stays as it is, and so does one that we printed. */
export function inOurWords(line: FlowText): FlowText {
  if (line instanceof PrintedFlow) return line;
  const flow = readFlow(printFlowText(line));
  if (flow === undefined || !flow.understood) return line;
  return { ...new PrintedFlow(flow, new Map()), extras: line.extras };
}
