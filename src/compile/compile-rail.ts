/** Checked policy and inventory to the flows of one rail of one node. */

import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Endpoint, Inventory } from "../policy/inventory.js";
import type { Diagnostic } from "../text/diagnostic.js";
import type { CompiledRail } from "./compiled-rail.js";
import { addEndpoint } from "./endpoint.js";
import { Fleet, type LocalEndpoint } from "./fleet.js";
import { FlowOrder, inOrder, keepingSame, type OrderedFlow } from "./flow-order.js";
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

interface Part {
  /** As long as it is the same, so are the flows. */
  readonly stamp: unknown;
  readonly flows: readonly OrderedFlow[];
  /** Labels of what it needs that other parts may need, too. */
  readonly shared: ReadonlySet<string>;
}

/**
 * Keeps what a rail's flows are made of, so that an endpoint that comes or goes costs only the parts it takes part
 * in. Flows that did not change are the same objects as before.
 */
export class RailCompiler {
  readonly #view: RailView;
  readonly #names = new Names();
  readonly #choice: RailChoice;
  readonly #diagnostics: readonly Diagnostic[];
  readonly #parts = new Map<string, Part>();
  readonly #order = new FlowOrder();
  #edition: object | undefined;

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
    const isRefused = this.#diagnostics.length > 0;
    if (!isRefused) this.#renewParts();
    const { flows, change } = this.#order.take();
    const since = this.#edition;
    const edition = {};
    this.#edition = edition;
    return {
      node: this.#choice.node,
      rail: rail.name,
      mode: rail.mode,
      ports,
      tables: pipeline.tables,
      flows,
      provenance: this.#names.provenance,
      diagnostics: this.#diagnostics,
      edition,
      change: since && { since, ...change },
    };
  }

  #renewParts(): void {
    const view = this.#view;
    const used = new Set<string>();
    const part = (name: string, stamp: unknown, build: (sink: FlowSink) => void): void => {
      used.add(name);
      const known = this.#parts.get(name);
      if (known !== undefined && known.stamp === stamp) return;
      const sink = new FlowSink(this.#names);
      build(sink);
      this.#replace(name, { stamp, flows: inOrder(sink.flows), shared: sink.shared });
    };
    const whole = this.#stampOfAll();
    part("junctions", families(view).join(), (sink) => {
      addJunctions(view, sink);
      for (const family of [4, 6] as const) addFragmentStop(view, sink, family);
    });
    part("uplink", whole, (sink) => addUplink(view, sink));
    for (const local of view.fleet.locals())
      part(`endpoint ${local.representor}`, local.endpoint, (sink) =>
        addEndpoint(view, sink, local),
      );
    for (const family of families(view)) {
      part(`permit ${family}`, whole, (sink) => addPermits(view, sink, family));
      for (const party of partiesOf(view.locals(family)))
        part(`party ${family} ${party.label}`, this.#stampOfParty(party), (sink) =>
          addSourceParty(view, sink, party, family),
        );
    }
    const labels = new Set([...used].flatMap((name) => [...(this.#parts.get(name)?.shared ?? [])]));
    for (const label of labels)
      part(`shared ${label}`, label, (sink) =>
        sink.flows.push(...(this.#names.shared.get(label) ?? [])),
      );
    for (const name of this.#parts.keys()) if (!used.has(name)) this.#replace(name, undefined);
  }

  #replace(name: string, part: Part | undefined): void {
    const former = this.#parts.get(name)?.flows ?? [];
    const flows = keepingSame(former, part?.flows ?? []);
    this.#order.exchange(former, flows);
    if (part === undefined) this.#parts.delete(name);
    else this.#parts.set(name, { ...part, flows });
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
