/**
 * What the kernel's traffic control says of one filter of Open vSwitch: whether a NIC took it, and who counted its
 * packets. `offloaded:yes` of a datapath dump is only the first half of that.
 */

export interface TcFilter {
  readonly device: string;
  /** With `handle` and `chain`, what tells it from the other filters of the port. */
  readonly preference: number | undefined;
  readonly chain: number;
  readonly handle: string | undefined;
  /** As tc prints it: hexadecimal, without separators. */
  readonly cookie: string | undefined;
  /** `in_hw` and `not_in_hw`; neither on kernels before 4.13. */
  readonly inHardware: boolean | undefined;
  /** How many drivers took it: of a block that several ports share, one in_hw is not all of them. */
  readonly inHardwareCount: number | undefined;
  readonly skipsSoftware: boolean;
  readonly skipsHardware: boolean;
  readonly counters: TcCounters;
}

/** The highest of its actions: some drivers and kernels count at one action only. */
export interface TcCounters {
  readonly packets: number;
  /** Absent where tc does not print it: zero, or a kernel that does not tell hardware and software apart. */
  readonly hardwarePackets: number | undefined;
  /** Whether the driver has ever answered for the counters (`used_hw_stats`, Linux 5.7 and later). */
  readonly driverCounts: boolean;
  /** Whole seconds. */
  readonly installedSeconds: number | undefined;
  readonly lastUsedSeconds: number | undefined;
}

/** All filters of one port, or why they could not be read. */
export type TcReading = TcFilters | { readonly unread: string };

export interface TcFilters {
  readonly filters: readonly TcFilter[];
  /** Filters without a cookie are not Open vSwitch's. */
  readonly byCookie: ReadonlyMap<string, TcFilter>;
}

export function tcFilters(filters: readonly TcFilter[]): TcFilters {
  const byCookie = new Map<string, TcFilter>();
  for (const filter of filters)
    if (filter.cookie !== undefined) byCookie.set(filter.cookie, filter);
  return { filters, byCookie };
}

export function softwarePacketsOf({ packets, hardwarePackets = 0 }: TcCounters): number {
  return Math.max(0, packets - hardwarePackets);
}

export interface TcActionCounters {
  readonly packets: number;
  readonly hardwarePackets: number | undefined;
  readonly driverCounts: boolean;
  readonly installedSeconds: number | undefined;
  readonly lastUsedSeconds: number | undefined;
}

/** One filter's counters from those of its actions. */
export function countersOf(actions: readonly TcActionCounters[]): TcCounters {
  return {
    packets: highest(actions.map(({ packets }) => packets)) ?? 0,
    hardwarePackets: highest(actions.map(({ hardwarePackets }) => hardwarePackets)),
    driverCounts: actions.some(({ driverCounts }) => driverCounts),
    installedSeconds: highest(actions.map(({ installedSeconds }) => installedSeconds)),
    lastUsedSeconds: lowest(actions.map(({ lastUsedSeconds }) => lastUsedSeconds)),
  };
}

function highest(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function lowest(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
