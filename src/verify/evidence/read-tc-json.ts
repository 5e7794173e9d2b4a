/** Reads `tc -s -d -j filter show dev DEVICE ingress` of iproute2. */

import { z } from "zod";
import {
  countersOf,
  type TcActionCounters,
  type TcFilter,
  type TcReading,
  tcFilters,
} from "./tc-filter.js";

const count = z.number().nonnegative();
const action = z.looseObject({
  installed: count.optional(),
  last_used: count.optional(),
  stats: z.looseObject({ packets: count.optional(), hw_packets: count.optional() }).optional(),
  cookie: z.string().optional(),
  used_hw_stats: z.array(z.string()).optional(),
});
const filter = z.looseObject({
  kind: z.string().optional(),
  pref: count.optional(),
  chain: count.optional(),
  options: z
    .looseObject({
      handle: z.union([z.number(), z.string()]).optional(),
      in_hw: z.boolean().optional(),
      not_in_hw: z.boolean().optional(),
      in_hw_count: count.optional(),
      skip_sw: z.boolean().optional(),
      skip_hw: z.boolean().optional(),
      actions: z.array(action).optional(),
    })
    .optional(),
});
const filters = z.array(filter);

type Filter = z.output<typeof filter>;
type Options = NonNullable<Filter["options"]>;

export function readTcJson(text: string, device: string): TcReading {
  // of a port without filters iproute2 prints an empty list, or nothing at all
  if (text.trim() === "") return tcFilters([]);
  const parsed = filters.safeParse(jsonOf(text));
  if (!parsed.success) return { unread: "tc did not print the JSON of filters" };
  return tcFilters(
    parsed.data.flatMap((one) =>
      // without options it is the head of the list
      one.kind === "flower" && one.options !== undefined
        ? [filterOf(one, one.options, device)]
        : [],
    ),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function filterOf({ pref, chain = 0 }: Filter, options: Options, device: string): TcFilter {
  const { actions = [], handle } = options;
  return {
    device,
    preference: pref,
    chain,
    handle: typeof handle === "number" ? `0x${handle.toString(16)}` : handle,
    cookie: actions.find(({ cookie }) => cookie !== undefined)?.cookie,
    inHardware: options.in_hw === true ? true : options.not_in_hw === true ? false : undefined,
    inHardwareCount: options.in_hw_count,
    skipsSoftware: options.skip_sw === true,
    skipsHardware: options.skip_hw === true,
    counters: countersOf(actions.map(actionCounters)),
  };
}

function actionCounters(one: z.output<typeof action>): TcActionCounters {
  return {
    packets: one.stats?.packets ?? 0,
    hardwarePackets: one.stats?.hw_packets,
    // "disabled" is a driver's word too: it says that there are none
    driverCounts: one.used_hw_stats?.some((type) => type !== "disabled") ?? false,
    installedSeconds: one.installed,
    lastUsedSeconds: one.last_used,
  };
}
