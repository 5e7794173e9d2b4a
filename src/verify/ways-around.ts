/**
 * Flows of somebody else that may bring an endpoint what the fence has never seen: from a port that is not fenced, past
 * all of ours. `NORMAL`, which bridges are born with, is one: it delivers to any port of the bridge.
 */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { type Action, outputsIn } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import { openflowPortName, type PortNames } from "./port-names.js";

interface Fence {
  /** Every port whose packets the fence decides about. */
  readonly ports: ReadonlySet<string>;
  readonly names: PortNames;
}

/** `foreign` are all flows of the bridge that are not ours. */
export function waysAround(
  compiled: CompiledRail,
  foreign: readonly Flow[],
  { ports, names }: Fence,
): Flow[] {
  const { bridge, uplink } = compiled.ports;
  const ours = compiled.tables.map(({ number }) => number);
  const nameOf = (port: Parameters<typeof openflowPortName>[0]) =>
    openflowPortName(port, names, bridge);
  const isEndpoint = (name: string) => ports.has(name) && name !== bridge && name !== uplink;
  const byTable = new Map<number, Flow[]>();
  for (const flow of foreign)
    if (flow.match.inPort === undefined || !ports.has(nameOf(flow.match.inPort)))
      byTable.set(flow.table, [...(byTable.get(flow.table) ?? []), flow]);

  // where packets of other ports come to: from the first table on, as far as others' flows send them
  const reached = new Set([0]);
  const around: Flow[] = [];
  for (const table of reached)
    for (const flow of byTable.get(table) ?? []) {
      let isAround = false;
      for (const action of flow.actions) {
        const next = action.kind === "resubmit" ? (action.table ?? table) : gotoOf(action);
        if (next !== undefined) {
          reached.add(next);
          // our first table knows its ports and takes no others; any later one believes what it is told
          isAround ||= ours.includes(next) && next !== ours[0];
        }
        if (action.kind === "resubmit" && action.port !== undefined)
          isAround ||= ports.has(nameOf(action.port));
        for (const sent of outputsIn(action)) isAround ||= isEndpoint(nameOf(sent));
        if (action.kind === "unknown") isAround ||= !harmless.test(action.text);
      }
      if (isAround) around.push(flow);
    }
  return around;
}

function gotoOf(action: Action): number | undefined {
  return action.kind === "goto" ? action.table : undefined;
}

/** Actions that are not interpreted and that send nothing to a port of the bridge (ovs-actions(7)). */
const harmless =
  /^(dec_ttl|dec_nw_ttl|pop_vlan|strip_vlan|push_vlan|set_vlan_vid|set_vlan_pcp|mod_vlan_vid|mod_vlan_pcp|note|meter|set_queue|pop_queue|ct_clear|CONTROLLER|controller)\b/;
