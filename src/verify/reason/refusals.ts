/**
 * What keeps a megaflow out of the NIC: matches and actions that OVS's TC layer or the mlx5 driver refuse.
 * Messages are theirs, word by word: OVS 3.1.0 lib/netdev-offload-tc.c, Linux 6.1 drivers/net/ethernet/mellanox/mlx5.
 */

import type { DatapathAction, DatapathField, Megaflow, Place } from "../../datapath/megaflow.js";

export interface Refusal {
  readonly by: "tc" | "mlx5";
  readonly message: string;
  /** The part of the megaflow that is refused, if it has one. */
  readonly find: (megaflow: Megaflow) => Place | undefined;
}

/** Most that one TC filter may carry (`TCA_ACT_MAX_NUM`). */
const mostActions = 16;

/** Most destinations of one mlx5 rule (`MLX5_MAX_FLOW_FWD_VPORTS`, Linux 6.1; 2 in kernels before 5.18). */
const mostDestinations = 32;

/** TC's chain numbers have 28 bits. */
const highestChain = 0xfffffffn;

export const refusals: readonly Refusal[] = [
  // `set_queue` and `enqueue` look at it and set it, so that every megaflow of theirs is kept out (seen in ofproto/trace)
  tc("offloading attribute skb_priority isn't supported", matched("skb_priority")),
  tc("offloading attribute pkt_mark isn't supported", (megaflow) =>
    field(megaflow, ({ name, mask, value }) => name === "skb_mark" && mask !== 0n && value !== 0n),
  ),
  tc("offloading attribute dp_hash isn't supported", matched("dp_hash")),
  tc("offloading multiple mpls_lses isn't supported", (megaflow) => {
    let labels = 0;
    return field(megaflow, ({ name }) => name === "mpls.label" && ++labels === 2);
  }),
  tc("offloading of IPv6 fragments isn't supported", (megaflow) =>
    megaflow.match.fields.some(({ field }) => field === "ipv6_src" || field === "ipv6_dst")
      ? field(megaflow, ({ name, value }) => name.endsWith("ipv6.frag") && value !== 0n)
      : undefined,
  ),
  tc("offloading isn't supported, unknown attribute", (megaflow) =>
    field(
      megaflow,
      ({ name, mask }) =>
        mask !== 0n &&
        (/(^|\.)(nd|nd_ext|ct_tuple[46])\./.test(name) || name.endsWith("ipv6.label")),
    ),
  ),
  // OVS refuses this one without a word
  tc("a VLAN id or priority matched in part", (megaflow) =>
    field(
      megaflow,
      ({ name, mask, bits }) =>
        (name === "vlan.vid" || name === "vlan.pcp") &&
        mask !== 0n &&
        mask !== (1n << BigInt(bits)) - 1n,
    ),
  ),
  tc("flow recirc_id exceeds the chain id upper limit", (megaflow) =>
    field(megaflow, ({ name, value }) => name === "recirc_id" && value > highestChain),
  ),
  tc("unsupported put action type", (megaflow) =>
    action(megaflow, ({ kind }) => unsupportedActions.has(kind)),
  ),
  tc("unsupported put action type", (megaflow) =>
    action(megaflow, (one) => one.kind === "other" && !mplsActions.has(one.name)),
  ),
  tc("unsupported set action type", (megaflow) =>
    action(megaflow, (one) => one.kind === "set" && !settable.has(one.key)),
  ),
  tc("unsupported sub attribute of set action type", (megaflow) =>
    action(
      megaflow,
      (one) => one.kind === "set" && one.fields.some(({ name }) => unsettable.has(name)),
    ),
  ),
  // OVS refuses this one without a word
  tc("conntrack with a protocol helper", (megaflow) =>
    action(megaflow, (one) => one.kind === "conntrack" && one.helper),
  ),
  tc("Can only support 16 actions", (megaflow) => megaflow.actions[mostActions]?.place),
  mlx5("attempt to offload an unsupported field", (megaflow) =>
    action(
      megaflow,
      (one) =>
        one.kind === "set" &&
        one.fields.some(({ field, mask }) => field === "nw_tos" && (mask & 3n) !== 0n),
    ),
  ),
  mlx5("can't offload re-write of non TCP/UDP", (megaflow) =>
    rewritable(megaflow)
      ? undefined
      : action(megaflow, (one) => one.kind === "set" && (one.key === "ipv4" || one.key === "ipv6")),
  ),
  mlx5("Only UDP and TCP transports are supported for L4 matching", (megaflow) =>
    field(megaflow, ({ name, mask }) => /(^|\.)sctp\./.test(name) && mask !== 0n),
  ),
  mlx5("Match on frag first/later is not supported", (megaflow) =>
    field(megaflow, ({ field, value }) => field === "nw_frag" && value !== 0n),
  ),
  mlx5(
    "can't support more output ports, can't offload forwarding",
    (megaflow) => megaflow.actions.filter(({ kind }) => kind === "output")[mostDestinations]?.place,
  ),
  mlx5("can't duplicate output to same device", (megaflow) => {
    const seen = new Set<string | number>();
    return action(megaflow, (one) => {
      if (one.kind !== "output") return false;
      if (seen.has(one.port)) return true;
      seen.add(one.port);
      return false;
    });
  }),
  mlx5("can't forward from a VF to itself", (megaflow) =>
    action(megaflow, (one) => one.kind === "output" && one.port === megaflow.match.inPort),
  ),
  mlx5("only ct_state trk, est, new and rpl are supported for offload", (megaflow) =>
    // bits rel (2), inv (4), snat (6), dnat (7)
    field(
      megaflow,
      ({ name, mask, value }) => name === "ct_state" && (mask & value & 0xd4n) !== 0n,
    ),
  ),
  mlx5("matching on ct_state +new isn't supported", (megaflow) =>
    field(megaflow, ({ name, mask, value }) => name === "ct_state" && (mask & value & 1n) !== 0n),
  ),
  mlx5(
    "Multiple CT actions are not supported",
    (megaflow) => megaflow.actions.filter(({ kind }) => kind === "conntrack")[1]?.place,
  ),
];

