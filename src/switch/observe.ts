/** All that `verify` wants to know of a running switch: the bridges' flows, one dump of the datapath, what is offloaded. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { readMegaflows } from "../datapath/read-megaflows.js";
import { readFlows } from "../openflow/read.js";
import type { OffloadList } from "../verify/offload-list.js";
import { portNamesOf } from "../verify/port-names.js";
import type { VerifyInput } from "../verify/verify-rail.js";
import { readEvidence } from "./evidence.js";
import { askOffloaded, settle } from "./offload-list.js";
import type { OpenVswitch } from "./open-vswitch.js";

export type Observation = Required<Omit<VerifyInput, "policy" | "inventory" | "compiled">>;

/**
 * One observation for each rail, in their order. All share one dump, and the list of what is offloaded is only held
 * against it: two dumps are not one snapshot.
 *
 * @throws {SwitchError} of any kind that reading can have; nothing is changed
 */
export async function observe(
  ovs: OpenVswitch,
  rails: readonly CompiledRail[],
): Promise<Observation[]> {
  const bridges = await Promise.all(rails.map(({ ports: { bridge } }) => readBridge(ovs, bridge)));
  const listed = await askOffloaded(ovs);
  const text = await ovs.dumpMegaflows("-m");
  const { source, megaflows, problems } = readMegaflows({ name: "dpctl/dump-flows -m", text });
  const answer = await settle(ovs, listed, megaflows);
  const offloadList: OffloadList = "refused" in answer ? new Map() : answer.list;
  const refusal = "refused" in answer ? { offloadListRefused: answer.refused } : {};
  const unreadable = problems.map((problem) => ({ ...problem, source }));
  return bridges.map(({ unreadable: ofFlows = [], evidence, ...bridge }) => ({
    ...bridge,
    evidence: { ...evidence, ...refusal },
    megaflows,
    offloadList,
    unreadable: [...ofFlows, ...unreadable],
  }));
}

async function readBridge(
  ovs: OpenVswitch,
  bridge: string,
): Promise<Omit<Observation, "megaflows" | "offloadList">> {
  const [text, numbers, evidence] = await Promise.all([
    ovs.dumpFlows(bridge),
    ovs.portNumbers(bridge),
    readEvidence(ovs, bridge),
  ]);
  const { flows, problems } = readFlows({ name: `ovs-ofctl dump-flows ${bridge}`, text });
  // a flow that cannot be read may let anything pass
  const unreadable = problems.map(({ span }) => ({ ...span, kind: "truncated" as const }));
  return { flows, unreadable, portNames: portNamesOf(numbers), evidence };
}
