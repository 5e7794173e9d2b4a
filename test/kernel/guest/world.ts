/**
 * The world around the node: its pods in namespaces, each with a VF on both rails, and beyond each uplink a namespace
 * that is the leaf switch, the other node's pods and (on the routed rail) the storage network in one.
 */

import { readFileSync, writeFileSync } from "node:fs";
import type { Box } from "./box.js";
import { warmUp } from "./railfence.js";
import { sh } from "./shell.js";
import { Station } from "./station.js";

export const node = "box";
// relative, as an operator would write it: the box runs in the repository
export const policyFile = "test/kernel/world/box.policy";
export const inventoryFile = "test/kernel/world/inventory.json";

/** What every station listens on: the policy's services, both ends and the middle of a range, and a port of none. */
const ports = [4791, 4792, 2049, 50000, 50007, 50063];

/** The storage network, behind the leaf of the routed rail. */
export const storage = ["10.200.0.9", "fd00:200::9"] as const;

/** One pod on one rail. */
export interface Seat {
  readonly namespace: string;
  readonly pod: string;
  readonly rail: string;
  readonly isLocal: boolean;
  /** IPv4, then IPv6. */
  readonly ips: readonly string[];
  readonly mac: string | undefined;
  readonly representor: string | undefined;
  readonly station: Station;
}

export interface World {
  readonly seats: readonly Seat[];
  seat(pod: string, rail: string): Seat;
  /** The far side of a rail's uplink. */
  leaf(rail: string): Station;
  readonly stations: readonly Station[];
}

/** What of the inventory is looked at here. */
interface InventoryFile {
  readonly nodes: Readonly<Record<string, { readonly rails: Readonly<Record<string, NodeRail>> }>>;
  readonly endpoints: readonly (Omit<Seat, "isLocal" | "station"> & { readonly node: string })[];
}

interface NodeRail {
  readonly bridge: string;
  readonly uplink: string;
  readonly mac?: string;
  readonly nextHop?: string;
}

/** Bridges without any flow, pods and leaves; nothing is installed yet. */
export async function makeWorld(box: Box): Promise<World> {
  const inventory: InventoryFile = JSON.parse(readFileSync(inventoryFile, "utf8"));
  const rails = Object.entries(inventory.nodes[node]?.rails ?? {});
  const local = inventory.endpoints.filter((endpoint) => endpoint.node === node);
  await box.plugNic(4);
  // all that can be done before Open vSwitch forwards: it has to wait for its time
  const [stations] = await Promise.all([
    seatAll(rails, inventory.endpoints),
    box.startDatabase().then(() => addBridges(box, rails, local)),
  ]);
  box.say(
    `${stations.size} namespaces: pods with a VF on each rail, and what is beyond the uplinks`,
  );
  await warmUp();
  await box.startForwarding();
  await ip(rails.map(([, { bridge }]) => `link set ${bridge} up`));
  return worldOf(inventory, stations);
}

type Rails = readonly (readonly [string, NodeRail])[];
type Endpoints = InventoryFile["endpoints"];

async function addBridges(box: Box, rails: Rails, local: Endpoints): Promise<void> {
  for (const [rail, { bridge, uplink, mac }] of rails) {
    const representors = local
      .filter((endpoint) => endpoint.rail === rail)
      .map(({ representor = "" }) => representor);
    const ports = [uplink, ...representors];
    await box.vsctl(
      ...["--no-wait", "add-br", bridge, "--", "set", "bridge", bridge, "fail_mode=secure"],
      ...(mac === undefined ? [] : [`other_config:hwaddr="${mac}"`]),
      ...ports.flatMap((port) => ["--", "add-port", bridge, port]),
    );
    await ip(ports.map((port) => `link set ${port} up`));
  }
}

