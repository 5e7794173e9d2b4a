/** Megaflows, the datapath's flows, as values. Their text form is that of `ovs-appctl dpctl/dump-flows`. */

import type { FieldName } from "../openflow/field.js";
import type { Port } from "../openflow/match.js";
import type { Source } from "../text/source.js";
import type { Item } from "./item.js";

/** Start and end (exclusive) in the text that was read. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Megaflow {
  readonly source: Source;
  /** The whole line, without its line end. */
  readonly place: Place;
  readonly ufid?: string | undefined;
  /** Counters as numbers: exact up to 2^53. `bytes` of different layers do not compare (tc counts no Ethernet header). */
  readonly packets: number;
  readonly bytes: number;
  /** Age of the last hit; undefined for `never`. */
  readonly usedSeconds?: number | undefined;
  /** TCP flags seen, as OVS prints them. */
  readonly flags?: string | undefined;
  /** OVS never prints `offloaded:no`: absent is no, or a dump made without `-m`. */
  readonly offloaded?: "yes" | "partial" | undefined;
  /** `ovs`, `tc`, `dpdk`, `doca`, `dummy` …: an open set; absent in a dump made without `-m`. */
  readonly layer?: string | undefined;
  /** `dp-extra-info`, which only the userspace datapath prints. */
  readonly extraInfo?: string | undefined;
  readonly match: DatapathMatch;
  readonly actions: readonly DatapathAction[];
  /** `key:value` pairs after the match in the order of the text, `actions` left out. */
  readonly attributes: readonly Item[];
  /** What the reader does not know. Nothing may be concluded from a megaflow that has any. */
  readonly notUnderstood: readonly NotUnderstood[];
}

/** A key, value or action unknown to the reader, and where it stands. */
export interface NotUnderstood {
  readonly part: "match" | "action" | "attribute";
  readonly text: string;
  readonly place: Place;
}

export interface DatapathMatch {
  /** 0 for a packet that comes from a port. */
  readonly recircId: number;
  /** A name with `-m` or `--names`, else the datapath's own port number, which is not OpenFlow's. */
  readonly inPort?: Port | undefined;
  /** Every field of the text, those with an all-zero mask too: their value is that of the first packet. */
  readonly fields: readonly DatapathField[];
  /** Where the field with that index in `fields` stands. */
  placeOf(index: number): Place | undefined;
  /** The key/value tree of the match, with the place of every key and value. */
  readonly items: readonly Item[];
}

/** What a dump says of a field; lines that say the same share it. */
export interface DatapathField {
  /** Path of keys: `recirc_id`, `eth.src`, `ipv4.dst`, `tunnel.tun_id`, `encap.eth_type`. */
  readonly name: string;
  /** The OpenFlow field of the same bits, where there is one. */
  readonly field?: FieldName | undefined;
  readonly bits: number;
  readonly value: bigint;
  readonly mask: bigint;
}

export type DatapathAction = ActionShape & { readonly place: Place };

export type ActionShape =
  | { readonly kind: "drop" }
  | { readonly kind: "output"; readonly port: Port }
  | { readonly kind: "set"; readonly key: string; readonly fields: readonly DatapathField[] }
  | { readonly kind: "push-vlan"; readonly vlan: number; readonly priority: number }
  | { readonly kind: "pop-vlan" }
  | { readonly kind: "recirculate"; readonly id: number }
  | { readonly kind: "conntrack"; readonly helper: boolean }
  | { readonly kind: "conntrack-clear" }
  /** `reason` is the inner key: `controller`, `slow_path(action)`, `sFlow` … */
  | { readonly kind: "userspace"; readonly reason: string }
  | { readonly kind: "truncate"; readonly bytes: number }
  | { readonly kind: "hash" }
  | { readonly kind: "meter"; readonly meter: number }
  | {
      readonly kind: "check-packet-length";
      readonly bytes: number;
      readonly greater: readonly DatapathAction[];
      readonly lessOrEqual: readonly DatapathAction[];
    }
  | { readonly kind: "clone" | "sample"; readonly actions: readonly DatapathAction[] }
  | { readonly kind: "tunnel-push"; readonly port: Port }
  | { readonly kind: "tunnel-pop"; readonly port: Port }
  /** Known to OVS, without meaning here: `push_mpls`, `pop_nsh` … */
  | { readonly kind: "other"; readonly name: string }
  | { readonly kind: "unknown"; readonly text: string };

/** A line that could not be read as a megaflow. The reader goes on after it. */
export interface LineProblem extends Place {
  /** `truncated`: no actions, or a bracket never closed, as when a terminal cut the line. */
  readonly kind: "truncated" | "unbalanced" | "not-a-megaflow";
}

export interface MegaflowReading {
  readonly source: Source;
  readonly megaflows: readonly Megaflow[];
  readonly problems: readonly LineProblem[];
}
