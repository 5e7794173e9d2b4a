/** What doctor says in the box: of a healthy node, and of one thing after the other that keeps a NIC from its work. */

import { readFileSync } from "node:fs";
import type { Box } from "../guest/box.js";
import { railfence } from "../guest/railfence.js";
import { attempt, sh } from "../guest/shell.js";
import { inventoryFile, node } from "../guest/world.js";

/** The codes of the findings that are not `ok`, by state, and the exit code. */
export interface Opinion {
  readonly exitCode: number;
  /** `problem: what was seen`, one line each. */
  readonly words: readonly string[];
  readonly diagnosis: string;
  readonly ok: readonly string[];
  readonly problem: readonly string[];
  readonly warning: readonly string[];
  readonly unknown: readonly string[];
}

export type Opinions = Readonly<Record<string, Opinion>>;

export async function scenario(box: Box): Promise<Opinions> {
  const bridges = await makeNode(box);
  const opinions: Record<string, Opinion> = {};
  const ask = async (name: string) => {
    opinions[name] = await opinionOf(box, name);
  };
  await speak();
  await ask("healthy");

  await orphan(box, bridges[0] ?? "", "pf0vf1");
  await ask("orphan-filters");
  await box.vsctl("add-port", bridges[0] ?? "", "pf0vf1");

  // at once, since a look takes seconds in here, and each has a code of its own
  const [first = "", second = ""] = bridges;
  await sh("ethtool -K pf0vf0 hw-tc-offload off");
  await sh("tc qdisc del dev pf0vf2 ingress");
  await box.vsctl("del-port", second, "pf1vf1", "--", "add-port", first, "pf1vf1");
  await ask("several-faults");
  return opinions;
}

interface InventoryFile {
  readonly nodes: Readonly<
    Record<
      string,
      { readonly rails: Readonly<Record<string, { bridge: string; uplink: string; mac?: string }>> }
    >
  >;
  readonly endpoints: readonly {
    readonly node: string;
    readonly rail: string;
    readonly representor?: string;
  }[];
}

/** The bridges of the inventory with every port it names; two VFs of the first rail may speak. */
async function makeNode(box: Box): Promise<string[]> {
  const inventory: InventoryFile = JSON.parse(readFileSync(inventoryFile, "utf8"));
  await box.plugNic(4);
  await box.startOpenVswitch();
  const bridges: string[] = [];
  for (const [rail, { bridge, uplink, mac }] of Object.entries(
    inventory.nodes[node]?.rails ?? {},
  )) {
    const ports = inventory.endpoints.flatMap((endpoint) =>
      endpoint.node === node && endpoint.rail === rail ? [endpoint.representor ?? ""] : [],
    );
    await box.vsctl(
      ...["add-br", bridge, "--", "set", "bridge", bridge, "fail_mode=secure"],
      ...(mac === undefined ? [] : [`other_config:hwaddr="${mac}"`]),
      ...[uplink, ...ports].flatMap((port) => ["--", "add-port", bridge, port]),
    );
    for (const port of [uplink, bridge, ...ports]) await sh(`ip link set ${port} up`);
    await box.ofctl("add-flow", bridge, "in_port=pf0vf0,actions=output:pf0vf1").catch(() => "");
    await box.ofctl("add-flow", bridge, "in_port=pf0vf1,actions=output:pf0vf0").catch(() => "");
    bridges.push(bridge);
  }
  for (const [index, device] of ["p0v0", "p0v1"].entries()) {
    await sh(`ip netns add ${device}`);
    await sh(`ip link set ${device} netns ${device}`);
    await sh(`ip -n ${device} addr add 10.9.0.${index + 1}/24 dev ${device}`);
    await sh(`ip -n ${device} link set ${device} up`);
  }
  return bridges;
}

/**
 * Filters that nobody owns any more: ovs-vswitchd is killed, a port is taken off its bridge, and Open vSwitch starts
 * without hw-offload, so that it neither flushes its old filters nor removes the qdisc of a port that it does not know.
 */
async function orphan(box: Box, bridge: string, port: string): Promise<void> {
  await box.killForwarding();
  const offload = ["set", "Open_vSwitch", "."];
  await box.vsctl(
    ...["--no-wait", "del-port", bridge, port],
    ...["--", ...offload, "other_config:hw-offload=false"],
  );
  await box.startForwarding();
  await box.stopForwarding();
  await box.vsctl("--no-wait", ...offload, "other_config:hw-offload=true");
  await box.startForwarding();
}

async function speak(): Promise<void> {
  await attempt(
    "ip",
    ...["netns", "exec", "p0v0", "busybox", "ping", "-c", "4", "-i", "0.3", "10.9.0.2"],
  );
}

interface Report {
  readonly diagnosis: string;
  readonly findings: readonly {
    readonly code: string;
    readonly state: string;
    readonly seen: string;
  }[];
}

async function opinionOf(box: Box, name: string): Promise<Opinion> {
  const words = [
    ...["doctor", "--inventory", inventoryFile, "--node", node, "--format", "json"],
    ...["--save", `/run/box/${name}.recording`],
  ];
  const { exitCode, stdout, stderr } = await railfence(...words);
  box.keep(`doctor-${name}.json`, `${stdout}${stderr}`);
  const { diagnosis, findings }: Report = JSON.parse(stdout);
  const codesOf = (state: string) =>
    [...new Set(findings.filter((one) => one.state === state).map(({ code }) => code))].sort();
  box.say(`${name}: ${diagnosis}; ${codesOf("problem").join(", ")}`);
  return {
    ...{ exitCode, diagnosis, ok: codesOf("ok") },
    words: findings.map(({ state, seen }) => `${state}: ${seen}`),
    ...{ problem: codesOf("problem"), warning: codesOf("warning"), unknown: codesOf("unknown") },
  };
}
