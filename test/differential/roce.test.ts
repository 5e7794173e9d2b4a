/** RoCE varies its UDP source port for every queue pair; that must never make a second megaflow. */

import { expect, test } from "vitest";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { verifyRail } from "../../src/verify/verify-rail.js";
import { seededRandom } from "../support/megaflow-lines.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { railOfText } from "../support/sample-rail.js";

const seed = 4791;
const bridge = "0c:42:a1:00:01:01";
const leaf = "0c:42:a1:ff:00:01";
const locals = [0, 1, 2, 3];
const remotes = [0, 1, 2, 3, 4];

const localAddress = (index: number) => `10.101.1.${10 + index}`;
const localMac = (index: number) => `0a:58:0a:65:01:${(10 + index).toString(16).padStart(2, "0")}`;
// far apart, so that no two of them share a prefix that holds nobody else
const remoteAddress = (index: number) => `10.101.${16 * (index + 1)}.77`;

const policy = `rail pf1
tenant search { namespace search-* }
service roce = 4791/udp
allow search <-> search : roce
`;

const inventory = JSON.stringify({
  version: 1,
  rails: { pf1: { mode: "routed", subnets: ["10.101.0.0/16"], gateways: ["10.101.0.1"] } },
  nodes: {
    "gpu-001": {
      rails: { pf1: { bridge: "br-pf1", uplink: "p0", mac: bridge, nextHop: leaf } },
    },
    "gpu-002": {
      rails: { pf1: { bridge: "br-pf1", uplink: "p0", mac: "0c:42:a1:00:01:02", nextHop: leaf } },
    },
  },
  endpoints: [
    ...locals.map((index) => ({
      namespace: "search-train",
      pod: `local-${index}`,
      node: "gpu-001",
      rail: "pf1",
      ips: [localAddress(index)],
      mac: localMac(index),
      representor: `pf0vf${index}`,
    })),
    ...remotes.map((index) => ({
      namespace: "search-train",
      pod: `remote-${index}`,
      node: "gpu-002",
      rail: "pf1",
      ips: [remoteAddress(index)],
    })),
  ],
});

function roce(
  macs: readonly [string, string],
  ips: readonly [string, string],
  port: number,
): string {
  return `in_port(1),eth(src=${macs[0]},dst=${macs[1]}),eth_type(0x0800),ipv4(src=${ips[0]},dst=${ips[1]},proto=17,tos=0x2,ttl=64,frag=no),udp(src=${port},dst=4791)`;
}

describeWithOpenVswitch(`RoCE (seed ${seed})`, () => {
  test("1,000 packets of 20 pairs with random UDP source ports make 20 megaflows each way", async () => {
    const random = seededRandom(seed);
    const sample = railOfText(policy, inventory, "gpu-001", "pf1");
    const ports = ["p0", ...locals.map((index) => `pf0vf${index}`)];
    const started = await testSwitch({ bridges: [{ name: "br-pf1", ports }] });
    await install(new OpenVswitch({ runDirectory: started.runDirectory }), sample.compiled);
    for (let round = 0; round < 25; round++)
      for (const local of locals)
        for (const remote of remotes) {
          const port = () => 0xc000 + Math.floor(random() * 0x4000);
          const ips = [localAddress(local), remoteAddress(remote)] as const;
          await started.inject(`pf0vf${local}`, roce([localMac(local), bridge], ips, port()));
          await started.inject("p0", roce([leaf, bridge], [ips[1], ips[0]], port()));
        }
    const { megaflows, problems } = readMegaflows({
      name: "dump",
      text: await started.dumpMegaflows(),
    });
    expect(problems).toEqual([]);
    const ours = megaflows.filter(({ match }) =>
      match.fields.some(({ name, value }) => name === "udp.dst" && value === 4791n),
    );
    expect(ours.filter(({ match }) => match.inPort !== "p0")).toHaveLength(20);
    expect(ours.filter(({ match }) => match.inPort === "p0")).toHaveLength(20);
    for (const { match } of ours)
      expect(match.fields.find(({ name }) => name === "udp.src")?.mask).toBe(0n);
    const verdict = verifyRail({ ...sample, megaflows });
    expect(verdict.findings).toEqual([]);
    expect(verdict.rules.map(({ tally }) => tally.megaflows)).toEqual([40]);
  });
});
