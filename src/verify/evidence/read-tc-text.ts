/** Reads `tc -s -d filter show dev DEVICE ingress` as people paste it; older iproute2 has no other form that is whole. */

import {
  countersOf,
  type TcActionCounters,
  type TcFilter,
  type TcFilters,
  tcFilters,
} from "./tc-filter.js";

/** Filters of other kinds than flower, and the heads of their lists, are left out. */
export function readTcText(text: string, device: string): TcFilters {
  const filters: TcFilter[] = [];
  let block: string[] | undefined;
  const end = () => {
    if (block !== undefined) filters.push(filterOf(block, device));
    block = undefined;
  };
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith("filter ")) block?.push(line.trim());
    else {
      end();
      // without a handle it is the head of the list
      if (/\bflower\b.*\bhandle\b/.test(line)) block = [line];
    }
  }
  end();
  return tcFilters(filters);
}

function filterOf(lines: readonly string[], device: string): TcFilter {
  const firstAction = lines.findIndex((line) => line.startsWith("action order "));
  const head = firstAction < 0 ? lines : lines.slice(0, firstAction);
  const flags = new Set(head.flatMap((line) => line.split(/\s+/)));
  const [first = ""] = lines;
  const cookie = lines.map((line) => /^cookie ([0-9a-f]+)$/.exec(line)?.[1]).find(isDefined);
  const count = head.map((line) => /\bin_hw_count (\d+)/.exec(line)?.[1]).find(isDefined);
  return {
    device,
    preference: numberIn(first, /\bpref (\d+)/),
    chain: numberIn(first, /\bchain (\d+)/) ?? 0,
    handle: /\bhandle (\S+)/.exec(first)?.[1],
    cookie,
    inHardware: flags.has("in_hw") ? true : flags.has("not_in_hw") ? false : undefined,
    inHardwareCount: count === undefined ? undefined : Number(count),
    skipsSoftware: flags.has("skip_sw"),
    skipsHardware: flags.has("skip_hw"),
    counters: countersOf(actionsOf(lines, firstAction)),
  };
}

function actionsOf(lines: readonly string[], first: number): TcActionCounters[] {
  if (first < 0) return [];
  const actions: string[][] = [];
  for (const line of lines.slice(first)) {
    if (line.startsWith("action order ")) actions.push([]);
    actions.at(-1)?.push(line);
  }
  return actions.map((action) => {
    const text = action.join("\n");
    const stats = /^used_hw_stats (.*)$/m.exec(text)?.[1];
    return {
      packets: numberIn(text, /^Sent \d+ bytes (\d+) pkt/m) ?? 0,
      hardwarePackets: numberIn(text, /^Sent hardware \d+ bytes (\d+) pkt/m),
      driverCounts: stats !== undefined && stats.trim() !== "disabled",
      installedSeconds: numberIn(text, /\binstalled (\d+) sec/),
      lastUsedSeconds: numberIn(text, /\bused (\d+) sec/),
    };
  });
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function isDefined(text: string | undefined): text is string {
  return text !== undefined;
}
