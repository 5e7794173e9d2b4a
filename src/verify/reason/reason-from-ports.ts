/** Reasons that lie in the ports of a megaflow: what they can do, and to which NIC's switch they belong. */

import type { Exhibit } from "../evidence/evidence.js";
import { printHwTcOffload } from "../evidence/port-features.js";
import type { Reason } from "./cause.js";
import type { Suspect } from "./suspect.js";

export function reasonFromPorts(suspect: Suspect): Reason | undefined {
  return hostPort(suspect) ?? offloadOff(suspect) ?? otherSwitch(suspect);
}

/** The bridge's own port is no part of the NIC's switch. */
export function hostPort({ bridge, inPort, outPorts }: Suspect): Reason | undefined {
  if (inPort !== bridge && !outPorts.includes(bridge)) return undefined;
  const said = inPort === bridge ? `in_port(${bridge})` : `actions:${bridge}`;
  return {
    code: "host-port",
    port: bridge,
    evidence: [{ source: "dump", where: "megaflow", said }],
  };
}

// only the port that a packet comes from is asked: its driver takes the filter (net/sched/cls_flower.c)
function offloadOff({ evidence, inPort }: Suspect): Reason | undefined {
  const feature = evidence.features?.get(inPort);
  if (feature === undefined || feature.isOn) return undefined;
  const said = printHwTcOffload(feature);
  return {
    code: "port-offload-off",
    port: inPort,
    isFixed: feature.isFixed,
    evidence: [{ source: "ports", where: `ethtool -k ${inPort}`, said }],
  };
}

function otherSwitch({ evidence, inPort, outPorts }: Suspect): Reason | undefined {
  const { switchIds } = evidence;
  const own = switchIds?.get(inPort);
  if (switchIds === undefined || own === undefined) return undefined;
  if (own === "") return notOnTheNic(inPort);
  for (const outPort of outPorts) {
    const other = switchIds.get(outPort);
    if (other === undefined || other === own) continue;
    if (other === "") return notOnTheNic(outPort);
    const exhibits = [exhibit(inPort, own), exhibit(outPort, other)];
    return { code: "other-nic", inPort, outPort, evidence: exhibits };
  }
  return undefined;
}

function notOnTheNic(port: string): Reason {
  return { code: "not-on-the-nic", port, evidence: [exhibit(port, "none")] };
}

function exhibit(port: string, said: string): Exhibit {
  return { source: "ports", where: `phys_switch_id of ${port}`, said };
}
