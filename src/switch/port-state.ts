/** What the kernel says of a port beside its filters: whether its driver takes any, and whose switch it belongs to. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOrWhy, type ReadOrWhy, textOrWhy } from "./read-or-why.js";
import { run } from "./run.js";

/** `ethtool -k`: its text form is the same since long, its JSON came with 5.18. */
export function readPortFeatures(port: string): Promise<ReadOrWhy> {
  return outputOrWhy(run("ethtool", ["-k", port], { mayFail: true, timeoutMs: 10_000 }));
}

const networkDevices = "/sys/class/net";

/** An empty text: the port is there and belongs to no NIC's switch. */
export async function readSwitchId(
  port: string,
  directory: string = networkDevices,
): Promise<ReadOrWhy> {
  const device = join(directory, port);
  const there = await textOrWhy(readFile(join(device, "ifindex"), "utf8"));
  if ("why" in there) return { why: "there is no such device here" };
  const id = await textOrWhy(readFile(join(device, "phys_switch_id"), "utf8"));
  // the attribute of a device without a switch cannot be read: EOPNOTSUPP (net/core/net-sysfs.c)
  return "why" in id ? { text: "" } : { text: id.text.trim() };
}
