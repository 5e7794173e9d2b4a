/** What the switch's database says about offload: why a megaflow may not be in the NIC. */

import { join } from "node:path";
import type { Evidence } from "../verify/reason.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { run } from "./run.js";

/** Empty where the database does not answer: less is known then, and nothing is wrong. */
export async function readEvidence(ovs: OpenVswitch, bridge: string): Promise<Evidence> {
  const database = `--db=unix:${join(ovs.runDirectory, "db.sock")}`;
  const settings = ["other_config:hw-offload", "other_config:tc-policy"];
  const { exitCode, stdout } = await run(
    "ovs-vsctl",
    [
      ...[database, "--timeout=5"],
      ...["--if-exists", "get", "Open_vSwitch", ".", ...settings],
      ...["--", "--if-exists", "get", "Bridge", bridge, "datapath_type"],
    ],
    { mayFail: true },
  );
  if (exitCode !== 0) return {};
  const [hwOffload, tcPolicy, datapathType] = stdout.split("\n").map(withoutQuotes);
  return {
    // off unless it says true: ovs-vswitchd.conf.db(5), other_config:hw-offload
    hwOffload: hwOffload === "true",
    ...(tcPolicy ? { tcPolicy } : {}),
    ...(datapathType === undefined ? {} : { datapathType: datapathType || "system" }),
  };
}

function withoutQuotes(text: string): string {
  return text.replaceAll('"', "");
}
