/**
 * What a prototype of the tables was measured with, in a real switch: one routed rail that speaks IPv4, 16 local pods of four
 * tenants, `each tenant <-> itself : roce, ping`, 320 pairs both ways with five source ports each. It made 87 megaflows in 6
 * masks where a tenant has a block of 128 addresses, and 640 in 1 where addresses are scattered.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { Frame } from "../../src/net/packet.js";
import { printFlow } from "../../src/openflow/print.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { crowdedNode } from "../support/crowded-node.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { roceFrame } from "../support/roce-frame.js";

const seed = 20261123;
const pairs = 320;
const sourcePorts = 5;
const ports = ["uplink", ...Array.from({ length: 16 }, (_, index) => `v${index}`)];
const numbers = new Map(ports.map((name, index) => [name, index + 1]));
const bridgeMac = 0x0c42a1000101n;
const leafMac = 0x0c42a1ff0001n;

describeWithOpenVswitch("RoCE of 320 pairs on a routed rail that speaks IPv4", () => {
  test.each([
    ["filled", 87],
    ["scattered", 640],
  ] as const)(
    `makes with %s addresses at most %i megaflows in 6 masks (seed ${seed})`,
    async (plan, most) => {
      const random = new Random(seed);
      const world = await crowdedNode(random, "routed", plan, "roce, ping", [4]);
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      const { flows } = compileRail(world.policy, world.inventory, { node: "n1", rail: "r" });
      const file = join(ovs.runDirectory, "flows");
      writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);

      const frames: (readonly [string, Frame])[] = [];
      for (const local of world.locals) {
        const remote = world.peersOf(local).filter(({ node }) => node !== "n1");
        for (let peers = 0; peers < pairs / world.locals.length; peers++) {
          const [peer] = remote.splice(random.below(remote.length), 1) as [Endpoint];
          for (let port = 0; port < sourcePorts; port++) {
            frames.push([local.representor as string, roceFrame(random, local, peer, bridgeMac)]);
            frames.push(["uplink", roceFrame(random, { ...peer, mac: leafMac }, local, bridgeMac)]);
          }
        }
      }
      expect(frames.length).toBe(2 * pairs * sourcePorts);
      const { megaflows, masks, drops } = await countMegaflows(ovs, frames);
      expect(drops).toBe(0);
      expect(megaflows).toBeLessThanOrEqual(most);
      expect(masks).toBeLessThanOrEqual(6);
    },
  );
});
