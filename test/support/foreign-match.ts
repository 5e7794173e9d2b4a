/** Matches of somebody else's flow: every field that Open vSwitch knows, in the corners where it is easily misread. */

import type { Random } from "./random.js";

const families: readonly (readonly string[])[] = [
  ["", "ip", "ipv6", "arp", "rarp", "dl_type=0x88cc", "dl_type=0x05ff", "mpls", "dl_type=0x88a8"],
  [
    ...["nw_src=10.100.0.0/16", "nw_dst=10.100.0.0/24", "nw_dst=10.101.0.4/30"],
    ...["nw_src=0.0.0.1/0.0.0.1", "nw_ttl=64", "nw_tos=0x68", "nw_ecn=1", "nw_proto=47"],
    ...["nw_proto=132", "nw_proto=0", "nw_src=10.100.0.2,nw_dst=10.100.0.3"],
    ...["yes", "later", "first", "not_later", "no"].map((kind) => `nw_frag=${kind}`),
  ].map((field) => `ip,${field}`),
  [
    ...["ipv6_dst=fd00:100::/64", "ipv6_src=::/8", "ipv6_dst=::1/::1", "ipv6_label=0"],
    ...["nw_frag=later", "nw_frag=first", "nw_ttl=255", "nw_proto=17"],
    "ipv6_dst=ff02::1:ff00:0/104",
  ].map((field) => `ipv6,${field}`),
  [
    ...["4791", "53", "0x12b0/0xfff0", "0/0x8000"].map((port) => `udp,tp_dst=${port}`),
    ...["udp,tp_src=4791", "udp,tp_src=1/1", "udp6,tp_dst=4791", "udp6,tp_dst=53"],
  ],
  [
    ...["+ack", "-ack", "+syn-ack", "0x10/0x10"].map((flags) => `tcp,tcp_flags=${flags}`),
    ...["tcp6,tcp_flags=+ack,tp_src=443", "tcp,tp_src=443,nw_frag=no"],
    ...["tcp,tp_src=443,nw_frag=first", "tcp,nw_frag=first,tcp_flags=+ack", "sctp,tp_dst=443"],
  ],
  [
    ...["icmp,icmp_type=0", "icmp,icmp_type=3", "icmp,icmp_type=8,icmp_code=1"],
    ...[128, 129, 1, 133, 135, 136].map((type) => `icmp6,icmp_type=${type}`),
  ],
  [
    ...["nd_target=fd00:100::/64", "nd_sll=00:00:00:00:00:00", "nd_reserved=0"],
    "nd_sll=01:00:00:00:00:00/01:00:00:00:00:00",
  ].map((field) => `icmp6,icmp_type=135,icmp_code=0,${field}`),
  ["icmp6,icmp_type=136,icmp_code=0,nd_tll=00:00:00:00:00:00"],
  [
    ...["arp,arp_op=1", "arp,arp_op=2", "arp,arp_op=3", "arp,arp_spa=10.100.0.0/24"],
    ...["arp,arp_tpa=10.100.0.0/28", "rarp,arp_spa=10.0.0.0/8"],
    "arp,arp_sha=00:00:00:00:00:00/01:00:00:00:00:00",
  ],
  [
    ...["0", "0x1000/0x1000", "0x0000/0x1fff", "0x1005/0x1fff", "5/0xfff", "0/0xe000"].map(
      (tag) => `vlan_tci=${tag}`,
    ),
    ...["dl_vlan=5", "dl_vlan_pcp=0"],
  ],
  [
    ...["ff:ff:ff:ff:ff:ff", "33:33:00:00:00:00/ff:ff:00:00:00:00"].map((to) => `dl_dst=${to}`),
    ...["dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", "dl_src=02:00:00:00:00:00/02:00:00:00:00:00"],
  ],
  [
    ...["reg0=0", "reg0=0/1", "reg0=1/1", "reg0=0x80000000/0x80000000", "reg1=0", "reg2=1"],
    ...["reg2=2", "reg2=0/1", "reg3=0", "reg15=0", "xreg0=0", "xxreg0=0/1"],
  ],
  [
    ...["metadata=0", "metadata=1", "tun_id=0", "tun_id=5", "pkt_mark=0", "pkt_mark=1"],
    ...["ct_state=+trk", "ct_state=-trk", "ct_mark=0", "conj_id=0", "conj_id=3", "recirc_id=0"],
    ...["actset_output=unset", "skb_priority=0", "packet_type=(0,0)", "dp_hash=0"],
    ...["tun_src=0.0.0.0", "tun_metadata0", "mpls,mpls_label=3"],
  ],
];

/** One of a family, mostly of one port. */
export function foreignMatch(random: Random, ports: readonly string[]): string {
  const field = random.pick(random.pick(families));
  const port = random.chance(0.75) ? `in_port=${random.pick(ports)}` : "";
  return [field, port].filter((part) => part !== "").join(",");
}
