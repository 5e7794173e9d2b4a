/** What the switch costs: an endpoint attached to a full node, and many flows installed at once. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fence } from "../../src/switch/fence.js";
import { printFlowText } from "../../src/switch/flow-text.js";
import { install, uninstall } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { type PrivateSwitch, startPrivateSwitch } from "../../src/switch/private-switch.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { manyFlows, railOf } from "../support/hand-made-rail.js";
import { fleetPolicy, largeInventory, nodeName } from "../support/large-fleet.js";
import { median, milliseconds, percentile, type Row } from "./table.js";

/** From the call to flows that were read back, 10,000 endpoints known. */
export async function measureAttach(): Promise<Row[]> {
  const tenants = 100;
  const node = nodeName(3);
  const policy = policyOf(fleetPolicy(tenants));
  const inventory = inventoryOf(largeInventory(10_000, tenants));
  const local = inventory.endpoints.filter((one) => one.node === node && one.rail === "pf1");
  return withSwitch(async (own, ovs) => {
    const fence = await Fence.open({ policy, inventory, switch: ovs, node, rails: ["pf1"] });
    const times: number[] = [];
    for (let round = 0; round < 26; round++)
      for (const endpoint of local) {
        await fence.detach(endpoint);
        const begun = performance.now();
        await fence.attach(endpoint);
        // a server that has run for a while has warm code
        if (round > 0) times.push(performance.now() - begun);
      }
    const flows = (await own.ofctl("dump-flows", "br-pf1")).split("\n").length - 2;
    const what = `attach, 10,000 endpoints known, ${flows} flows`;
    const p50 = percentile(times, 50);
    const p99 = percentile(times, 99);
    return [
      { what: `${what}, p50`, target: "< 30 ms", measured: milliseconds(p50), reached: p50 < 30 },
      { what: `${what}, p99`, target: "< 80 ms", measured: milliseconds(p99), reached: p99 < 80 },
    ];
  });
}

export async function measureInstall(): Promise<Row> {
  const rail = railOf(manyFlows(10_000));
  return withSwitch(async (own, ovs) => {
    const ours: number[] = [];
    const plain: number[] = [];
    const file = join(own.runDirectory, "all.flows");
    for (let run = 0; run < 9; run++) {
      const begun = performance.now();
      const { plan } = await install(ovs, rail);
      ours.push(performance.now() - begun);
      await uninstall(ovs, "br-pf1");
      await writeFile(file, plan.adds.map(printFlowText).join("\n"));
      const begunPlain = performance.now();
      await own.ofctl("--bundle", "add-flows", "br-pf1", file);
      plain.push(performance.now() - begunPlain);
      await own.ofctl("del-flows", "br-pf1");
    }
    const ratio = median(ours) / median(plain);
    return {
      what: "install 10,000 flows, read back and compared",
      target: "<= 1.5 x ovs-ofctl --bundle add-flows",
      measured: milliseconds(median(ours)),
      peer: `${ratio.toFixed(2)} x ovs-ofctl (${milliseconds(median(plain))})`,
      reached: ratio <= 1.5,
    };
  });
}

async function withSwitch<T>(
  work: (own: PrivateSwitch, ovs: OpenVswitch) => Promise<T>,
): Promise<T> {
  const representors = Array.from({ length: 8 }, (_, index) => `pf0vf${index}`);
  const own = await startPrivateSwitch({
    bridges: [{ name: "br-pf1", ports: ["p0", ...representors] }],
  });
  try {
    return await work(own, new OpenVswitch({ runDirectory: own.runDirectory }));
  } finally {
    await own.stop();
  }
}
