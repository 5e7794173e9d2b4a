/** What packets left behind in the datapath of a private switch. */

import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import type { Frame } from "../../src/net/packet.js";
import { printDatapathFrame } from "../../src/switch/frame-text.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";

export interface MegaflowCount {
  readonly megaflows: number;
  /** Distinct sets of (field, mask), as a classifier has subtables: IPv4's and IPv6's fragment bits are one field. */
  readonly masks: number;
  /** Megaflows that let nothing through. */
  readonly drops: number;
}

/** Empties the datapath, sends the frames (or their bytes) through the port and counts, once all of them have arrived. */
export async function countMegaflows(
  ovs: PrivateSwitch,
  arrivals: Iterable<readonly [port: string, frame: Frame | Buffer]>,
): Promise<MegaflowCount> {
  // one that is being revalidated survives a purge
  do await ovs.appctl("revalidator/purge");
  while (/ actions:/.test(await ovs.dumpMegaflows()));
  const before = await packetsSeen(ovs);
  let sent = 0;
  const allSeen = async () => {
    while ((await packetsSeen(ovs)) < before + sent)
      await new Promise((done) => setTimeout(done, 1));
  };
  const waiting = new Map<string, string[]>();
  const send = async () => {
    for (const [port, texts] of waiting) await ovs.appctl("netdev-dummy/receive", port, ...texts);
    for (const texts of waiting.values()) sent += texts.length;
    waiting.clear();
    await allSeen();
  };
  let inAll = 0;
  for (const [port, frame] of arrivals) {
    const texts = waiting.get(port) ?? [];
    texts.push(Buffer.isBuffer(frame) ? frame.toString("hex") : printDatapathFrame(frame));
    waiting.set(port, texts);
    // a dummy port's queue holds 100 packets and drops what comes after (lib/netdev-dummy.c)
    if (++inAll % 50 === 0) await send();
  }
  await send();
  const { megaflows } = readMegaflows({ name: "dump", text: await ovs.dumpMegaflows() });
  const masks = new Set<string>();
  for (const { match } of megaflows)
    masks.add(
      match.fields
        .filter(({ mask }) => mask !== 0n)
        .map(({ name, field, mask }) => `${field ?? name}/${mask.toString(16)}`)
        .sort()
        .join(" "),
    );
  const drops = megaflows.filter(({ actions }) => actions.every(({ kind }) => kind === "drop"));
  return { megaflows: megaflows.length, masks: masks.size, drops: drops.length };
}

/** Lookups of the datapath: every packet is one hit or one miss (`lookups: hit:1 missed:2 lost:0`). */
async function packetsSeen(ovs: PrivateSwitch): Promise<number> {
  const text = await ovs.appctl("dpctl/show");
  const [, hit, missed] = /lookups: hit:([0-9]+) missed:([0-9]+)/.exec(text) ?? [];
  return Number(hit) + Number(missed);
}
