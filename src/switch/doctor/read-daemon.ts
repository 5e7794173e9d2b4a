/** The process ovs-vswitchd: since when it runs, which version, what it says of offload. */

import { join } from "node:path";
import { absent, type Fact, present, readFact, valueIn } from "../../verify/doctor/fact.js";
import type { DaemonLog, OpenVswitchFacts, Upcalls } from "../../verify/doctor/node-facts.js";
import { interestingInLog, readDaemonLog } from "./daemon-log.js";
import type { NodeSource } from "./node-source.js";

type DaemonFacts = Omit<OpenVswitchFacts, "settings" | "flows">;

export async function readDaemon(source: NodeSource): Promise<DaemonFacts> {
  const daemon = await readProcess(source);
  return {
    daemon,
    version: readFact(
      await source.command("ovs-appctl", "version"),
      "ovs-appctl version",
      (text) => /(\d+\.\d+\.\d+\S*)/.exec(text)?.[1],
    ),
    offloadEnabled: await readOffloadEnabled(source),
    upcalls: readFact(
      await source.command("ovs-appctl", "upcall/show"),
      "ovs-appctl upcall/show",
      readUpcalls,
    ),
    log: await readLog(source, valueIn(daemon)?.pid),
  };
}

async function readProcess(source: NodeSource): Promise<OpenVswitchFacts["daemon"]> {
  const path = join(source.runDirectory, "ovs-vswitchd.pid");
  const pid = readFact(await source.text(path), path, (text) =>
    /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined,
  );
  if (pid.state !== "present") return pid;
  const status = await source.text(`/proc/${pid.value}/stat`);
  const text = valueIn(status);
  // the second field is the program's name in parentheses, which may hold spaces and parentheses itself
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  // a pid file may outlive its process, and so may the process's remains (a zombie)
  if (status.state === "absent" || fields?.[0] === "Z" || fields?.[0] === "X") return absent;
  const boot = await source.lines("/proc/stat", /^btime \d+$/);
  const startedAt = startOf(fields?.[19], valueIn(boot)?.[0]);
  return present({ pid: pid.value, ...(startedAt === undefined ? {} : { startedAt }) });
}

/** User space sees 100 ticks a second on every architecture that has NICs like these (USER_HZ, proc_pid_stat(5)). */
const ticksPerSecond = 100;

function startOf(ticks: string | undefined, boot: string | undefined): string | undefined {
  const bootSeconds = boot?.split(" ")[1];
  if (ticks === undefined || bootSeconds === undefined) return undefined;
  const seconds = Math.floor(Number(bootSeconds) + Number(ticks) / ticksPerSecond);
  if (!Number.isFinite(seconds)) return undefined;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

async function readOffloadEnabled(source: NodeSource): Promise<Fact<boolean>> {
  const method = "dpif/offload/show";
  const answer = await source.command("ovs-appctl", method);
  // Open vSwitch before 3.7 does not know it
  if (answer.state === "unreadable" && /not a valid command/.test(answer.obstacle.words ?? ""))
    return absent;
  return readFact(answer, `ovs-appctl ${method}`, (text) => {
    const enabled = /^Globally enabled: (true|false)$/m.exec(text)?.[1];
    return enabled === undefined ? undefined : enabled === "true";
  });
}

/** `system@ovs-system:`, then `  flows         : (current 3) (avg 2) (max 9) (limit 10000)`, `  offloaded flows : 3`. */
function readUpcalls(text: string): Upcalls[] | undefined {
  const datapaths: Upcalls[] = [];
  for (const section of text.split(/^(?=\S+:$)/m)) {
    const datapath = /^(\S+):$/m.exec(section)?.[1];
    const counts = /^\s+flows\s*: \(current (\d+)\).*\(limit (\d+)\)/m.exec(section);
    if (datapath === undefined || counts === null) continue;
    const offloaded = /^\s+offloaded flows\s*: (\d+)/m.exec(section)?.[1];
    datapaths.push({
      datapath,
      flows: Number(counts[1]),
      limit: Number(counts[2]),
      ...(offloaded === undefined ? {} : { offloaded: Number(offloaded) }),
    });
  }
  return text.trim() !== "" && datapaths.length === 0 ? undefined : datapaths;
}

async function readLog(source: NodeSource, pid: number | undefined): Promise<Fact<DaemonLog>> {
  if (pid === undefined) return absent;
  const words = await source.text(`/proc/${pid}/cmdline`);
  if (words.state !== "present") return words;
  const path = /(?:^|\0)--log-file=([^\0]+)/.exec(words.value)?.[1];
  if (path === undefined) return absent;
  const lines = await source.lines(path, interestingInLog);
  return readFact(lines, path, (found) => readDaemonLog(path, found));
}
