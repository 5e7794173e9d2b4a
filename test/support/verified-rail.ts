/** A rail that was installed, sent traffic, and read back: the good material that tests break on purpose. */

import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import type { Flow } from "../../src/openflow/flow.js";
import { readFlows } from "../../src/openflow/read.js";
import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import type { Evidence } from "../../src/verify/evidence/evidence.js";
import { offloadListOf } from "../../src/verify/offload-list.js";
import { type PortNames, portNamesOf } from "../../src/verify/port-names.js";
import type { RailVerdict } from "../../src/verify/verdict.js";
import { verifyRail } from "../../src/verify/verify-rail.js";
import { sampleInventory, sampleNode, samplePolicy } from "./sample.js";
import { type SampleRail, sampleRail } from "./sample-rail.js";

export interface VerifiedRail extends SampleRail {
  readonly flows: readonly Flow[];
  readonly dump: string;
  readonly portNames: PortNames;
  readonly evidence?: Evidence;
}

const bridge = "0c:42:a1:00:01:01";
const leaf = "0c:42:a1:ff:00:01";
const worker = "0a:58:0a:65:00:10";

function ip(
  [source, destination]: readonly [string, string],
  addresses: readonly [string, string],
  transport: string,
): string {
  const number = transport.startsWith("udp") ? 17 : transport.startsWith("tcp") ? 6 : 1;
  return `in_port(1),eth(src=${source},dst=${destination}),eth_type(0x0800),ipv4(src=${addresses[0]},dst=${addresses[1]},proto=${number},tos=0,ttl=64,frag=no),${transport}`;
}

/** Allowed and forbidden, from a pod, from the fabric and from the host. */
export const sampleTraffic: readonly (readonly [port: string, packet: string])[] = [
  ["pf0vf0", ip([worker, bridge], ["10.101.0.16", "10.101.0.32"], "udp(src=49152,dst=4791)")],
  ["pf0vf0", ip([worker, bridge], ["10.101.0.16", "10.200.1.1"], "tcp(src=900,dst=2049)")],
  ["pf0vf0", ip([worker, bridge], ["10.101.0.16", "10.101.0.32"], "icmp(type=8,code=0)")],
  ["pf0vf0", ip([worker, bridge], ["10.101.0.16", "10.101.0.32"], "tcp(src=900,dst=22)")],
  ["pf0vf0", ip([worker, bridge], ["10.101.7.7", "10.101.0.32"], "udp(src=49152,dst=4791)")],
  ["p0", ip([leaf, bridge], ["10.101.0.32", "10.101.0.16"], "udp(src=49152,dst=4791)")],
  ["p0", ip([leaf, bridge], ["10.7.0.1", "10.101.0.16"], "udp(src=49152,dst=4791)")],
  ["p0", ip([leaf, bridge], ["10.101.255.1", "10.101.255.9"], "tcp(src=179,dst=50000)")],
  ["br-pf1", ip([bridge, leaf], ["10.101.255.9", "10.101.255.1"], "tcp(src=50000,dst=179)")],
  [
    "pf0vf0",
    `in_port(1),eth(src=${worker},dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=10.101.0.16,tip=10.101.255.1,op=1,sha=${worker},tha=00:00:00:00:00:00)`,
  ],
];

export async function verifiedRail(started: PrivateSwitch): Promise<VerifiedRail> {
  const sample = await sampleRail(`${samplePolicy}/acp.policy`, sampleInventory, sampleNode, "pf1");
  const ovs = new OpenVswitch({ runDirectory: started.runDirectory });
  await install(ovs, sample.compiled);
  for (const [port, packet] of sampleTraffic) await started.inject(port, packet);
  const { bridge } = sample.compiled.ports;
  const text = await ovs.dumpFlows(bridge);
  const { flows } = readFlows({ name: "flows", text });
  const portNames = portNamesOf(await ovs.portNumbers(bridge));
  return { ...sample, flows, dump: await started.dumpMegaflows(), portNames };
}

/** The same dump as a NIC that took everything it can take would give it. */
export function asOffloaded(dump: string): string {
  return dump
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("flow-dump"))
    .map((line) =>
      line.includes("userspace(")
        ? line
        : line
            .replace("dp:ovs", "offloaded:yes, dp:tc")
            .replace("packet_type(ns=0,id=0)", "packet_type(ns=0/0,id=0/0)")
            .replace(/, dp-extra-info:.*/, ""),
    )
    .join("\n");
}

/** What differs from the good material. */
export interface Broken {
  readonly dump?: string;
  readonly flows?: readonly Flow[];
  /** What the datapath lists under `type=offloaded`. */
  readonly listed?: string;
}

export function verdictOf(
  rail: VerifiedRail,
  { dump = rail.dump, flows = rail.flows, listed = "" }: Broken = {},
): RailVerdict {
  const { source, megaflows, problems } = readMegaflows({ name: "dump.datapath", text: dump });
  const unreadable = problems.map((problem) => ({ ...problem, source }));
  const list = readMegaflows({ name: "type=offloaded", text: listed });
  const offloadList = offloadListOf(list.megaflows);
  return verifyRail({ ...rail, flows, megaflows, unreadable, offloadList });
}
