/**
 * What the fabric can make at the uplink, of a few scattered addresses, counted twice: by classes of packets, and by Open
 * vSwitch, which is asked for every megaflow there is.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { classifyTables } from "../../src/datapath/unwildcard/classified-tables.js";
import { printFlow } from "../../src/openflow/print.js";
import { HostileModel } from "../../src/verify/cost/hostile-bound.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { bridgeMac, leafMac, mac } from "../support/tiny-rail.js";
import { tracedMegaflows } from "../support/traced-megaflows.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20270);
const ports = ["p0", "v0", "v1"];

describeWithOpenVswitch("the hostile count of scattered IPv4 addresses", () => {
  test.each([
    ["bridged", "verify", undefined],
    ["bridged", "trust", undefined],
    // a router writes the source MAC anew, so there the count is that of one
    ["routed", "verify", mac(leafMac)],
  ] as const)(
    `is that of Open vSwitch: %s, %s (seed ${seed})`,
    { timeout: 300_000 },
    async (mode, uplinkSource, sourceMac) => {
      const random = new Random(seed);
      const { flows } = scatteredRail(random, mode, uplinkSource);
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      const numbers = new Map(ports.map((name, at) => [name, at + 1]));
      const file = join(ovs.runDirectory, "flows");
      writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
      const tables = classifyTables(flows, numbers);
      const inPort = 1;
      const bound = new HostileModel(tables).boundOf(inPort, sourceMac);
      const attack = sourceMac === undefined ? { inPort } : { inPort, sourceMac };
      const { megaflows, masks } = await tracedMegaflows(ovs, "br", attack);
      expect(bound).toMatchObject({ megaflows, masks, isExact: true });
      expect(megaflows).toBeGreaterThan(1000);
    },
  );
});

/** Two pods here and three elsewhere, of two tenants, anywhere in a /16. */
function scatteredRail(random: Random, mode: string, uplinkSource: string) {
  const policy = policyOf(`rail r
tenant red { namespace red }
tenant blue { namespace blue }
service roce = 4791/udp
service ping = icmp echo
allow red <-> red : roce
allow blue <-> blue : roce, ping
`);
  const taken = new Set<number>();
  const ip = () => {
    for (;;) {
      const host = 2 + random.below(0xfff0);
      if (taken.has(host)) continue;
      taken.add(host);
      return `10.1.${host >> 8}.${host & 0xff}`;
    }
  };
  const namespaces = ["red", "blue", "red", "red", "blue"];
  const inventory = inventoryOf({
    version: 1,
    rails: { r: { mode, subnets: ["10.1.0.0/16"], gateways: ["10.1.0.1"] } },
    nodes: {
      n1: {
        rails: {
          r: { bridge: "br", uplink: "p0", mac: bridgeMac, nextHop: leafMac, uplinkSource },
        },
      },
      n2: { rails: { r: { bridge: "br", uplink: "p0", mac: leafMac, nextHop: bridgeMac } } },
    },
    endpoints: namespaces.map((namespace, at) => ({
      ...{ namespace, pod: `pod${at}`, rail: "r", ips: [ip()] },
      ...(at < 2
        ? { node: "n1", representor: `v${at}`, mac: `0a:58:0a:01:00:0${at}` }
        : { node: "n2" }),
    })),
  });
  return compileRail(policy, inventory, { node: "n1", rail: "r" });
}
