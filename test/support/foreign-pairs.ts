/**
 * Flows of somebody else that work together: one writes registers, metadata, header fields or the action set and leads
 * on, by `resubmit` or `goto_table`, and one or two behind it look at what was written. Beside them ours go on.
 */

import type { Flow } from "../../src/openflow/flow.js";
import { printActions, printMatch } from "../../src/openflow/print.js";
import type { Random } from "./random.js";

/** Behind all of ours. */
const theirTables = [251, 252] as const;

export interface PairInput {
  readonly random: Random;
  readonly ours: readonly Flow[];
  readonly portNumbers: ReadonlyMap<string, number>;
  /** Numbers and LOCAL. */
  readonly ports: readonly string[];
}

/** Texts as `ovs-ofctl add-flow` takes them; it refuses some. */
export function foreignPair({ random, ours, portNumbers, ports }: PairInput): string[] {
  const first = ours.filter(({ table, actions }) => table === 0 && actions.length > 0);
  const like = random.pick(first);
  const family = random.pick(families);
  const own = printMatch(like.match, portNumbers);
  const match = random.chance(0.7) ? own : own.includes(",") ? own : joined([own, family.match]);
  const goesOn = printActions(like.actions, portNumbers);
  const around = random.chance(0.6) ? goesOn : random.pick(["drop", goesOn, "resubmit(,251)"]);
  const writes = family.match === "" || match.includes(family.match) ? family.writes : plain.writes;
  const written = Array.from({ length: 1 + random.below(2) }, () => random.pick(writes));
  const port = () => random.pick(ports);
  const led = random.pick([
    ...["resubmit(,251)", "resubmit(,251)", "resubmit(,251),resubmit(,252)", "resubmit(,252)"],
    ...[`resubmit(${port()},251)`, "", "resubmit(,251),clear_actions"],
  ]);
  const waiting = random.pick([
    ...["", "", "", `write_actions(output:${port()})`, "clear_actions"],
    ...["write_actions(set_field:02:00:00:00:00:09->eth_dst)", "write_metadata:0x5/0xf"],
    `write_actions(set_field:02:00:00:00:00:09->eth_dst,output:${port()})`,
  ]);
  const isInstruction = /^(write_|clear_)/.test(waiting);
  const before = [...written, led].filter((part) => part !== "");
  // instructions stand between the actions and `goto_table` (ovs-actions(7))
  const actions =
    around === "drop"
      ? [...before, waiting]
      : around.startsWith("goto_table") || !isInstruction
        ? [...before, waiting, around]
        : [...before, around, waiting];
  const writer = `table=0,priority=${random.pick([65535, like.priority + 1])}${comma(match)},actions=${listOf(actions)}`;
  const readers = Array.from({ length: 1 + random.below(2) }, () => reader(random, ports, family));
  return [writer, ...readers];
}

