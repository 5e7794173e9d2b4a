/** Sends packets into the private switch and sees by the ports' counters where the first one came out. */

import type { Frame } from "../../src/net/packet.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";

/** The switch works in threads of its own; this is many times what it needs. */
const patienceMs = 200;

/** The ports that the first one left by; none if the bridge dropped it. */
export async function send(
  ovs: PrivateSwitch,
  port: string,
  [first, ...others]: readonly Frame[],
): Promise<string[]> {
  if (first === undefined) return [];
  const before = await counters(ovs);
  await ovs.inject(port, first);
  const left = await portsBeyond(ovs, before, 1);
  // the others meet the megaflow that the first one made
  for (const frame of others) await ovs.inject(port, frame);
  if (left.length > 0) await portsBeyond(ovs, before, 1 + others.length);
  return left;
}

/** Waits until some ports have sent so many packets more. */
async function portsBeyond(
  ovs: PrivateSwitch,
  before: ReadonlyMap<string, number>,
  packets: number,
): Promise<string[]> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 5) {
    const now = await counters(ovs);
    const ports = [...now].filter(([name, sent]) => sent >= (before.get(name) ?? 0) + packets);
    if (ports.length > 0) return ports.map(([name]) => name);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return [];
}

/**
 * Packets sent by each port of the datapath. Asked over the control socket: while an OpenFlow connection is being made,
 * Open vSwitch hands table misses to it (connmgr_wants_packet_in_on_miss() in ofproto/connmgr.c).
 */
async function counters(ovs: PrivateSwitch): Promise<Map<string, number>> {
  const text = await ovs.appctl("dpctl/show", "-s");
  const sent = new Map<string, number>();
  for (const found of text.matchAll(/^ {2}port \d+: (\S+).*\n.*\n +TX packets:(\d+)/gm))
    sent.set(found[1] ?? "", Number(found[2]));
  return sent;
}
