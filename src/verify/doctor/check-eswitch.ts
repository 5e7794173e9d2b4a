/** Are the NICs in switchdev mode, with VFs and a representor for each? */

import { countRepresentors } from "./check-bridges.js";
import type { DoctorFinding, EswitchFinding } from "./doctor-finding.js";
import { type Fact, valueIn } from "./fact.js";
import type { PciDevice } from "./hardware-facts.js";
import {
  type NicPort,
  nicBridgesOf,
  nicPortsOf,
  pciAddressOf,
  railUplinksOf,
} from "./nic-ports.js";
import type { Eswitch, NodeFacts } from "./node-facts.js";
import { unknownOf, unknownOfEach } from "./unknown.js";

export function checkEswitch(facts: NodeFacts): DoctorFinding[] {
  const watched = watchedEswitches(facts);
  const modes = watched.flatMap((one) => modeFindings(one, facts));
  const uplinks = railUplinksOf(facts);
  const findings: DoctorFinding[] = [
    ...unknownOf(facts.netdevs, "eswitch", "netdevs", "problem"),
    ...modes,
    // drivers without devlink still name the switch that their ports belong to
    ...uplinks
      .filter((uplink) => !watched.some(({ handle }) => handle === uplink.device))
      .map(({ name }) => ({ code: "switchdev", device: name, evidence: "representors" }) as const),
    ...unknownModes(facts, watched),
    ...uplinks.flatMap((uplink) => functionFindings(uplink, facts)),
  ];
  if (facts.netdevs.state === "present" && !modes.some(({ code }) => code === "not-switchdev"))
    findings.push(...emptyFindings(facts));
  return findings;
}

/** No NIC, or none on a bridge: then nothing that is said above can help. */
function emptyFindings(facts: NodeFacts): DoctorFinding[] {
  if (nicPortsOf(facts).length === 0) return [{ code: "no-eswitch" }];
  const bridges = valueIn(facts.openVswitch.settings)?.bridges;
  if (bridges === undefined || bridges.length === 0 || nicBridgesOf(facts).length > 0) return [];
  return [{ code: "no-nic-bridge", bridges: bridges.map(({ name }) => name) }];
}

/**
 * The eSwitches whose netdevs are on bridges. A node has NICs that were never meant to be fenced (its management's), so
 * all are looked at only where no bridge has a port of any.
 */
function watchedEswitches(facts: NodeFacts): readonly Eswitch[] {
  const all = valueIn(facts.eswitches) ?? [];
  const onBridges = new Set(
    (valueIn(facts.openVswitch.settings)?.bridges ?? [])
      .flatMap(({ ports }) => ports.flatMap(({ interfaces }) => interfaces))
      .map(({ name }) => name),
  );
  const handles = new Set(
    (valueIn(facts.netdevs) ?? [])
      .filter(({ name }) => onBridges.has(name))
      .map(({ device }) => device),
  );
  const watched = all.filter(({ handle }) => handles.has(handle));
  return watched.length > 0 ? watched : all.filter(({ mode }) => mode.state === "present");
}

function modeFindings(eswitch: Eswitch, facts: NodeFacts): EswitchFinding[] {
  const { handle: device, inlineMode, steeringMode } = eswitch;
  const mode = valueIn(eswitch.mode);
  if (mode === undefined)
    return hasPorts(eswitch, facts)
      ? [{ code: "switchdev", device, evidence: "representors" }]
      : [];
  if (mode !== "switchdev") return [{ code: "not-switchdev", device, mode }];
  const findings: EswitchFinding[] = [{ code: "switchdev", device, evidence: "devlink" }];
  if (inlineMode !== undefined && inlineMode !== "none")
    findings.push({ code: "inline-mode", device, mode: inlineMode });
  const steering = valueIn(steeringMode);
  if (steering === "dmfs") findings.push({ code: "slow-steering", device, mode: steering });
  return findings;
}

/** Only a NIC in switchdev mode gives its ports a switch id. */
function hasPorts({ handle }: Eswitch, facts: NodeFacts): boolean {
  return nicPortsOf(facts).some(({ device }) => device === handle);
}

/** Not worth a word where the ports themselves answer it. */
function unknownModes(facts: NodeFacts, watched: readonly Eswitch[]): DoctorFinding[] {
  const isAnswered = railUplinksOf(facts).length > 0;
  const modes = new Map<string, Fact<unknown>>(
    watched.filter((one) => !hasPorts(one, facts)).map(({ handle, mode }) => [handle, mode]),
  );
  const steering = new Map<string, Fact<unknown>>(
    watched.map(({ handle, steeringMode }) => [handle, steeringMode]),
  );
  return [
    ...(isAnswered ? [] : unknownOf(facts.eswitches, "eswitch", "eswitch-mode", "problem")),
    ...unknownOfEach(modes, "eswitch", "eswitch-mode", "problem"),
    ...unknownOfEach(steering, "eswitch", "steering-mode", "warning"),
  ];
}

function functionFindings(uplink: NicPort, facts: NodeFacts): EswitchFinding[] {
  const functions = pciOf(uplink, facts)?.virtualFunctions;
  const address = pciAddressOf(uplink);
  if (functions === undefined || address === undefined) return [];
  const { now, most } = functions;
  const at = { device: address, uplink: uplink.name };
  if (now === 0) return [{ code: "no-virtual-functions", ...at, most }];
  const representors = countRepresentors(uplink, facts);
  return representors < now
    ? [{ code: "representors-missing", ...at, now, representors }]
    : [{ code: "virtual-functions", ...at, now, most, representors }];
}

function pciOf(port: NicPort, facts: NodeFacts): PciDevice | undefined {
  const wanted = pciAddressOf(port);
  return valueIn(facts.pci.devices)?.find(({ address }) => address === wanted);
}
