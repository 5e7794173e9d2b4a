/** The switch's flows against the compiled ones: what is missing, changed, too much, or stands in front. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { Action } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import { isOurCookie } from "../openflow/our-cookie.js";
import type { Rule } from "../policy/checked-policy.js";
import { openflowPortName, type PortNames } from "./port-names.js";
import type { TableFinding } from "./verdict.js";
import { waysAround } from "./ways-around.js";

/** `found` is everything the bridge holds, flows of others too. */
export function compareFlows(
  compiled: CompiledRail,
  found: readonly Flow[],
  names: PortNames,
): TableFinding[] {
  const { bridge } = compiled.ports;
  const findings: TableFinding[] = [];
  const expected = new Map(compiled.flows.map((flow) => [identityOf(flow, names, bridge), flow]));
  const seen = new Set<string>();
  const foreign: Flow[] = [];
  for (const flow of found) {
    const identity = identityOf(flow, names, bridge);
    const ours = expected.get(identity);
    if (ours === undefined) {
      if (isOurCookie(flow.cookie)) findings.push({ kind: "extra-flow", flow });
      else foreign.push(flow);
      continue;
    }
    seen.add(identity);
    const changed = changeOf(ours, flow, names, bridge);
    if (changed !== undefined)
      findings.push({
        kind: "changed-flow",
        flow: ours,
        found: flow,
        changed,
        rules: rulesOf(compiled, ours),
      });
  }
  for (const [identity, flow] of expected)
    if (!seen.has(identity))
      findings.push({ kind: "missing-flow", flow, rules: rulesOf(compiled, flow) });
  return [...findings, ...intruders(compiled, foreign, names)];
}

export function rulesOf(compiled: CompiledRail, flow: Flow): readonly Rule[] {
  const provenance = compiled.provenance.get(flow.cookie);
  return provenance?.kind === "rules" ? provenance.rules : [];
}

/**
 * Foreign flows that share packets with one of ours and are asked first, or undecidedly; and those that lead past all
 * of ours.
 */
function intruders(
  compiled: CompiledRail,
  foreign: readonly Flow[],
  names: PortNames,
): TableFinding[] {
  const { bridge } = compiled.ports;
  const ports = fencedPorts(compiled, names);
  const byTable = new Map<number, Flow[]>();
  for (const flow of compiled.flows) {
    const flows = byTable.get(flow.table) ?? [];
    flows.push(flow);
    byTable.set(flow.table, flows);
  }
  const findings: TableFinding[] = [];
  const first = compiled.tables[0]?.number ?? 0;
  for (const flow of foreign) {
    const { inPort } = flow.match;
    // flows for ports of their own live beside ours and take nothing from them
    if (inPort !== undefined && !ports.has(openflowPortName(inPort, names, bridge))) continue;
    // before our first table others may do no more than lead to it
    const isBefore = flow.table < first && !leadsOnlyTo(first, flow.actions);
    const ours = byTable.get(isBefore ? first : flow.table);
    const above = ours?.find(
      (one) =>
        (isBefore || one.priority <= flow.priority) && sharePackets(one, flow, names, bridge),
    );
    if (above !== undefined) findings.push({ kind: "foreign-flow", flow, above });
  }
  const told = new Set(findings.map(({ flow }) => flow));
  for (const flow of waysAround(compiled, foreign, { ports, names }))
    if (!told.has(flow)) findings.push({ kind: "way-around", flow });
  return findings;
}

function leadsOnlyTo(table: number, actions: readonly Action[]): boolean {
  const [action, ...others] = actions;
  if (action === undefined || others.length > 0) return false;
  if (action.kind === "goto") return action.table <= table;
  return action.kind === "resubmit" && action.port === undefined && (action.table ?? 0) <= table;
}

/** Ports whose packets the fence decides about: the bridge's own, the uplink and the representors. */
export function fencedPorts(compiled: CompiledRail, names: PortNames): ReadonlySet<string> {
  const { bridge, uplink } = compiled.ports;
  const ports = new Set([bridge, uplink]);
  for (const { match } of compiled.flows)
    if (match.inPort !== undefined) ports.add(openflowPortName(match.inPort, names, bridge));
  return ports;
}

function sharePackets(one: Flow, other: Flow, names: PortNames, bridge: string): boolean {
  const [first, second] = [one, other].map(({ match }) =>
    match.inPort === undefined ? undefined : openflowPortName(match.inPort, names, bridge),
  );
  if (first !== undefined && second !== undefined && first !== second) return false;
  const fields = new Map(one.match.fields.map((field) => [field.field, field]));
  return other.match.fields.every(({ field, value, mask }) => {
    const same = fields.get(field);
    return same === undefined || ((same.value ^ value) & same.mask & mask) === 0n;
  });
}

/** Table, priority and match: what OVS takes for the same flow. */
function identityOf(flow: Flow, names: PortNames, bridge: string): string {
  const port =
    flow.match.inPort === undefined ? "" : openflowPortName(flow.match.inPort, names, bridge);
  const fields = flow.match.fields.map(
    ({ field, value, mask }) => `${field}=${value.toString(16)}/${mask.toString(16)}`,
  );
  return [flow.table, flow.priority, port, ...fields.sort(), ...(flow.match.unknown ?? [])].join(
    " ",
  );
}

function changeOf(
  ours: Flow,
  found: Flow,
  names: PortNames,
  bridge: string,
): "actions" | "cookie" | undefined {
  const text = (actions: readonly Action[]) =>
    actions.map((action) => actionText(action, names, bridge)).join(" ");
  if (text(ours.actions) !== text(found.actions)) return "actions";
  return ours.cookie === found.cookie ? undefined : "cookie";
}

function actionText(action: Action, names: PortNames, bridge: string): string {
  switch (action.kind) {
    case "output":
      return `output ${openflowPortName(action.port, names, bridge)}`;
    case "set":
      return `set ${action.field}=${action.value.toString(16)}/${action.mask?.toString(16) ?? ""}`;
    case "move":
      return `move ${action.from} ${action.to}`;
    case "goto":
      return `goto ${action.table}`;
    case "resubmit":
      return `resubmit ${action.port ?? ""} ${action.table ?? ""}`;
    case "conjunction":
      return `conjunction ${action.id} ${action.dimension}/${action.of}`;
    case "write-actions":
      return `write ${action.actions.map((one) => actionText(one, names, bridge)).join("; ")}.`;
    case "clear-actions":
      return action.kind;
    case "controller":
    case "queue":
    case "note":
    case "unknown":
      return `${action.kind} ${action.text}`;
  }
}
