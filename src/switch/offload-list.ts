/** Asks the datapath a second time what is offloaded, so that its two answers can be held against each other. */

import type { Megaflow } from "../datapath/megaflow.js";
import { readMegaflows } from "../datapath/read-megaflows.js";
import { contradictionsIn, type OffloadList, offloadListOf } from "../verify/offload-list.js";
import { SwitchError } from "./errors.js";
import type { OpenVswitch } from "./open-vswitch.js";

export type OffloadAnswer =
  | { readonly list: OffloadList }
  /** In Open vSwitch's words; nothing may be concluded then. */
  | { readonly refused: string };

export function askOffloaded(ovs: OpenVswitch): Promise<OffloadAnswer> {
  return readOffloadAnswer(ovs.dumpMegaflows("-m", "type=offloaded"));
}

/** @throws {SwitchError} where ovs-vswitchd does not answer at all */
export async function readOffloadAnswer(answer: Promise<string>): Promise<OffloadAnswer> {
  try {
    const source = { name: "dpctl/dump-flows -m type=offloaded", text: await answer };
    return { list: offloadListOf(readMegaflows(source).megaflows) };
  } catch (error) {
    if (!(error instanceof SwitchError) || error.kind !== "command-failed") throw error;
    return { refused: error.stderr?.split("\n")[0] ?? error.message };
  }
}

/**
 * A megaflow may move between two dumps. What was listed before `megaflows` were dumped and contradicts them counts only
 * if it is still listed now.
 */
export async function settle(
  ovs: OpenVswitch,
  before: OffloadAnswer,
  megaflows: readonly Megaflow[],
): Promise<OffloadAnswer> {
  if ("refused" in before || contradictionsIn(megaflows, before.list).length === 0) return before;
  const after = await askOffloaded(ovs);
  if ("refused" in after) return after;
  return { list: new Map([...before.list].filter(([ufid]) => after.list.has(ufid))) };
}
