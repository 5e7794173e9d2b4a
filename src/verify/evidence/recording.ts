/**
 * Everything that `verify` reads of a switch, as texts by file name: a folder of them can be carried away from the node
 * and judged later, and gives the same verdict.
 */

export type Recording = ReadonlyMap<string, string>;

/** Names of the files. What is read of a bridge or a port has its name in it; Linux allows no slash in those. */
export const recordedFile = {
  /** `ovs-appctl dpctl/dump-flows -m` */
  dump: "dump.datapath",
  /** `ovs-appctl dpctl/dump-flows -m type=offloaded`, asked before the dump. */
  listed: "offloaded.datapath",
  /** The same after the dump, where the two contradicted each other. */
  listedAgain: "offloaded-again.datapath",
  settings: "settings.json",
  /** `ovs-appctl upcall/show` */
  upcalls: "upcall.txt",
  /** The end of ovs-vswitchd's log. */
  log: "vswitchd-log.txt",
  /** Lines of `dmesg` that speak of NICs and offload. */
  kernelLog: "dmesg.txt",
  /** What could not be read, and why, by file name. */
  unread: "unread.json",
  /** `ovs-ofctl dump-flows BRIDGE` */
  flows: (bridge: string) => `flows-${bridge}.txt`,
  /** OpenFlow numbers of the bridge's ports by name. */
  ports: (bridge: string) => `ports-${bridge}.json`,
  /** `tc -s -d -j filter show dev PORT ingress` */
  tc: (port: string) => `tc-${port}.json`,
  /** The same without `-j`, where that is no JSON. */
  tcText: (port: string) => `tc-${port}.txt`,
  /** `ethtool --json -k PORT`, or its text. */
  features: (port: string) => `ethtool-${port}.txt`,
  /** `/sys/class/net/PORT/phys_switch_id`; empty: it belongs to no NIC's switch. */
  switchId: (port: string) => `switch-id-${port}.txt`,
} as const;

/** Whether a file of a folder is part of a recording: other things may lie beside it. */
export function isRecordedFile(name: string): boolean {
  return (
    fixedNames.has(name) ||
    /^(flows-.+\.txt|(ports|tc|ethtool)-.+\.json|(tc|ethtool|switch-id)-.+\.txt)$/.test(name)
  );
}

const fixedNames: ReadonlySet<string> = new Set(
  Object.values(recordedFile).filter((name) => typeof name === "string"),
);

/** What is read of a port, by what it is called in a report. */
export function wordsForFile(name: string): string {
  const found = /^(flows|ports|tc|ethtool|switch-id)-(.+)\.(?:txt|json)$/.exec(name);
  const [, kind = "", of = ""] = found ?? [];
  const words: Readonly<Record<string, string>> = {
    tc: `tc filters of ${of}`,
    ethtool: `features of ${of}`,
    "switch-id": `phys_switch_id of ${of}`,
    flows: `flows of ${of}`,
    ports: `ports of ${of}`,
  };
  return words[kind] ?? filesInWords[name] ?? name;
}

const filesInWords: Readonly<Record<string, string>> = {
  [recordedFile.settings]: "settings of Open vSwitch",
  [recordedFile.upcalls]: "upcall/show",
  [recordedFile.log]: "log of ovs-vswitchd",
  [recordedFile.kernelLog]: "kernel log",
  [recordedFile.listed]: "list of what is offloaded",
};
