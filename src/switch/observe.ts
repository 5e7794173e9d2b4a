/** All that `verify` wants to know of a running switch: the bridges' flows, one dump of the datapath, and evidence. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { type Observation, readRecording } from "../verify/evidence/read-recording.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { record } from "./record.js";

export type { Observation } from "../verify/evidence/read-recording.js";

/**
 * One observation for each rail, in their order. All share one dump, and everything else is only held against it.
 *
 * @throws {SwitchError} of any kind that reading can have; nothing is changed
 */
export async function observe(
  ovs: OpenVswitch,
  rails: readonly CompiledRail[],
): Promise<Observation[]> {
  return readRecording(await record(ovs, rails), rails, "dpctl/dump-flows -m");
}
