/** Flows with the names of ports: numbers say nothing to who reads them at night. */

import type { Action } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import { type PortNumbers, printFlow } from "../openflow/print.js";

export function printFlowWithNames(flow: Flow, portNumbers: PortNumbers): string {
  const names = new Map([...portNumbers].map(([name, number]) => [number, name]));
  const { inPort } = flow.match;
  const named = typeof inPort === "number" ? names.get(inPort) : undefined;
  const match = named === undefined ? flow.match : { ...flow.match, inPort: named };
  const withName = <T extends Action>(action: T): T => {
    if (action.kind === "write-actions")
      return { ...action, actions: action.actions.map(withName) };
    if (action.kind !== "output" || typeof action.port !== "number") return action;
    return { ...action, port: names.get(action.port) ?? action.port };
  };
  return printFlow({ ...flow, match, actions: flow.actions.map(withName) });
}
