/** A flow that railfence printed for a switch, with what it was printed from. */

import type { Flow } from "../openflow/flow.js";
import { defaultPriority, printActions, printMatch } from "../openflow/print.js";
import { readFlow } from "../openflow/read.js";
import { type FlowText, printFlowText } from "./flow-text.js";
import type { PortNumbers } from "./read-answers.js";

/** A flow, and the numbers of the ports that it names. */
export interface FlowOrigin {
  readonly flow: Flow;
  readonly ports: PortNumbers;
}

export class PrintedFlow implements FlowText {
  readonly table: number;
  readonly match: string;
  readonly cookie: string;
  readonly actions: string;
  readonly extras = "";
  // private: a plan is text to those who compare, copy or serialise it
  readonly #flow: Flow;
  readonly #ports: PortNumbers;

  /** Names of ports that are not among `ports` stay names. */
  constructor(flow: Flow, ports: PortNumbers) {
    const match = printMatch(flow.match, ports);
    const priority = flow.priority === defaultPriority ? "" : `priority=${flow.priority}`;
    this.table = flow.table;
    this.match = priority === "" || match === "" ? priority + match : `${priority},${match}`;
    this.cookie = `0x${flow.cookie.toString(16)}`;
    this.actions = printActions(flow.actions, ports);
    this.#flow = flow;
    this.#ports = ports;
  }

  get origin(): FlowOrigin {
    return { flow: this.#flow, ports: this.#ports };
  }
}

/** Undefined for a flow read from a switch that is not understood. */
export function originOf(line: FlowText): FlowOrigin | undefined {
  if (line instanceof PrintedFlow) return line.origin;
  const flow = readFlow(printFlowText(line));
  return flow?.understood === true ? { flow, ports: new Map() } : undefined;
}
