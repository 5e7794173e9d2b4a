/** What a bridge does without flows, as the switch's database says it (`fail_mode`, ovs-vswitchd.conf.db(5)). */

import { join } from "node:path";
import { SwitchError } from "./errors.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { run } from "./run.js";

/** `unset` is what `ovs-vsctl add-br` leaves, and Open vSwitch takes it as `standalone`. */
export type FailMode = "secure" | "standalone" | "unset";

/** Undefined for a bridge elsewhere and where the database does not answer: nothing is known then. Never rejects. */
export async function readFailMode(
  ovs: OpenVswitch,
  bridge: string,
): Promise<FailMode | undefined> {
  if (ovs.bridgeTarget !== undefined) return undefined;
  const database = `--db=unix:${join(ovs.runDirectory, "db.sock")}`;
  const question = ["get", "Bridge", bridge, "fail_mode"];
  try {
    const { exitCode, stdout } = await run(
      "ovs-vsctl",
      [database, "--timeout=2", "--no-syslog", ...question],
      { mayFail: true },
    );
    return exitCode === 0 ? failModeOf(stdout.trim().replaceAll('"', "")) : undefined;
  } catch (error) {
    // a warning is not worth a failure: ovs-vsctl may not be installed
    if (error instanceof SwitchError) return undefined;
    throw error;
  }
}

function failModeOf(printed: string): FailMode | undefined {
  if (printed === "[]") return "unset";
  return printed === "secure" || printed === "standalone" ? printed : undefined;
}
