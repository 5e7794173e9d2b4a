/** The end of ovs-vswitchd's log, and what NIC drivers wrote into the kernel's. */

import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOrWhy, type ReadOrWhy, textOrWhy } from "./read-or-why.js";
import { run } from "./run.js";

/** Of a log at debug level, some minutes. */
const mostBytes = 2 ** 20;

const systemLog = "/var/log/openvswitch/ovs-vswitchd.log";

export async function readVswitchdLog(runDirectory: string): Promise<ReadOrWhy> {
  return textOrWhy(endOf(await logFileOf(runDirectory)));
}

/** ovs-vswitchd is told its log file when it starts, and tells nobody: its command line does. */
async function logFileOf(runDirectory: string): Promise<string> {
  try {
    const pid = (await readFile(join(runDirectory, "ovs-vswitchd.pid"), "utf8")).trim();
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    const named = words.find((word) => word.startsWith("--log-file="));
    return named?.slice("--log-file=".length) ?? systemLog;
  } catch {
    return systemLog;
  }
}

async function endOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, mostBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.toString("utf8", 0, bytesRead);
    // what the end was cut out of is no line
    return size > length ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    await file.close();
  }
}

/** Lines enough to hold what the megaflows of now were refused for. */
const mostLines = 500;

/** Of all that the kernel says, what a NIC's driver says: of offload, or of one of these ports. */
export async function readKernelLog(ports: ReadonlySet<string>): Promise<ReadOrWhy> {
  const reading = await outputOrWhy(run("dmesg", [], { mayFail: true, timeoutMs: 10_000 }));
  if ("why" in reading) return reading;
  const lines = reading.text
    .split("\n")
    .filter((line) => /offload|eswitch|flower/i.test(line) || ports.has(portIn(line)));
  return { text: `${lines.slice(-mostLines).join("\n")}\n` };
}

/** `[   12.3] mlx5_core 0000:08:00.0 pf0vf0: …`: what netdev_warn() puts before the message (net/core/dev.c). */
function portIn(line: string): string {
  return /^(?:\[[^\]]*\] )?\S+ \S+ (\S+): /.exec(line)?.[1] ?? "";
}
