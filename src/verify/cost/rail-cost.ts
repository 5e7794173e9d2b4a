/** What one rail of one node will cost the datapath and the NIC, before anything is installed. */

import type { RailView } from "../../compile/rail-view.js";
import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import { Translator } from "../../datapath/unwildcard/translation.js";
import type { Rule } from "../../policy/checked-policy.js";
import type { HostileCost, PortCost, RailCost, RuleCost, Tally } from "./cost.js";
import { explore } from "./explore.js";
import { type HostileBound, HostileModel } from "./hostile-bound.js";
import { legitimateTraffic, type PortChoice } from "./legitimate-traffic.js";
import { type FoundMegaflow, MegaflowSet } from "./megaflow-set.js";
import { neighbourTraffic } from "./neighbour-traffic.js";
import type { RailModel } from "./rail-model.js";

export function railCostOf(model: RailModel): RailCost {
  const { compiled } = model;
  const { known, rules } = legitimateMegaflows(model, "one");
  return {
    node: compiled.node,
    rail: compiled.rail,
    bridge: compiled.ports.bridge,
    flows: compiled.flows.length,
    legitimate: tallyOfSet(known),
    everyPort: everyPortTallyOf(model),
    ports: portCosts(model, known.all),
    rules: ruleCosts(known.all, rules),
    neighbours: neighbourCost(model),
  };
}

/** What a budget is held against. */
export type LegitimateCost = Pick<RailCost, "node" | "rail" | "legitimate" | "rules">;

export function legitimateCostOf(model: RailModel): LegitimateCost {
  const { known, rules } = legitimateMegaflows(model, "one");
  const { node, rail } = model.compiled;
  return { node, rail, legitimate: tallyOfSet(known), rules: ruleCosts(known.all, rules) };
}

/** The tally alone, without what it is made of. */
export function legitimateTallyOf(model: RailModel): Tally {
  return tallyOfSet(legitimateMegaflows(model, "one").known);
}

/** The same of every port. */
export function everyPortTallyOf(model: RailModel): Tally {
  return tallyOfSet(legitimateMegaflows(model, "every").known);
}

function legitimateMegaflows(
  { view, tables, start }: RailModel,
  choice: PortChoice,
): {
  known: MegaflowSet;
  rules: ReadonlyMap<string, Rule>;
} {
  const known = new MegaflowSet();
  const rules = new Map<string, Rule>();
  const translator = new Translator(tables, start);
  for (const { box, rules: behind } of legitimateTraffic(view, tables.portNumber, choice)) {
    for (const rule of behind) rules.set(rule.id, rule);
    explore(translator, box, known, ({ causes }) => {
      for (const { id } of behind) causes.add(id);
    });
  }
  return { known, rules };
}

function portCosts({ view, tables }: RailModel, all: readonly FoundMegaflow[]): PortCost[] {
  const byPort = new Map<number, FoundMegaflow[]>();
  for (const one of all) {
    const port = one.example[wordOf.inPort] as number;
    const same = byPort.get(port);
    if (same === undefined) byPort.set(port, [one]);
    else same.push(one);
  }
  const tally = (port: string) => tallyOf(byPort.get(tables.portNumber(port)) ?? []);
  const { uplink } = view.ports;
  const costs: PortCost[] = view.fleet.locals().map(({ representor, endpoint }) => ({
    port: representor,
    endpoint: `${endpoint.namespace}/${endpoint.pod}`,
    ...tally(representor),
  }));
  return [{ port: uplink, ...tally(uplink) }, ...costs].sort((a, b) => b.megaflows - a.megaflows);
}

function ruleCosts(all: readonly FoundMegaflow[], rules: ReadonlyMap<string, Rule>): RuleCost[] {
  const byRule = new Map<string, FoundMegaflow[]>([...rules.keys()].map((id) => [id, []]));
  for (const one of all) for (const id of one.causes) byRule.get(id)?.push(one);
  return [...byRule]
    .map(([id, own]) => ({
      rule: rules.get(id) as Rule,
      ...tallyOf(own),
      shared: own.filter(({ causes }) => causes.size > 1).length,
    }))
    .sort((a, b) => b.megaflows - a.megaflows || (a.rule.id < b.rule.id ? -1 : 1));
}

function neighbourCost({ view, tables, start }: RailModel): RailCost["neighbours"] {
  const known = new MegaflowSet();
  const translator = new Translator(tables, start);
  for (const box of neighbourTraffic(view, tables.portNumber))
    explore(translator, box, known, () => {});
  return { ...tallyOf(known.all), inUserspace: known.all.filter(({ slow }) => slow).length };
}

function tallyOfSet({ all, masks }: MegaflowSet): Tally {
  return { megaflows: all.length, masks };
}

function tallyOf(megaflows: readonly FoundMegaflow[]): Tally {
  return { megaflows: megaflows.length, masks: new Set(megaflows.map(({ mask }) => mask)).size };
}

/** What each representor and the fabric can make at most. */
export function hostileCostsOf({ view, tables }: RailModel): HostileCost[] {
  const model = new HostileModel(tables);
  const costs = view.fleet
    .locals()
    .map(({ representor }) =>
      hostileCost(representor, model.boundOf(tables.portNumber(representor))),
    );
  return [...costs, uplinkCost(view, tables.portNumber(view.ports.uplink), model)];
}

/** On a routed rail of one neighbour, the leaf: others cost as much. */
function uplinkCost(view: RailView, number: number, model: HostileModel): HostileCost {
  const { uplink, nextHop } = view.ports;
  if (view.isRouted) {
    const ofOne = model.boundOf(number, nextHop ?? 0n);
    if (ofOne?.showsSourceMac !== false)
      return { ...hostileCost(uplink, ofOne), perSourceMac: true };
  }
  return hostileCost(uplink, model.boundOf(number));
}

function hostileCost(port: string, bound: HostileBound | undefined): HostileCost {
  return { port, perSourceMac: false, ...(bound === undefined ? {} : { bound }) };
}
