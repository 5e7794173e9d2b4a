/** What the switch's database says about offload, and on what it runs. */

import { release } from "node:os";
import { join } from "node:path";
import type { Settings } from "../verify/evidence/settings.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { run } from "./run.js";

/** Empty where the database does not answer: less is known then, and nothing is wrong. */
export async function readSwitchSettings(
  ovs: OpenVswitch,
  bridges: readonly string[],
): Promise<Settings> {
  const { exitCode, stdout } = await run(
    "ovs-vsctl",
    [
      ...[`--db=unix:${join(ovs.runDirectory, "db.sock")}`, "--timeout=5"],
      ...["--if-exists", "get", "Open_vSwitch", "."],
      ...["other_config:hw-offload", "other_config:tc-policy", "ovs_version"],
      ...bridges.flatMap((name) => ["--", "--if-exists", "get", "Bridge", name, "datapath_type"]),
    ],
    { mayFail: true },
  );
  if (exitCode !== 0) return {};
  const [hwOffload, tcPolicy, version, ...types] = stdout.split("\n").map(withoutQuotes);
  return {
    // off unless it says true: ovs-vswitchd.conf.db(5), other_config:hw-offload
    hwOffload: hwOffload === "true",
    ...(tcPolicy ? { tcPolicy } : {}),
    datapathTypes: Object.fromEntries(
      bridges.map((bridge, index) => [bridge, types[index] || "system"]),
    ),
    ...(version && version !== "[]" ? { openVswitch: version } : {}),
    kernel: release(),
  };
}

function withoutQuotes(text: string): string {
  return text.replaceAll('"', "");
}