const unsupportedActions: ReadonlySet<DatapathAction["kind"]> = new Set([
  "truncate",
  "hash",
  "clone",
  "sample",
  "tunnel-push",
  "tunnel-pop",
]);

const mplsActions: ReadonlySet<string> = new Set(["push_mpls", "pop_mpls"]);

/** Keys of `set(…)` that TC can express. */
const settable: ReadonlySet<string> = new Set([
  "ipv4",
  "ipv6",
  "eth",
  "tcp",
  "udp",
  "mpls",
  "tunnel",
]);

const unsettable: ReadonlySet<string> = new Set([
  "ipv6.label",
  "ipv4.proto",
  "ipv6.proto",
  "tunnel.tp_src",
]);

const tcpUdpIcmp: ReadonlySet<bigint> = new Set([1n, 6n, 17n, 58n]);

function tc(message: string, find: Refusal["find"]): Refusal {
  return { by: "tc", message, find };
}

function mlx5(message: string, find: Refusal["find"]): Refusal {
  return { by: "mlx5", message, find };
}

function field(megaflow: Megaflow, is: (field: DatapathField) => boolean): Place | undefined {
  const { match } = megaflow;
  return match.placeOf(match.fields.findIndex(is));
}

function action(megaflow: Megaflow, is: (action: DatapathAction) => boolean): Place | undefined {
  return megaflow.actions.find(is)?.place;
}

function matched(key: string): Refusal["find"] {
  return (megaflow) => field(megaflow, ({ name, mask }) => name === key && mask !== 0n);
}

/** mlx5 rewrites IP headers only where the match says which transport checksum follows. */
function rewritable(megaflow: Megaflow): boolean {
  return megaflow.match.fields.some(
    ({ field, value, mask }) => field === "nw_proto" && mask === 0xffn && tcpUdpIcmp.has(value),
  );
}
