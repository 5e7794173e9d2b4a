/** Findings about single megaflows that no table of railfence explains. */

import type { Megaflow } from "../datapath/megaflow.js";
import { datapathPortName, type PortNames } from "./port-names.js";
import type { Finding } from "./verdict.js";

/** Of somebody else's port, which reaches a pod of the fence all the same. */
export function strangerFinding(megaflow: Megaflow, inPort: string): Finding {
  return {
    kind: "leak",
    megaflow,
    inPort,
    path: [],
    rules: [],
    packet: `in_port=${inPort}`,
    expected: [],
    actual: megaflow.actions.flatMap((action) =>
      action.kind === "output" ? [{ port: String(action.port), changes: "" }] : [],
    ),
  };
}

/** No table of railfence recirculates, so nothing of it explains such a megaflow. */
export function orphanFinding(megaflow: Megaflow, names: PortNames): Finding {
  const inPort = datapathPortName(megaflow.match.inPort ?? "", names);
  const because = `recirc_id(0x${megaflow.match.recircId.toString(16)})`;
  return {
    kind: "unexplained",
    megaflow,
    inPort,
    path: [],
    rules: [],
    packet: `in_port=${inPort}`,
    expected: [],
    because,
  };
}
