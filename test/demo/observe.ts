/** Sends packets into the private switch and sees by the ports' counters where the first one came out. */

import type { Frame } from "../../src/net/packet.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";

/** The ports that the first one left by; none if the bridge dropped it. */
export async function send(
  ovs: PrivateSwitch,
  bridge: string,
  port: string,
  [first, ...others]: readonly Frame[],
): Promise<string[]> {
  const before = await counters(ovs, bridge);
  if (first === undefined) return [];
  await ovs.inject(port, first);
  const left = await portsSince(ovs, bridge, before);
  // the others meet the megaflow that the first one made
  for (const frame of others) await ovs.inject(port, frame);
  return left;
}

async function portsSince(
  ovs: PrivateSwitch,
  bridge: string,
  before: ReadonlyMap<string, number>,
): Promise<string[]> {
  // the switch works in threads of its own: 50 ms is hundreds of times what it needs
  for (let waitedMs = 0; waitedMs < 50; waitedMs += 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = await counters(ovs, bridge);
    const left = [...now].filter(([name, sent]) => sent > (before.get(name) ?? 0));
    if (left.length > 0) return left.map(([name]) => name);
  }
  return [];
}

/** Packets sent by each port of the bridge. */
async function counters(ovs: PrivateSwitch, bridge: string): Promise<Map<string, number>> {
  const text = await ovs.ofctl("--names", "dump-ports", bridge);
  const sent = new Map<string, number>();
  for (const found of text.matchAll(/port +"?([^":]+)"?: rx .*\n +tx pkts=(\d+)/g))
    sent.set(found[1] ?? "", Number(found[2]));
  return sent;
}
