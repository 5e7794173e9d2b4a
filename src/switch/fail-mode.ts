/** What a bridge does without flows, as the switch's database says it (`fail_mode`, ovs-vswitchd.conf.db(5)). */

import { selectRows } from "./database.js";
import type { OpenVswitch } from "./open-vswitch.js";

/** `unset` is what `ovs-vsctl add-br` leaves, and Open vSwitch takes it as `standalone`. */
export type FailMode = "secure" | "standalone" | "unset";

/** Undefined for a bridge elsewhere and where the database does not answer: nothing is known then. Never rejects. */
export async function readFailMode(
  ovs: OpenVswitch,
  bridge: string,
): Promise<FailMode | undefined> {
  if (ovs.bridgeTarget !== undefined) return undefined;
  const where = [["name", "==", bridge]] as const;
  const [row] = (await selectRows(ovs.runDirectory, "Bridge", ["fail_mode"], where)) ?? [];
  const mode = row?.["fail_mode"];
  if (mode === "secure" || mode === "standalone") return mode;
  // the empty set is `["set", []]`
  return Array.isArray(mode) ? "unset" : undefined;
}
