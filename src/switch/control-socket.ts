/** Where ovs-vswitchd listens for ovs-appctl(8). */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SwitchError } from "./errors.js";

/** @throws {SwitchError} `not-running` */
export function controlSocketOf(runDirectory: string): string {
  try {
    const pid = readFileSync(join(runDirectory, "ovs-vswitchd.pid"), "utf8").trim();
    return join(runDirectory, `ovs-vswitchd.${pid}.ctl`);
  } catch (cause) {
    throw new SwitchError({
      kind: "not-running",
      message: `ovs-vswitchd does not run in \`${runDirectory}\``,
      help: "start Open vSwitch, or name its run directory",
      cause,
    });
  }
}
