/** The keys of a datapath match and of `set(...)`, as odp-util.c of Open vSwitch 2.13 to 4.0 prints them. */

import type { FieldName } from "../openflow/field.js";

export type ValueFormat = "number" | "ethernet" | "ipv4" | "ipv6" | "fragment";

export interface DatapathKey {
  readonly name: string;
  readonly bits: number;
  /** An exact match's mask. */
  readonly full: bigint;
  readonly format: ValueFormat;
  readonly field?: FieldName;
  /** Names of single bits, from bit 0, where the value may print as `+est-trk` or `syn|ack`. */
  readonly flags?: readonly string[];
}

/** `ct_state` bits (OVS_CS_F_*), by number: the form `+est+trk` of a dump without `-m`. */
export const ctStateFlags = ["new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"] as const;

/** TCP flags (RFC 9293) by number. */
export const tcpFlagNames = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"] as const;

/** Tunnel flags (FLOW_TNL_F_*): `df`, `csum`, `key`, `oam`. */
export const tunnelFlags = ["oam", "df", "csum", "key"] as const;

/** Keys whose value is one number: `recirc_id(0x1)`. */
export const plainKeys: ReadonlyMap<string, DatapathKey> = keys([
  ["skb_priority", 32],
  ["skb_mark", 32],
  ["recirc_id", 32],
  ["dp_hash", 32],
  ["ct_zone", 16],
  ["ct_mark", 32],
  ["ct_label", 128],
  ["eth_type", 16, "dl_type"],
  ["tcp_flags", 12, "tcp_flags", tcpFlagNames],
  ["ct_state", 32, undefined, ctStateFlags],
]);

/** The keys inside of `ipv4(src=…,dst=…)`. */
export interface KeyGroup {
  readonly byName: ReadonlyMap<string, DatapathKey>;
  /** As OVS prints them; it leaves out what a dump without `-m` does not show. */
  readonly inOrder: readonly GroupMember[];
}

export interface GroupMember {
  readonly key: DatapathKey;
  /** `src=`. */
  readonly label: string;
}

/** Keys that hold keys: `ipv4(src=…,dst=…)`. */
export const groupKeys: ReadonlyMap<string, KeyGroup> = new Map([
  [
    "packet_type",
    group("packet_type", [
      ["ns", 16],
      ["id", 16],
    ]),
  ],
  [
    "eth",
    group("eth", [
      ["src", "ethernet", "dl_src"],
      ["dst", "ethernet", "dl_dst"],
    ]),
  ],
  [
    "vlan",
    group("vlan", [
      ["vid", 12],
      ["pcp", 3],
      ["cfi", 1],
      ["tpid", 16],
    ]),
  ],
  [
    "mpls",
    group("mpls", [
      ["label", 20],
      ["tc", 3],
      ["ttl", 8],
      ["bos", 1],
    ]),
  ],
  [
    "ipv4",
    group("ipv4", [
      ["src", "ipv4", "nw_src"],
      ["dst", "ipv4", "nw_dst"],
      ["proto", 8, "nw_proto"],
      ["tos", 8, "nw_tos"],
      ["ttl", 8, "nw_ttl"],
      ["frag", "fragment", "nw_frag"],
    ]),
  ],
  [
    "ipv6",
    group("ipv6", [
      ["src", "ipv6", "ipv6_src"],
      ["dst", "ipv6", "ipv6_dst"],
      ["label", 20, "ipv6_label"],
      ["proto", 8, "nw_proto"],
      ["tclass", 8, "nw_tos"],
      ["hlimit", 8, "nw_ttl"],
      ["frag", "fragment", "nw_frag"],
    ]),
  ],
  [
    "tcp",
    group("tcp", [
      ["src", 16, "tp_src"],
      ["dst", 16, "tp_dst"],
    ]),
  ],
  [
    "udp",
    group("udp", [
      ["src", 16, "tp_src"],
      ["dst", 16, "tp_dst"],
    ]),
  ],
  [
    "sctp",
    group("sctp", [
      ["src", 16, "tp_src"],
      ["dst", 16, "tp_dst"],
    ]),
  ],
  [
    "icmp",
    group("icmp", [
      ["type", 8, "icmp_type"],
      ["code", 8, "icmp_code"],
    ]),
  ],
  [
    "icmpv6",
    group("icmpv6", [
      ["type", 8, "icmpv6_type"],
      ["code", 8, "icmpv6_code"],
    ]),
  ],
  [
    "arp",
    group("arp", [
      ["sip", "ipv4", "arp_spa"],
      ["tip", "ipv4", "arp_tpa"],
      ["op", 16, "arp_op"],
      ["sha", "ethernet", "arp_sha"],
      ["tha", "ethernet", "arp_tha"],
    ]),
  ],
  [
    "nd",
    group("nd", [
      ["target", "ipv6", "nd_target"],
      ["sll", "ethernet", "nd_sll"],
      ["tll", "ethernet", "nd_tll"],
    ]),
  ],
  [
    "nd_ext",
    group("nd_ext", [
      ["nd_reserved", 32, "nd_reserved"],
      ["nd_options_type", 8, "nd_options_type"],
    ]),
  ],
  [
    "ct_tuple4",
    group("ct_tuple4", [
      ["src", "ipv4"],
      ["dst", "ipv4"],
      ["proto", 8],
      ["tp_src", 16],
      ["tp_dst", 16],
    ]),
  ],
  [
    "ct_tuple6",
    group("ct_tuple6", [
      ["src", "ipv6"],
      ["dst", "ipv6"],
      ["proto", 8],
      ["tp_src", 16],
      ["tp_dst", 16],
    ]),
  ],
  [
    "tunnel",
    group("tunnel", [
      ["tun_id", 64],
      ["src", "ipv4"],
      ["dst", "ipv4"],
      ["ipv6_src", "ipv6"],
      ["ipv6_dst", "ipv6"],
      ["tos", 8],
      ["ttl", 8],
      ["tp_src", 16],
      ["tp_dst", 16],
      ["flags", 16, undefined, tunnelFlags],
    ]),
  ],
]);

type KeyRow = readonly [
  name: string,
  width: number | "ethernet" | "ipv4" | "ipv6" | "fragment",
  field?: FieldName | undefined,
  flags?: readonly string[],
];

function keys(rows: readonly KeyRow[], prefix = ""): ReadonlyMap<string, DatapathKey> {
  return new Map(rows.map((row) => [row[0], keyOf(row, prefix)]));
}

function group(name: string, rows: readonly KeyRow[]): KeyGroup {
  const byName = keys(rows, `${name}.`);
  return { byName, inOrder: [...byName].map(([member, key]) => ({ key, label: `${member}=` })) };
}

function keyOf([name, width, field, flags]: KeyRow, prefix: string): DatapathKey {
  const [bits, format] =
    typeof width === "number"
      ? [width, "number" as const]
      : [{ ethernet: 48, ipv4: 32, ipv6: 128, fragment: 8 }[width], width];
  const full = (1n << BigInt(bits)) - 1n;
  return {
    name: prefix + name,
    bits,
    full,
    format,
    ...(field && { field }),
    ...(flags && { flags }),
  };
}
