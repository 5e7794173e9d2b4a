/** A packet as a finding shows it: `ofproto/trace` takes it, and understands the packet that was meant. */

import { expect, test } from "vitest";
import { fieldsInOrder, fragmentBits } from "../../../src/openflow/field.js";
import { fieldsOf, type PacketFields } from "../../../src/openflow/packet-fields.js";
import { readFlow } from "../../../src/openflow/read.js";
import { printPacket } from "../../../src/verify/proof/print-packet.js";
import { nastyWorld } from "../../support/nasty-world.js";
import { describeWithOpenVswitch, testSwitch } from "../../support/private-switch.js";
import { Random } from "../../support/random.js";
import { randomArrival } from "../../support/random-frame.js";

const seed = 20261123;
/** A match on "later" looks at one of the two bits that such a packet has. */
const later = fragmentBits.later;
const any = fragmentBits.any | fragmentBits.later;

describeWithOpenVswitch("a packet as it is shown", () => {
  test(`is one that ofproto/trace takes for what it is (seed ${seed})`, async () => {
    const random = new Random(seed);
    const ovs = await testSwitch({ bridges: [{ name: "br", ports: ["p0"] }] });
    const fragments = new Set<bigint>();
    for (let index = 0; index < 1_000; index++) {
      const world = index % 100 === 0 ? await nastyWorld(random) : undefined;
      const rail = world && random.pick([...world.inventory.rails.keys()]);
      if (world !== undefined && rail !== undefined) last = { world, rail };
      if (last === undefined) throw new Error("no world");
      const { frame } = randomArrival(random, last.world, last.rail);
      const packet = fieldsOf(frame);
      const text = printPacket(packet, 1);
      const seen = /^Flow: (.*)$/m.exec(await ovs.trace("br", text))?.[1];
      const understood = readFlow(`${seen} actions=drop`)?.match.fields ?? [];
      expect(
        understood
          .filter(({ value }) => value !== 0n)
          .map(({ field, value }) => [field, field === "nw_frag" && value === later ? any : value]),
        text,
      ).toEqual(written(packet));
      fragments.add(packet.get("nw_frag") ?? 0n);
    }
    expect(fragments.size).toBe(3);
  });
});

let last: { world: Awaited<ReturnType<typeof nastyWorld>>; rail: string } | undefined;

function written(packet: PacketFields): unknown[] {
  return fieldsInOrder.flatMap(({ name }) => {
    const value = packet.get(name) ?? 0n;
    return value === 0n ? [] : [[name, value]];
  });
}