/** A namespace with a station for every pod of the node, and for every leaf. */
async function seatAll(rails: Rails, endpoints: Endpoints): Promise<Map<string, Station>> {
  const local = endpoints.filter((endpoint) => endpoint.node === node);
  const pods = [...new Set(local.map(({ pod }) => pod))];
  const leaves = rails.map(([rail]) => `leaf-${rail}`);
  await ip([...pods, ...leaves].map((name) => `netns add ${name}`));
  const far = (at: string) =>
    endpoints
      .filter(({ rail, node: name }) => rail === at && name !== node)
      .flatMap(({ ips }) => ips);
  await Promise.all([
    ...pods.map((pod) => seatPod(pod, local)),
    ...rails.map(([rail, ports]) => makeLeaf(rail, ports, far(rail))),
  ]);
  const started = [...pods, ...leaves].map((name) => Station.start(name, ports));
  return new Map((await Promise.all(started)).map((station) => [station.name, station]));
}

function worldOf(inventory: InventoryFile, stations: ReadonlyMap<string, Station>): World {
  const station = (name: string) => {
    const found = stations.get(name);
    if (found === undefined) throw new Error(`there is no station ${name}`);
    return found;
  };
  const seats = inventory.endpoints.map((endpoint): Seat => {
    const isLocal = endpoint.node === node;
    return {
      ...endpoint,
      isLocal,
      station: station(isLocal ? endpoint.pod : `leaf-${endpoint.rail}`),
    };
  });
  return {
    seats,
    seat(pod, rail) {
      const found = seats.find((seat) => seat.pod === pod && seat.rail === rail);
      if (found === undefined) throw new Error(`there is no pod ${pod} on ${rail}`);
      return found;
    },
    leaf: (rail) => station(`leaf-${rail}`),
    stations: [...stations.values()],
  };
}

/** As a CNI plugin would: the VF moves into the pod's namespace and gets its addresses. */
async function seatPod(pod: string, endpoints: Endpoints): Promise<void> {
  const mine = endpoints.filter((endpoint) => endpoint.pod === pod);
  const vfOf = (representor = "") => representor.replace(/^pf(\d+)vf(\d+)$/, "p$1v$2");
  await ip(mine.map(({ representor }) => `link set ${vfOf(representor)} netns ${pod}`));
  await ip(
    [
      "link set lo up",
      ...mine.flatMap(({ ips, mac, representor, rail }) => [
        `link set ${vfOf(representor)} name ${rail} address ${mac} up`,
        ...ips.map(
          (each) => `address add ${each}/${each.includes(":") ? "48" : "16"} dev ${rail} nodad`,
        ),
      ]),
      "route add 10.200.0.0/24 via 10.101.0.1 dev pf0",
      "route add fd00:200::/64 via fd00:101::1 dev pf0",
    ],
    pod,
  );
}

/** The leaf of a routed rail knows the node as its next hop; that of a bridged one is a wire, with pods on it. */
async function makeLeaf(
  rail: string,
  { uplink, mac, nextHop }: NodeRail,
  ips: readonly string[],
): Promise<void> {
  const name = `leaf-${rail}`;
  const isRouted = mac !== undefined && nextHop !== undefined;
  const length = (address: string) =>
    address.includes(":") ? (isRouted ? "128" : "48") : isRouted ? "32" : "16";
  await ip([`link set ${uplink}wire netns ${name}`]);
  const addresses = isRouted ? [...ips, ...storage] : ips;
  await ip(
    [
      "link set lo up",
      `link set ${uplink}wire name wire ${isRouted ? `address ${nextHop}` : ""} up`,
      ...addresses.map((each) => `address add ${each}/${length(each)} dev wire nodad`),
      ...(isRouted
        ? [
            `neighbour add 10.101.0.254 lladdr ${mac} dev wire nud permanent`,
            "route add 10.101.0.0/24 via 10.101.0.254 dev wire onlink",
            `neighbour add fd00:101::fe lladdr ${mac} dev wire nud permanent`,
            "route add fd00:101::/64 via fd00:101::fe dev wire onlink",
          ]
        : []),
    ],
    name,
  );
}

/** Many commands of ip(8) in one process, in a namespace or outside. */
async function ip(lines: readonly string[], namespace?: string): Promise<void> {
  const file = `/tmp/ip-batch-${batches++}`;
  writeFileSync(file, `${lines.join("\n")}\n`);
  await sh(`ip ${namespace === undefined ? "" : `-n ${namespace} `}-batch ${file}`);
}

let batches = 0;
