/** Does each rail have a bridge of its own, on the kernel's datapath, without what keeps its traffic in software? */

import type { BridgeFinding, DoctorFinding } from "./doctor-finding.js";
import { valueIn } from "./fact.js";
import {
  type NicBridge,
  type NicPort,
  nicBridgesOf,
  nicPortsOf,
  representorsOf,
  uplinkOf,
} from "./nic-ports.js";
import type { BridgeSettings, NodeFacts } from "./node-facts.js";
import { unknownOfEach } from "./unknown.js";

export function checkBridges(facts: NodeFacts): DoctorFinding[] {
  const bridges = valueIn(facts.openVswitch.settings)?.bridges;
  if (bridges === undefined) return [];
  if (bridges.length === 0) return [{ code: "no-bridge" }];
  const nicBridges = nicBridgesOf(facts);
  // where no bridge has a NIC's port, all of them are looked at: one of them was meant to have some
  const watched = nicBridges.length > 0 ? nicBridges.map(({ bridge }) => bridge) : bridges;
  const flows = new Map(watched.map(({ name }) => [name, flowsOf(facts, name)]));
  return [
    ...watched.flatMap((bridge) => [
      ...nicBridges
        .filter((one) => one.bridge === bridge)
        .flatMap((one) => nicFindings(one, facts)),
      ...settingFindings(bridge),
      ...flowFindings(bridge.name, facts),
    ]),
    ...unknownOfEach(flows, "bridges", "flows", "warning"),
  ];
}

function flowsOf({ openVswitch }: NodeFacts, bridge: string) {
  return openVswitch.flows.get(bridge) ?? ({ state: "absent" } as const);
}

function nicFindings(nicBridge: NicBridge, facts: NodeFacts): BridgeFinding[] {
  const { uplinks, representors, others } = nicBridge;
  const bridge = nicBridge.bridge.name;
  const findings: BridgeFinding[] = strayFindings(nicBridge, facts);
  // what stands on the wrong bridge is named as that, and makes no second NIC of this one
  const strays = new Set(
    findings.flatMap((one) => (one.code === "representors-elsewhere" ? one.representors : [])),
  );
  const own = [...uplinks, ...representors].filter(({ name }) => !strays.has(name));
  const ids = [...new Set(own.map(({ switchId }) => switchId))];
  const [uplink] = uplinks;
  if (ids.length > 1)
    findings.push({ code: "several-nics", bridge, nics: portsBySwitch(ids, own) });
  else if (uplinks.length > 1 && !isOneBond(nicBridge))
    findings.push({ code: "several-uplinks", bridge, uplinks: uplinks.map(({ name }) => name) });
  if (uplink !== undefined && findings.length === 0) {
    const { switchId, name } = uplink;
    const count = representors.length;
    findings.push({ code: "one-nic", bridge, switchId, uplink: name, representors: count });
  }
  if (others.length > 0)
    findings.push({ code: "software-ports", bridge, ports: others.map(({ name }) => name) });
  return findings;
}

function portsBySwitch(ids: readonly string[], own: readonly NicPort[]) {
  return ids.map((switchId) => ({
    switchId,
    ports: own.filter((port) => port.switchId === switchId).map(({ name }) => name),
  }));
}

function isOneBond({ bridge, uplinks }: NicBridge): boolean {
  return bridge.ports.some(({ interfaces }) =>
    uplinks.every((uplink) => interfaces.some(({ name }) => name === uplink.name)),
  );
}

/** Representors whose uplink is on another bridge, or on none. */
function strayFindings(nicBridge: NicBridge, facts: NodeFacts): BridgeFinding[] {
  const { bridge, uplinks, representors } = nicBridge;
  const all = nicPortsOf(facts);
  const strays = new Map<string, { uplink: NicPort; ports: NicPort[] }>();
  let isLost = false;
  for (const port of representors) {
    if (port.role !== "representor") continue;
    const uplink = uplinkOf(port, all);
    if (uplink === undefined) isLost ||= uplinks.length === 0;
    else if (!uplinks.some(({ name }) => name === uplink.name)) {
      const stray = strays.get(uplink.name) ?? { uplink, ports: [] };
      stray.ports.push(port);
      strays.set(uplink.name, stray);
    }
  }
  const findings: BridgeFinding[] = isLost ? [{ code: "no-uplink", bridge: bridge.name }] : [];
  for (const { uplink, ports } of strays.values()) {
    const other = bridgeOf(uplink.name, facts);
    findings.push(
      other === undefined
        ? { code: "no-uplink", bridge: bridge.name, uplink: uplink.name }
        : {
            code: "representors-elsewhere",
            bridge: bridge.name,
            representors: ports.map(({ name }) => name),
            uplink: uplink.name,
            uplinkBridge: other,
          },
    );
  }
  return findings;
}

export function bridgeOf(port: string, facts: NodeFacts): string | undefined {
  return valueIn(facts.openVswitch.settings)?.bridges.find(({ ports }) =>
    ports.some(({ interfaces }) => interfaces.some(({ name }) => name === port)),
  )?.name;
}

function settingFindings(settings: BridgeSettings): BridgeFinding[] {
  const { name: bridge, datapathType, failMode, mirrors } = settings;
  const findings: BridgeFinding[] = [
    datapathType === "system"
      ? { code: "kernel-datapath", bridge }
      : { code: "userspace-datapath", bridge, type: datapathType },
  ];
  for (const { name: port, bondMode, interfaces } of settings.ports) {
    // balance-slb and active-backup choose by MAC; only balance-tcp hashes each packet (lib/bond.c)
    if (bondMode === "balance-tcp") findings.push({ code: "hashing-bond", bridge, port });
    for (const { name, error } of interfaces)
      if (error !== undefined) findings.push({ code: "port-error", bridge, port: name, error });
  }
  if (settings.sflow) findings.push({ code: "sampling", bridge, by: "sFlow" });
  if (settings.ipfix) findings.push({ code: "sampling", bridge, by: "IPFIX" });
  if (settings.netflow) findings.push({ code: "netflow", bridge });
  if (mirrors > 0) findings.push({ code: "mirror", bridge, mirrors });
  findings.push(
    failMode === "secure"
      ? { code: "fail-mode-secure", bridge }
      : { code: "fail-mode-open", bridge, failMode },
  );
  return findings;
}

function flowFindings(bridge: string, facts: NodeFacts): BridgeFinding[] {
  const uses = valueIn(flowsOf(facts, bridge));
  if (uses === undefined) return [];
  const { own, foreign } = uses;
  return [
    { code: "flows", bridge, own, foreign },
    ...uses.uses.map((use) => ({ code: "foreign-flows", bridge, use }) as const),
  ];
}

/** Representors that exist for an uplink, on whatever bridge they are. */
export function countRepresentors(uplink: NicPort, facts: NodeFacts): number {
  return representorsOf(uplink, nicPortsOf(facts)).length;
}
