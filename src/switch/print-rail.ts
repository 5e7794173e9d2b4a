/** A compiled rail as lines for the switch, with the port numbers of that very switch. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { drop } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import type { Port } from "../openflow/match.js";
import { SwitchError } from "./errors.js";
import type { FlowText } from "./flow-text.js";
import { PrintedFlow } from "./printed-flow.js";
import type { PortNumbers } from "./read-answers.js";

/** What a flow with a port that the bridge does not have becomes. */
export type AbsentPorts =
  /** An error that names the ports. */
  | "refuse"
  /**
   * What matches on the port is left out, what outputs to it drops: nothing can come from there or go there, and no
   * flow of lower priority may take the packet over.
   */
  | "drop";

/**
 * Prints flows, each flow object once: a compiler that keeps the objects of unchanged flows makes a change in one
 * endpoint cost what that endpoint's flows cost.
 */
export class FlowPrinter {
  readonly portNumbers: PortNumbers;
  /** Undefined for a flow that is left out. Not a WeakMap: thousands of entries in one cost the collector more. */
  private printed = new Map<Flow, FlowText | undefined>();
  private readonly missing = new Set<string>();

  constructor(portNumbers: PortNumbers) {
    this.portNumbers = portNumbers;
  }

  /** @throws {SwitchError} `port-missing`, naming every port that the bridge lacks, with `refuse` */
  print(rail: CompiledRail, absentPorts: AbsentPorts = "refuse"): FlowText[] {
    const lines = this.linesOf(rail.flows);
    // whatever else was printed is of no use any more
    this.printed = new Map(rail.flows.map((flow) => [flow, this.printed.get(flow)]));
    if (this.missing.size > 0 && absentPorts === "refuse")
      throw portsMissing(rail.ports.bridge, this.absentPorts);
    return lines;
  }

  /** Some flows of a rail, as with `drop`. */
  linesOf(flows: readonly Flow[]): FlowText[] {
    const lines: FlowText[] = [];
    for (const flow of flows) {
      const line = this.lineOf(flow);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  /** The lines of flows that no rail has any more: the very objects that they had. */
  forget(flows: readonly Flow[]): FlowText[] {
    const lines = this.linesOf(flows);
    for (const flow of flows) this.printed.delete(flow);
    return lines;
  }

  /** Ports that printed flows named and the bridge lacks, in ascending order. */
  get absentPorts(): readonly string[] {
    return [...this.missing].sort();
  }

  private lineOf(flow: Flow): FlowText | undefined {
    const known = this.printed.get(flow);
    if (known !== undefined || this.printed.has(flow)) return known;
    const line = this.printLine(flow);
    this.printed.set(flow, line);
    return line;
  }

  private printLine(flow: Flow): FlowText | undefined {
    const { inPort } = flow.match;
    if (inPort !== undefined && this.isAbsent(inPort)) return undefined;
    const leadsNowhere = flow.actions.some(
      (action) => action.kind === "output" && this.isAbsent(action.port),
    );
    return new PrintedFlow(leadsNowhere ? { ...flow, actions: drop } : flow, this.portNumbers);
  }

  private isAbsent(port: Port): boolean {
    if (typeof port === "number" || port === "LOCAL" || port === "IN_PORT") return false;
    if (this.portNumbers.has(port)) return false;
    this.missing.add(port);
    return true;
  }
}

export function portsMissing(bridge: string, names: readonly string[]): SwitchError {
  const ports = names.map((name) => `\`${name}\``).join(", ");
  const [noun, pronoun] = names.length === 1 ? ["port", "it"] : ["ports", "them"];
  return new SwitchError({
    kind: "port-missing",
    message: `bridge \`${bridge}\` has no ${noun} ${ports}, or could not open ${pronoun}`,
    help: `\`ovs-vsctl show\` tells which ports are there and their errors`,
    bridge,
  });
}
