/** Actions of somebody else's flow: what leads a packet on, changes it, or hides where it goes. */

import type { Random } from "./random.js";

/** `table` is where the flow stands; `ports` are numbers and LOCAL. */
export function foreignActions(random: Random, table: number, ports: readonly string[]): string {
  const port = () => random.pick(ports);
  const out = () => `output:${port()}`;
  const later = () => `goto_table:${Math.min(253, table + 1 + random.below(60))}`;
  const deeper = () => `resubmit(,${Math.min(253, table + random.below(30))})`;
  const again = `resubmit(,${table})`;
  const sending: readonly (() => string)[] = [
    ...[() => "drop", out, () => `${out()},${out()}`, () => "NORMAL", () => "FLOOD", () => "ALL"],
    ...[() => "IN_PORT", () => `IN_PORT,${out()}`, () => "output:99", () => `enqueue:${port()}:0`],
    ...[() => "output:NXM_NX_REG2[]", () => "output:NXM_NX_REG1[0..15]", () => `exit,${out()}`],
    ...[() => "output(port=1,max_len=64)", () => `write_actions(${out()})`, () => "group:1"],
    ...[() => "controller", () => `controller,${out()}`, () => `clone(${out()})`, () => "exit"],
  ];
  const aside: readonly (() => string)[] = [
    ...[() => `write_actions(${out()}),${later()}`, () => "write_actions(CONTROLLER)"],
    ...[() => `write_actions(${out()},set_field:1->reg0,${out()})`, () => "write_actions(IN_PORT)"],
    ...[() => `${out()},clear_actions,write_actions(${out()})`, () => `pop_queue,${out()}`],
    ...[() => `write_actions(set_queue:3,${out()}),${later()}`, () => `controller,${later()}`],
    () => `${deeper()},write_actions(set_field:02:00:00:00:00:01->eth_dst,${out()}),${later()}`,
    () => `controller(id=7,max_len=64),${later()}`,
    () => `controller(userdata=01.02,pause),${out()}`,
    ...[() => `controller,${out()}`, () => `note:00.01,${out()}`, () => `set_queue:1,${later()}`],
    ...[() => `${out()},clear_actions,${later()}`, () => "set_queue:1,note:00,pop_queue"],
  ];
  const leading: readonly (() => string)[] = [
    ...[deeper, () => `resubmit:${port()}`, () => `${deeper()},${out()}`, later],
    ...[() => `resubmit(${port()},${table + 1})`, () => `resubmit(IN_PORT,${table + 1})`],
    ...[() => `note:00.01,${later()}`, () => `clear_actions,${later()}`, () => "clear_actions"],
    ...[() => "note:00.01", () => `write_metadata:1,${later()}`, () => "conjunction(1,1/2)"],
    ...[() => `ct(table=${table + 1})`, () => `ct_clear,${out()}`, () => `set_queue:1,${out()}`],
    () => `clone(set_field:1->reg0),${deeper()}`,
  ];
  const registers: readonly (() => string)[] = [
    ...[() => `set_field:0x1->reg0,${later()}`, () => `load:1->NXM_NX_REG2[0..3],${later()}`],
    () => `load:${1 + random.below(3)}->NXM_NX_REG2[],${later()}`,
    () => `move:NXM_NX_REG0[]->NXM_NX_REG2[],${later()}`,
    () => `move:NXM_NX_REG0[0..15]->NXM_NX_REG2[0..15],${out()}`,
    () => `push:NXM_NX_REG0[],pop:NXM_NX_REG2[],${out()}`,
    () => "multipath(eth_src,50,modulo_n,2,0,NXM_NX_REG2[])",
    () => `check_pkt_larger(100)->NXM_NX_REG0[0],${out()}`,
  ];
  const headers: readonly (() => string)[] = [
    ...[() => `mod_dl_src:02:00:00:00:00:01,${out()}`, () => `mod_nw_src:1.2.3.4,${out()}`],
    ...[() => `push_vlan:0x8100,${out()}`, () => `strip_vlan,${out()}`, () => `pop_vlan,${again}`],
    ...[() => `mod_vlan_vid:5,${out()}`, () => `set_field:0->vlan_tci,${again}`],
    ...[
      () => `load:0->NXM_OF_VLAN_TCI[],${again}`,
      () => `load:5->NXM_OF_VLAN_TCI[0..11],${out()}`,
    ],
    ...[() => `dec_ttl,${out()}`, () => `mod_nw_ttl:3,${out()}`, () => `set_tunnel:5,${out()}`],
    () => `set_field:02:00:00:00:00:01/03:00:00:00:00:ff->eth_dst,${again}`,
    () => `move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],${out()}`,
    () => `move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],IN_PORT`,
    ...[() => `mod_tp_dst:4791,${again}`, () => `mod_nw_dst:10.100.0.3,${again}`],
    ...[() => `set_field:10.100.0.2->nw_src,${again}`, () => `set_field:2->arp_op,${out()}`],
    ...[() => `load:0->NXM_OF_IN_PORT[],${again}`, () => `load:2->NXM_OF_IN_PORT[],${out()}`],
    ...[
      () => "load:0xffff->NXM_OF_IN_PORT[],output:IN_PORT",
      () => `set_field:1->in_port,${again}`,
    ],
    ...[() => `set_field:fd00:100::2->ipv6_dst,${again}`, () => `set_field:0->icmp_type,${again}`],
    () => `set_field:fd00:100::2->nd_target,${again}`,
  ];
  return random.pick(random.pick([sending, aside, leading, registers, headers]))();
}
