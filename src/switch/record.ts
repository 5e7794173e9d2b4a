/** Reads everything that `verify` wants to know of a running switch, as texts: to be judged now, or saved. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { readMegaflows } from "../datapath/read-megaflows.js";
import { fencedPorts } from "../verify/compare-flows.js";
import { recordedFile } from "../verify/evidence/recording.js";
import { printSettings } from "../verify/evidence/settings.js";
import { contradictionsIn, offloadListOf } from "../verify/offload-list.js";
import { noPortNames } from "../verify/port-names.js";
import { readBridgeState } from "./bridge-state.js";
import { isSwitchError } from "./errors.js";
import { readKernelLog, readVswitchdLog } from "./logs.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { readPortFeatures, readSwitchId } from "./port-state.js";
import type { ReadOrWhy } from "./read-or-why.js";
import { readSwitchSettings } from "./settings.js";
import { readTcFilters } from "./traffic-control.js";

/**
 * All rails share one dump of the datapath: two dumps are not one snapshot. tc is asked right after it.
 *
 * @throws {SwitchError} where the bridges or the datapath cannot be read; for want of other evidence, never
 */
export async function record(
  ovs: OpenVswitch,
  rails: readonly CompiledRail[],
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const unread = new Map<string, string>();
  const keep = (file: string, reading: ReadOrWhy) => {
    if ("text" in reading) files.set(file, reading.text);
    else unread.set(file, reading.why);
  };
  const bridges = rails.map(({ ports }) => ports.bridge);
  const settings = await readSwitchSettings(ovs, bridges);
  const states = await Promise.all(
    bridges.map(async (bridge) => {
      await recordBridge(ovs, bridge, files);
      return [bridge, await readBridgeState(ovs, bridge)] as const;
    }),
  );
  const bridgeStates = Object.fromEntries(states);
  files.set(recordedFile.settings, printSettings({ ...settings, bridgeStates }));
  await recordDump(ovs, files, keep);
  const types = Object.values(settings.datapathTypes ?? {});
  // only the kernel's datapath has tc and a NIC's switch behind it
  if (types.length === 0 || types.includes("system")) await recordNic(ovs, rails, keep);
  if (unread.size > 0)
    files.set(recordedFile.unread, `${JSON.stringify(Object.fromEntries(unread), undefined, 2)}\n`);
  return files;
}

type Keep = (file: string, reading: ReadOrWhy) => void;

async function recordBridge(
  ovs: OpenVswitch,
  bridge: string,
  files: Map<string, string>,
): Promise<void> {
  const [flows, numbers] = await Promise.all([ovs.dumpFlows(bridge), ovs.portNumbers(bridge)]);
  files.set(recordedFile.flows(bridge), flows);
  files.set(recordedFile.ports(bridge), `${JSON.stringify(Object.fromEntries(numbers))}\n`);
}

/** A megaflow may move between two dumps: where the list contradicts the dump, it is asked once more. */
async function recordDump(ovs: OpenVswitch, files: Map<string, string>, keep: Keep): Promise<void> {
  const listed = await listOffloaded(ovs);
  const dump = await ovs.dumpMegaflows("-m");
  files.set(recordedFile.dump, dump);
  keep(recordedFile.listed, listed);
  if ("why" in listed) return;
  const list = offloadListOf(readMegaflows({ name: "list", text: listed.text }).megaflows);
  // the common case is cheap: without hardware nothing is listed
  if (list.size === 0) return;
  const { megaflows } = readMegaflows({ name: "dump", text: dump });
  if (contradictionsIn(megaflows, list).length === 0) return;
  keep(recordedFile.listedAgain, await listOffloaded(ovs));
}

async function listOffloaded(ovs: OpenVswitch): Promise<ReadOrWhy> {
  try {
    return { text: await ovs.dumpMegaflows("-m", "type=offloaded") };
  } catch (error) {
    // an ovs-vswitchd that does not answer at all is no refusal
    if (!isSwitchError(error, "command-failed")) throw error;
    return { why: error.stderr?.split("\n")[0] ?? error.message };
  }
}

/** As many programs at a time: a node may have hundreds of ports and a few cores. */
const atOnce = 4;

async function recordNic(
  ovs: OpenVswitch,
  rails: readonly CompiledRail[],
  keep: Keep,
): Promise<void> {
  const ports = rails.flatMap((rail) =>
    [...fencedPorts(rail, noPortNames)].map((port) => ({ port, bridge: rail.ports.bridge })),
  );
  const next = ports[Symbol.iterator]();
  const work = async () => {
    for (const { port, bridge } of next) await recordPort(port, port === bridge, keep);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const upcalls = await ovs.appctl("upcall/show").then(
    (text): ReadOrWhy => ({ text }),
    (error: Error): ReadOrWhy => ({ why: error.message }),
  );
  keep(recordedFile.upcalls, upcalls);
  keep(recordedFile.log, await readVswitchdLog(ovs.runDirectory));
  keep(recordedFile.kernelLog, await readKernelLog(new Set(ports.map(({ port }) => port))));
}

async function recordPort(port: string, isHostPort: boolean, keep: Keep): Promise<void> {
  const { form, reading } = await readTcFilters(port, isHostPort);
  keep(form === "json" ? recordedFile.tc(port) : recordedFile.tcText(port), reading);
  keep(recordedFile.features(port), await readPortFeatures(port));
  keep(recordedFile.switchId(port), await readSwitchId(port));
}
