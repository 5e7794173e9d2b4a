/** The sample fleet of policies/acp, and the bridges of its node gpu-001. */

import type { PrivateBridge } from "../../src/switch/private-switch.js";

export const samplePolicy = "policies/acp";
export const sampleInventory = "policies/acp/inventory.json";
export const sampleNode = "gpu-001";

/** As a node has them: the uplink and four representors on each rail's bridge. */
export const sampleBridges: readonly PrivateBridge[] = [
  { name: "br-pf1", ports: ["p0", "pf0vf0", "pf0vf1", "pf0vf2", "pf0vf3"] },
  { name: "br-pf2", ports: ["p1", "pf1vf0", "pf1vf1", "pf1vf2", "pf1vf3"] },
];
