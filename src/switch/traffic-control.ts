/** The filters of a port, as tc(8) of iproute2 prints them. Reading needs no rights; nothing is changed. */

import { readTcJson } from "../verify/evidence/read-tc-json.js";
import { outputOrWhy, type ReadOrWhy } from "./read-or-why.js";
import { run } from "./run.js";

export interface TcText {
  readonly form: "json" | "text";
  readonly reading: ReadOrWhy;
}

/**
 * `isHostPort`: of an internal port Open vSwitch filters what the host sends, which leaves it (lib/netdev-offload-tc.c:
 * get_tc_qdisc_hook).
 */
export async function readTcFilters(port: string, isHostPort: boolean): Promise<TcText> {
  const command = ["filter", "show", "dev", port, isHostPort ? "egress" : "ingress"];
  const json = await tc("-s", "-d", "-j", ...command);
  if ("why" in json || !("unread" in readTcJson(json.text, port)))
    return { form: "json", reading: json };
  // some releases print actions that their JSON does not know
  return { form: "text", reading: await tc("-s", "-d", ...command) };
}

function tc(...args: readonly string[]): Promise<ReadOrWhy> {
  return outputOrWhy(run("tc", args, { mayFail: true, timeoutMs: 10_000 }));
}
