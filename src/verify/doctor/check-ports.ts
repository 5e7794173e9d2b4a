/** Is offload on at each port, does tc have a place for filters there, and do all filters have an owner? */

import { flowApiOf } from "./check-switch.js";
import type { DoctorFinding, PortFilter, PortFinding } from "./doctor-finding.js";
import { valueIn } from "./fact.js";
import { type NicPort, nicBridgesOf } from "./nic-ports.js";
import type { NodeFacts, PortFacts } from "./node-facts.js";
import { unknownOf, unknownOfEach } from "./unknown.js";

export function checkPorts(facts: NodeFacts): DoctorFinding[] {
  const ports = nicBridgesOf(facts).flatMap(({ uplinks, representors }) => [
    ...uplinks,
    ...representors,
  ]);
  if (ports.length === 0) return filterFindings(ports, facts);
  return [
    ...offloadFindings(ports, facts),
    ...ingressFindings(ports, facts),
    ...filterFindings(ports, facts),
    ...downFindings(ports),
  ];
}

function factsOf<K extends keyof PortFacts>(
  ports: readonly NicPort[],
  facts: NodeFacts,
  key: K,
): ReadonlyMap<string, PortFacts[K]> {
  const found = new Map<string, PortFacts[K]>();
  for (const { name } of ports) {
    const fact = facts.ports.get(name)?.[key];
    if (fact !== undefined) found.set(name, fact);
  }
  return found;
}

function offloadFindings(ports: readonly NicPort[], facts: NodeFacts): DoctorFinding[] {
  const found = factsOf(ports, facts, "tcOffload");
  const known = [...found].flatMap(([name, fact]) =>
    fact.state === "present" ? [{ name, ...fact.value }] : [],
  );
  const off = known.filter(({ isOn, isFixed }) => !isOn && !isFixed).map(({ name }) => name);
  const fixed = known.filter(({ isOn, isFixed }) => !isOn && isFixed).map(({ name }) => name);
  return [
    ...unknownOfEach(found, "ports", "tc-offload", "problem"),
    ...listed("tc-offload-off", off),
    ...listed("tc-offload-fixed-off", fixed),
    ...(known.length > 0 && off.length + fixed.length === 0
      ? [{ code: "tc-offload-on", ports: known.length } as const]
      : []),
  ];
}

/** Where Open vSwitch does not offload it makes no qdiscs, and that is said already. */
function ingressFindings(ports: readonly NicPort[], facts: NodeFacts): DoctorFinding[] {
  if (flowApiOf(facts)?.runs !== true) return [];
  const withQdisc = valueIn(facts.ingress);
  if (withQdisc === undefined) return unknownOf(facts.ingress, "ports", "ingress-qdisc", "problem");
  const without = ports.map(({ name }) => name).filter((name) => !withQdisc.has(name));
  return without.length > 0
    ? listed("ingress-qdisc-missing", without)
    : [{ code: "ingress-qdisc", ports: ports.length }];
}

/** A port that was taken off its bridge while ovs-vswitchd was down keeps its filters, and the NIC forwards by them. */
function filterFindings(ports: readonly NicPort[], facts: NodeFacts): DoctorFinding[] {
  const found = new Map([...facts.ports].map(([name, { filters }]) => [name, filters]));
  const onBridges = new Set(ports.map(({ name }) => name));
  const settings = valueIn(facts.openVswitch.settings);
  const offloadIsOff = settings !== undefined && settings.otherConfig.get("hw-offload") !== "true";
  const known = [...found].flatMap(([port, fact]) =>
    fact.state === "present" ? [{ port, ...fact.value }] : [],
  );
  const owned = known.reduce((sum, one) => sum + one.owned, 0);
  const orphans = known.flatMap((one) => named(one.port, one.orphans));
  // what others do with ports that no bridge has is theirs
  const foreign = known
    .filter(({ port }) => onBridges.has(port))
    .flatMap((one) => named(one.port, one.foreign));
  const offBridge = [...new Set(orphans.map(({ port }) => port))].filter(
    (port) => !onBridges.has(port),
  );
  return [
    ...unknownOfEach(found, "ports", "filters", "problem"),
    ...(owned > 0 ? [{ code: "filters-owned", filters: owned } as const] : []),
    ...(orphans.length > 0
      ? [{ code: "orphan-filters", filters: orphans, offloadIsOff, offBridge } as const]
      : []),
    ...(foreign.length > 0 ? [{ code: "foreign-filters", filters: foreign } as const] : []),
  ];
}

function named(port: string, filters: readonly string[]): PortFilter[] {
  return filters.map((filter) => ({ port, filter }));
}

function downFindings(ports: readonly NicPort[]): PortFinding[] {
  return listed(
    "ports-down",
    ports.filter(({ state }) => state === "down").map(({ name }) => name),
  );
}

function listed(
  code: "tc-offload-off" | "tc-offload-fixed-off" | "ingress-qdisc-missing" | "ports-down",
  ports: readonly string[],
): PortFinding[] {
  return ports.length === 0 ? [] : [{ code, ports }];
}