interface Family {
  readonly match: string;
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

const plain: Family = {
  match: "",
  writes: [
    ...[
      "set_field:7->reg9",
      "set_field:0x5/0xf->reg9",
      "set_field:7->metadata",
      "load:1->NXM_NX_REG9[3]",
    ],
    ...[
      "set_field:1->reg0",
      "set_field:0->reg0",
      "set_field:3->reg1",
      "set_field:2->reg2",
      "set_field:1->reg3",
    ],
    ...[
      "move:NXM_NX_REG9[]->NXM_NX_REG0[]",
      "move:NXM_NX_REG0[]->NXM_NX_REG9[]",
      "set_field:7->xreg4",
    ],
    ...["move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]", "set_field:02:00:00:00:00:09->eth_dst"],
    ...[
      "set_field:02:00:00:00:00:09->eth_src",
      "set_field:01:00:00:00:00:00/01:00:00:00:00:00->eth_dst",
    ],
    ...["push:NXM_NX_REG0[],pop:NXM_NX_REG9[]", "push:NXM_OF_ETH_DST[],pop:NXM_OF_ETH_DST[]"],
    ...[
      "set_queue:1",
      "note:00.01",
      "set_queue:1,pop_queue",
      "output:IN_PORT",
      "controller",
      "NORMAL",
    ],
    ...["FLOOD", "ALL", "LOCAL", "group:1", "set_field:0x1005->vlan_tci", "strip_vlan", "ct_clear"],
    ...[
      "set_field:5->tun_id",
      "set_field:1->pkt_mark",
      "set_field:1->in_port",
      "set_field:0->in_port",
    ],
  ],
  reads: [
    ...[
      "reg9=7",
      "reg9=0",
      "reg9=5/0xf",
      "reg9=0x8/0x8",
      "metadata=7",
      "metadata=5/0xf",
      "metadata=0",
    ],
    ...[
      "reg0=0",
      "reg0=1",
      "reg1=3",
      "reg2=2",
      "reg3=1",
      "reg8=0",
      "xreg4=7",
      "",
      "",
      "vlan_tci=0",
    ],
    ...[
      "dl_dst=02:00:00:00:00:09",
      "dl_src=02:00:00:00:00:09",
      "vlan_tci=0x1000/0x1000",
      "dl_vlan=5",
    ],
    ...[
      "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
      "tun_id=5",
      "tun_id=0",
      "pkt_mark=1",
      "in_port=1",
    ],
    ...["in_port=2", "in_port=LOCAL", "dl_dst=00:00:00:00:00:00/01:00:00:00:00:00"],
  ],
};

const families: readonly Family[] = [
  ...[plain, plain, plain],
  {
    match: "ip",
    writes: [
      ...[
        "mod_nw_dst:10.100.0.3",
        "mod_nw_src:10.100.0.2",
        "set_field:10.0.0.0/8->nw_dst",
        "dec_ttl",
      ],
      ...["mod_nw_tos:4", "mod_nw_ecn:1", "mod_nw_ttl:9", "move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[]"],
      ...["move:NXM_OF_IP_SRC[]->NXM_NX_REG9[]", "move:NXM_OF_IP_DST[]->NXM_NX_REG9[]"],
      "move:NXM_NX_REG9[]->NXM_OF_IP_DST[]",
    ],
    reads: [
      ...["ip,nw_dst=10.100.0.3", "ip,nw_src=10.100.0.2", "ip,nw_dst=10.0.0.0/8", "ip,nw_tos=4"],
      ...["ip,nw_ecn=1", "ip,nw_ttl=9", "ip,nw_frag=yes", "ip,nw_frag=first", "tcp", "udp", "icmp"],
      ...["reg9=0/0x1", "reg9=0x0a000000/0xff000000", "reg9=0"],
    ],
  },
  {
    match: "udp",
    writes: [
      "mod_tp_dst:4791",
      "mod_tp_src:4791",
      "mod_tp_dst:53",
      "move:NXM_OF_UDP_SRC[]->NXM_OF_UDP_DST[]",
    ],
    reads: [
      "udp,tp_dst=4791",
      "udp,tp_src=4791",
      "udp,tp_dst=0x1000/0xf000",
      "udp,tp_dst=0",
      "udp",
    ],
  },
  {
    match: "tcp",
    writes: ["mod_tp_dst:443", "mod_tp_src:443", "move:NXM_OF_TCP_SRC[]->NXM_OF_TCP_DST[]"],
    reads: [
      "tcp,tp_dst=443",
      "tcp,tp_src=443",
      "tcp,tcp_flags=+ack",
      "tcp,tcp_flags=-ack",
      "tcp,tp_src=0",
    ],
  },
  {
    match: "arp",
    writes: [
      ...["set_field:2->arp_op", "set_field:10.100.0.2->arp_spa", "set_field:10.100.0.3->arp_tpa"],
      ...["set_field:02:00:00:00:00:09->arp_sha", "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]"],
      ...["move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]", "move:NXM_OF_ETH_SRC[]->NXM_NX_ARP_SHA[]"],
    ],
    reads: [
      ...["arp,arp_op=1", "arp,arp_op=2", "arp,arp_spa=10.100.0.2", "arp,arp_tpa=10.100.0.3"],
      ...["arp,arp_sha=02:00:00:00:00:09", "arp,arp_tha=00:00:00:00:00:00"],
    ],
  },
  {
    match: "icmp6,icmp_type=135,icmp_code=0",
    writes: [
      ...["set_field:136->icmpv6_type", "set_field:133->icmpv6_type", "set_field:1->icmpv6_code"],
      ...["set_field:fd00:100::2->nd_target", "set_field:02:00:00:00:00:09->nd_sll"],
      ...[
        "set_field:133->icmpv6_type,set_field:02:00:00:00:00:09->nd_sll,set_field:135->icmpv6_type",
      ],
      ...["set_field:1->icmpv6_code,set_field:fd00:100::2->nd_target,set_field:0->icmpv6_code"],
      ...["move:NXM_OF_ETH_SRC[]->NXM_NX_ND_SLL[]", "move:NXM_NX_ND_SLL[]->NXM_OF_ETH_SRC[]"],
      ...[
        "move:NXM_NX_IPV6_SRC[]->NXM_NX_ND_TARGET[]",
        "move:NXM_NX_ND_TARGET[]->NXM_NX_IPV6_DST[]",
      ],
    ],
    reads: [
      ...["icmp6,icmp_type=136", "icmp6,icmp_type=133", "icmp6,icmp_code=1", "icmp6,icmp_type=135"],
      ...["nd_sll=02:00:00:00:00:09", "nd_sll=00:00:00:00:00:00", "nd_target=fd00:100::2"].map(
        (one) => `icmp6,icmp_type=135,icmp_code=0,${one}`,
      ),
      "icmp6,icmp_type=136,icmp_code=0,nd_tll=00:00:00:00:00:00",
    ],
  },
  {
    match: "icmp6,icmp_type=136,icmp_code=0",
    writes: [
      ...[
        "set_field:135->icmpv6_type",
        "set_field:02:00:00:00:00:09->nd_tll",
        "set_field:fd00:100::2->nd_target",
      ],
      "set_field:134->icmpv6_type,set_field:fd00:100::2->nd_target,set_field:136->icmpv6_type",
    ],
    reads: [
      ...["icmp6,icmp_type=135", "icmp6,icmp_type=136,icmp_code=0,nd_tll=02:00:00:00:00:09"],
      "icmp6,icmp_type=136,icmp_code=0,nd_target=fd00:100::2",
    ],
  },
  {
    match: "ipv6",
    writes: [
      ...[
        "set_field:fd00:100::2->ipv6_dst",
        "set_field:fd00:100::2->ipv6_src",
        "set_field:7->ipv6_label",
      ],
      ...["move:NXM_NX_IPV6_SRC[]->NXM_NX_IPV6_DST[]", "dec_ttl", "mod_nw_ttl:255"],
    ],
    reads: [
      ...["ipv6,ipv6_dst=fd00:100::2", "ipv6,ipv6_src=fd00:100::/64", "ipv6,nw_frag=yes", "icmp6"],
      ...["ipv6,ipv6_label=7", "ipv6,nw_ttl=255", "tcp6", "udp6"],
    ],
  },
];

function reader(random: Random, ports: readonly string[], family: Family): string {
  const table = random.pick(theirTables);
  const port = () => random.pick(ports);
  const match = random.pick(random.chance(0.5) ? family.reads : plain.reads);
  const actions = random.pick([
    ...["drop", "drop", "clear_actions", "note:00", `output:${port()}`, "IN_PORT", "resubmit(,0)"],
    ...[
      "resubmit(,252)",
      "resubmit(,251)",
      `resubmit(${port()},0)`,
      "set_field:0->reg0",
      "set_field:7->reg9",
    ],
    ...[
      `write_actions(output:${port()})`,
      "clear_actions,write_actions(IN_PORT)",
      "set_field:9->reg15",
    ],
    ...[
      `output:${port()},output:${port()}`,
      "move:NXM_NX_REG9[]->NXM_NX_REG0[],resubmit(,0)",
      "set_queue:0",
    ],
    ...[
      "write_actions(set_field:02:00:00:00:00:01->eth_dst,LOCAL)",
      "write_actions(set_field:1->reg0)",
    ],
    ...["NORMAL", "FLOOD", "ALL", "dec_ttl", "group:1", "controller", "set_field:0->metadata"],
    ...(table === 251
      ? ["goto_table:252", "write_metadata:5,goto_table:252", "clear_actions,goto_table:252"]
      : []),
  ]);
  return `table=${table},priority=${random.pick([1, 10, 65535])}${comma(match)},actions=${actions}`;
}

function comma(match: string): string {
  return match === "" ? "" : `,${match}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(",");
}

function listOf(actions: readonly string[]): string {
  const all = joined(actions);
  return all === "" ? "drop" : all;
}
