/** Where ovs-vswitchd listens for ovs-appctl(8). */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SwitchError } from "./errors.js";

/** @throws {SwitchError} `not-running` */
export async function controlSocketOf(runDirectory: string): Promise<string> {
  try {
    const pid = (await readFile(join(runDirectory, "ovs-vswitchd.pid"), "utf8")).trim();
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
