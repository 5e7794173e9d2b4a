/** From the texts of a recording to what `verifyRail` takes: the same for a live switch and for a folder. */

import { z } from "zod";
import type { CompiledRail } from "../../compile/compiled-rail.js";
import { readMegaflows } from "../../datapath/read-megaflows.js";
import { readFlows } from "../../openflow/read.js";
import { type OffloadList, offloadListOf } from "../offload-list.js";
import { type PortNames, portNamesOf } from "../port-names.js";
import type { VerifyInput } from "../verify-rail.js";
import type { DatapathUse, Evidence, Unread } from "./evidence.js";
import { readOtherFilters } from "./other-filters.js";
import { type PortFeature, readHwTcOffload } from "./port-features.js";
import { readTcJson } from "./read-tc-json.js";
import { readTcText } from "./read-tc-text.js";
import { type Recording, recordedFile, wordsForFile } from "./recording.js";
import { readSettings } from "./settings.js";
import type { TcReading } from "./tc-filter.js";
import { readRefusals } from "./vswitchd-log.js";

export type Observation = Omit<VerifyInput, "policy" | "inventory" | "compiled">;

/**
 * One observation for each rail, in their order; all share one dump. `dumpName` is what findings call it, `earlier` another
 * recording of the same switch.
 */
export function readRecording(
  recording: Recording,
  rails: readonly CompiledRail[],
  dumpName: string,
  earlier?: Recording,
): Observation[] {
  const text = recording.get(recordedFile.dump) ?? "";
  const { source, megaflows, problems } = readMegaflows({ name: dumpName, text });
  const unreadable = problems.map((problem) => ({ ...problem, source }));
  const tcBefore = earlier === undefined ? {} : { tcBefore: tcIn(earlier, {}) };
  const evidence = { ...evidenceIn(recording), ...tcBefore };
  const offloadList = listIn(recording);
  const settings = readSettings(recording.get(recordedFile.settings) ?? "");
  return rails.map(({ ports: { bridge } }) => {
    const datapathType = settings.datapathTypes?.[bridge];
    const { flows, problems: ofFlows } = flowsIn(recording, bridge);
    return {
      megaflows,
      offloadList,
      unreadable: [...ofFlows, ...unreadable],
      portNames: portNamesIn(recording, bridge),
      evidence: { ...evidence, ...(datapathType === undefined ? {} : { datapathType }) },
      ...(flows === undefined ? {} : { flows }),
    };
  });
}

/** Texts of one dump alone. */
export function recordingOfDump(text: string): Recording {
  return new Map([[recordedFile.dump, text]]);
}

function flowsIn(recording: Recording, bridge: string) {
  const text = recording.get(recordedFile.flows(bridge));
  if (text === undefined) return { flows: undefined, problems: [] };
  const { flows, problems } = readFlows({ name: `ovs-ofctl dump-flows ${bridge}`, text });
  // a flow that cannot be read may let anything pass
  return { flows, problems: problems.map(({ span }) => ({ ...span, kind: "truncated" as const })) };
}

function portNamesIn(recording: Recording, bridge: string): PortNames {
  const numbers = jsonIn(recording, recordedFile.ports(bridge), z.record(z.string(), z.number()));
  return portNamesOf(new Map(Object.entries(numbers ?? {})));
}

/** What was listed before the dump and contradicts it counts only if it was still listed afterwards. */
function listIn(recording: Recording): OffloadList {
  const listOf = (file: string) => {
    const text = recording.get(file);
    if (text === undefined) return undefined;
    const name = "dpctl/dump-flows -m type=offloaded";
    return offloadListOf(readMegaflows({ name, text }).megaflows);
  };
  const before = listOf(recordedFile.listed) ?? new Map();
  const after = listOf(recordedFile.listedAgain);
  return after === undefined ? before : new Map([...before].filter(([ufid]) => after.has(ufid)));
}

function evidenceIn(recording: Recording): Evidence {
  const { hwOffload, tcPolicy } = readSettings(recording.get(recordedFile.settings) ?? "");
  const missing = jsonIn(recording, recordedFile.unread, z.record(z.string(), z.string())) ?? {};
  const { [recordedFile.listed]: offloadListRefused, ...others } = missing;
  const tc = tcIn(recording, others);
  const features = byPort(recording, "ethtool-", readHwTcOffload);
  const switchIds = byPort(recording, "switch-id-", (text) => text.trim());
  const log = recording.get(recordedFile.log);
  const otherFilters = log === undefined ? undefined : readOtherFilters(log);
  const use = useIn(recording.get(recordedFile.upcalls) ?? "");
  const kernelLog = recording.get(recordedFile.kernelLog)?.split("\n");
  const unread: Unread[] = Object.entries(others).map(([file, why]) => ({
    what: wordsForFile(file),
    why,
  }));
  return {
    ...(hwOffload === undefined ? {} : { hwOffload }),
    ...(tcPolicy === undefined ? {} : { tcPolicy }),
    ...(offloadListRefused === undefined ? {} : { offloadListRefused }),
    ...(tc.size === 0 ? {} : { tc }),
    ...(features.size === 0 ? {} : { features }),
    ...(switchIds.size === 0 ? {} : { switchIds }),
    ...(log === undefined ? {} : { refusals: readRefusals(log) }),
    ...(otherFilters === undefined ? {} : { otherFilters }),
    ...(use === undefined ? {} : { datapathUse: use }),
    ...(kernelLog === undefined ? {} : { kernelLog }),
    unread,
  };
}

function tcIn(
  recording: Recording,
  missing: Readonly<Record<string, string>>,
): Map<string, TcReading> {
  const readings = new Map<string, TcReading>();
  for (const [file, why] of Object.entries(missing)) {
    const port = /^tc-(.+)\.json$/.exec(file)?.[1];
    if (port !== undefined) readings.set(port, { unread: why });
  }
  for (const [file, text] of recording) {
    const [, port, form] = /^tc-(.+)\.(json|txt)$/.exec(file) ?? [];
    if (port === undefined) continue;
    // the text is there only where the JSON was not to be had
    readings.set(port, form === "json" ? readTcJson(text, port) : readTcText(text, port));
  }
  return readings;
}

function byPort<Value extends string | PortFeature>(
  recording: Recording,
  prefix: string,
  read: (text: string) => Value | undefined,
): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const [file, text] of recording) {
    const port = /^(.+)\.(?:txt|json)$/.exec(file.slice(prefix.length))?.[1];
    const value = file.startsWith(prefix) && port !== undefined ? read(text) : undefined;
    if (value !== undefined) found.set(port ?? "", value);
  }
  return found;
}

/** `  flows         : (current 1) (avg 0) (max 1) (limit 10000)` */
function useIn(text: string): DatapathUse | undefined {
  const found = /^\s*flows\s*: \(current (\d+)\).*\(limit (\d+)\)/m.exec(text);
  return found === null ? undefined : { flows: Number(found[1]), limit: Number(found[2]) };
}

function jsonIn<Value>(
  recording: Recording,
  file: string,
  schema: z.ZodType<Value>,
): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(recording.get(file) ?? "")).data;
  } catch {
    return undefined;
  }
}
