/** Checked policy and inventory to the flows of one rail of one node. */

import type { Flow } from "../openflow/flow.js";
import { printMatch } from "../openflow/print.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Endpoint, Inventory } from "../policy/inventory.js";
import type { Diagnostic } from "../text/diagnostic.js";
import type { CompiledRail } from "./compiled-rail.js";
import { addEndpoint } from "./endpoint.js";
import { Fleet, type LocalEndpoint } from "./fleet.js";
import { FlowSink, Names } from "./flow-sink.js";
import { addJunctions } from "./junctions.js";
import { findNotOffloadable } from "./offloadable.js";
import type { Party } from "./party.js";
import { addPermits } from "./permit.js";
import { pipelineOf } from "./pipeline.js";
import { families, RailView } from "./rail-view.js";
import { addFragmentStop } from "./service.js";
import { addSourceParty } from "./source-party.js";
import { addUplink } from "./uplink.js";

export interface RailChoice {
  readonly node: string;
  readonly rail: string;
  /** Number of the first table; 0 unless others' flows come first on the same bridge. */
  readonly tableBase?: number;
}

/**
 * The flows of that rail of that node, in canonical order. They allow a packet if and only if the policy does.
 * Throws RangeError where node or rail are not in the inventory or the tables do not fit above `tableBase`.
 */
export function compileRail(
  policy: CheckedPolicy,
  inventory: Inventory,
  choice: RailChoice,
): CompiledRail {
  return new RailCompiler(policy, inventory, choice).compile();
}

/**
 * Keeps what a rail's flows are made of, so that an endpoint that comes or goes costs only the parts it takes part
 * in: flows of parts that did not change are the same objects as before.
 */
export class RailCompiler {
  readonly #view: RailView;
  readonly #names = new Names();
  readonly #choice: RailChoice;
  readonly #diagnostics: readonly Diagnostic[];
  readonly #parts = new Map<string, { stamp: unknown; flows: readonly Flow[] }>();

  constructor(policy: CheckedPolicy, inventory: Inventory, choice: RailChoice) {
    const rail = inventory.rails.get(choice.rail);
    const ports = inventory.nodes.get(choice.node)?.rails.get(choice.rail);
    if (rail === undefined || ports === undefined)
      throw new RangeError(`node ${choice.node} has no rail ${choice.rail} in the inventory`);
    const pipeline = pipelineOf(rail.mode, choice.tableBase ?? 0);
    const fleet = new Fleet(policy, inventory, choice.node, choice.rail);
    this.#view = new RailView(policy, inventory, rail, ports, fleet, pipeline);
    this.#choice = choice;
    this.#diagnostics = findNotOffloadable(policy, choice.rail);
  }

  add(endpoint: Endpoint): void {
    this.#view.fleet.add(endpoint);
  }

  remove(endpoint: Endpoint): void {
    this.#view.fleet.remove(endpoint);
  }

  compile(): CompiledRail {
    const { rail, ports, pipeline } = this.#view;
    return {
      node: this.#choice.node,
      rail: rail.name,
      mode: rail.mode,
      ports,
      tables: pipeline.tables,
      flows: this.#diagnostics.length > 0 ? [] : inOrder(this.#flows()),
      provenance: this.#names.provenance,
      diagnostics: this.#diagnostics,
    };
  }

  #flows(): Flow[] {
    const view = this.#view;
    const used = new Set<string>();
    const part = (
      name: string,
      stamp: unknown,
      build: (sink: FlowSink) => void,
    ): readonly Flow[] => {
      used.add(name);
      const known = this.#parts.get(name);
      if (known !== undefined && known.stamp === stamp) return known.flows;
      const sink = new FlowSink(this.#names);
      build(sink);
      this.#parts.set(name, { stamp, flows: sink.flows });
      return sink.flows;
    };
    const locals = view.fleet.locals();
    const whole = this.#stampOfAll();
    const flows = [
      part("junctions", families(view).join(), (sink) => {
        addJunctions(view, sink);
        for (const family of [4, 6] as const) addFragmentStop(view, sink, family);
      }),
      part("uplink", whole, (sink) => addUplink(view, sink)),
      ...families(view).map((family) =>
        part(`permit ${family}`, whole, (sink) => addPermits(view, sink, family)),
      ),
      ...locals.map((local) =>
        part(`endpoint ${local.representor}`, local.endpoint, (sink) =>
          addEndpoint(view, sink, local),
        ),
      ),
      ...families(view).flatMap((family) =>
        partiesOf(view.locals(family)).map((party) =>
          part(`party ${family} ${party.label}`, this.#stampOfParty(party), (sink) =>
            addSourceParty(view, sink, party, family),
          ),
        ),
      ),
    ];
    for (const name of this.#parts.keys()) if (!used.has(name)) this.#parts.delete(name);
    return flows.flat();
  }

  #stampOfAll(): string {
    return [...this.#view.fleet.members()]
      .map(({ party, version }) => `${party.label}:${version}`)
      .join(" ");
  }

  /** Versions of all whom the party's rules name; of everybody where one says `any`. */
  #stampOfParty(party: Party): string {
    const stakes = this.#view.clauses.stakesOf(party);
    if (stakes.some(({ counterpart }) => counterpart.kind === "any")) return this.#stampOfAll();
    return this.#view
      .namedBy(party)
      .map(({ party: named, version }) => `${named.label}:${version}`)
      .join(" ");
  }
}

function partiesOf(locals: readonly LocalEndpoint[]): Party[] {
  return [...new Map(locals.map(({ party }) => [party.label, party])).values()];
}

const matchTexts = new WeakMap<Flow, string>();

function matchTextOf(flow: Flow): string {
  const known = matchTexts.get(flow);
  if (known !== undefined) return known;
  const text = printMatch(flow.match);
  matchTexts.set(flow, text);
  return text;
}

/** Invariant (one flow a match): no two flows share table, priority and match, else OVS would keep only the last. */
function inOrder(flows: readonly Flow[]): Flow[] {
  const sorted = flows
    .map((flow) => ({ flow, text: matchTextOf(flow) }))
    .sort(
      (a, b) =>
        a.flow.table - b.flow.table ||
        b.flow.priority - a.flow.priority ||
        (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
    );
  for (const [index, { flow, text }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (
      next?.flow.table === flow.table &&
      next.flow.priority === flow.priority &&
      next.text === text
    )
      throw new Error(
        `two flows in table ${flow.table} at priority ${flow.priority} match ${text}`,
      );
  }
  return sorted.map(({ flow }) => flow);
}
