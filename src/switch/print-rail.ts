/** A compiled rail as lines for the switch, with the port numbers of that very switch. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { Flow } from "../openflow/flow.js";
import type { Port } from "../openflow/match.js";
import { defaultPriority, printActions, printMatch } from "../openflow/print.js";
import { SwitchError } from "./errors.js";
import type { FlowText } from "./flow-text.js";

export type PortNumbers = ReadonlyMap<string, number>;

/**
 * Prints flows, each flow object once: a compiler that keeps the objects of unchanged flows makes a change in one
 * endpoint cost what that endpoint's flows cost.
 */
export class FlowPrinter {
  private readonly printed = new WeakMap<Flow, FlowText>();
  private readonly portNumbers: PortNumbers;

  constructor(portNumbers: PortNumbers) {
    this.portNumbers = portNumbers;
  }

  /** @throws {SwitchError} `port-missing`, naming every port that the bridge lacks */
  print(rail: CompiledRail): FlowText[] {
    const missing = new Set<string>();
    const lines = rail.flows.map((flow) => {
      const known = this.printed.get(flow);
      if (known !== undefined) return known;
      for (const port of portsOf(flow))
        if (typeof port === "string" && !isReserved(port) && !this.portNumbers.has(port))
          missing.add(port);
      if (missing.size > 0) return nothing;
      const line = printLine(flow, this.portNumbers);
      this.printed.set(flow, line);
      return line;
    });
    if (missing.size > 0) throw portsMissing(rail.ports.bridge, [...missing].sort());
    return lines;
  }
}

const nothing: FlowText = { table: 0, match: "", cookie: "0x0", actions: "", extras: "" };

function printLine(flow: Flow, ports: PortNumbers): FlowText {
  const match = printMatch(flow.match, ports);
  const priority = flow.priority === defaultPriority ? "" : `priority=${flow.priority}`;
  return {
    table: flow.table,
    match: priority === "" || match === "" ? priority + match : `${priority},${match}`,
    cookie: `0x${flow.cookie.toString(16)}`,
    actions: printActions(flow.actions, ports),
    extras: "",
  };
}

function* portsOf(flow: Flow): Generator<Port> {
  if (flow.match.inPort !== undefined) yield flow.match.inPort;
  for (const action of flow.actions) if (action.kind === "output") yield action.port;
}

function isReserved(port: string): boolean {
  return port === "LOCAL" || port === "IN_PORT";
}

function portsMissing(bridge: string, names: readonly string[]): SwitchError {
  const ports = names.map((name) => `\`${name}\``).join(", ");
  const [noun, pronoun] = names.length === 1 ? ["port", "it"] : ["ports", "them"];
  return new SwitchError({
    kind: "port-missing",
    message: `bridge \`${bridge}\` has no ${noun} ${ports}, or could not open ${pronoun}`,
    help: `\`ovs-vsctl show\` tells which ports are there and their errors`,
    bridge,
  });
}
