/**
 * Worlds nastier than random-world.ts's: three rails, several subnets a rail down to /31 and /32, endpoints of several
 * addresses a family and with one MAC, networks that touch the subnets or hold multicast, tenants of networks alone,
 * link-local gateways, and services that overlap from port 0 to 65535.
 */

import { type Family, printAddress } from "../../src/net/address.js";
import { printMac } from "../../src/net/mac.js";
import { lastOf, type Prefix, parsePrefix } from "../../src/net/prefix.js";
import type { Diagnostic } from "../../src/text/diagnostic.js";
import type { Random } from "./random.js";
import {
  acceptedWorld,
  networkList,
  randomNodes,
  randomSides,
  type World,
  worldNode,
  worldRepresentors,
} from "./random-world.js";

const tenantNames = ["red", "green", "blue"] as const;
const namespaces = ["red-a", "red-b", "green-a", "green-dev", "blue-a", "nobody"] as const;
/** Apart from each other; some begin where a rail's subnet ends, some hold multicast addresses, which never pass. */
const networks = [
  "10.200.0.0/22",
  "10.100.1.0/24",
  "10.100.255.254/31",
  "128.0.0.0/2",
  "224.0.0.0/3",
  "fd00:200::/47",
  "fd00:300::7",
  "fd00:100:0:1::/64",
  "fe00::/7",
] as const;
const serviceTexts = {
  roce: "4791/udp",
  web: "443/tcp, 8080-8090/tcp",
  low: "0-1023/tcp",
  high: "1024-65535/tcp",
  every: "0-65535/tcp",
  edges: "0/udp, 65535/udp, 0/tcp, 65535/tcp",
  odd: "400-500/tcp, 8085/tcp, 4000-5000/udp",
  ping: "icmp echo",
  control: "icmp",
  trouble: "icmp unreachable, icmp 8/0",
  types: "icmp 3/4, icmp 0, icmp 11, icmp 12/2, icmp 255/255",
} as const;

const linkLocal = '"fe80::1"';

export function nastyWorld(random: Random): Promise<World> {
  return acceptedWorld(() => {
    const rails = random.chance(0.3) ? ["r1", "r2", "r3"] : ["r1", "r2"];
    return { policyText: randomPolicy(random, rails), inventory: randomInventory(random, rails) };
  }, mayBe);
}

/** A one-way rule over RoCE, one MAC twice on a bridged rail, a link-local gateway in a tenant's network. */
function mayBe(mistake: Diagnostic): boolean {
  if (mistake.code === "inventory-shape") return mistake.value === linkLocal;
  return mistake.code === "one-way-roce" || mistake.code === "duplicate-mac";
}

function randomPolicy(random: Random, rails: readonly string[]): string {
  const shuffled = random.some(networks);
  const [one, other] = [random.below(shuffled.length + 1), random.below(shuffled.length + 1)];
  const [cut, end] = one < other ? [one, other] : [other, one];
  const stores = shuffled.slice(end);
  const lines = [
    `rail ${rails.join(", ")}`,
    `tenant red { namespace red-a, red-b }`,
    `tenant green { namespace green-*${networkList(shuffled.slice(0, cut))} }`,
    `tenant blue { ${random.chance(0.8) ? "namespace blue-a" : "namespace blue-*"}${networkList(shuffled.slice(cut, end))} }`,
    `tenant store { ${stores.length === 0 ? "namespace store-*" : networkList(stores)} }`,
    "group warm = red, green",
    ...Object.entries(serviceTexts).map(([name, text]) => `service ${name} = ${text}`),
  ];
  const count = 1 + random.below(7);
  for (let index = 0; index < count; index++) lines.push(randomRule(random, rails));
  return `${random.shuffled(lines).join("\n")}\n`;
}

function randomRule(random: Random, rails: readonly string[]): string {
  const effect = random.chance(0.7) ? "allow" : "deny";
  const services = random.chance(0.2)
    ? "all"
    : [
        random.pick(Object.keys(serviceTexts).filter((name) => name !== "roce")),
        ...(random.chance(0.3) ? ["roce"] : []),
      ].join(", ");
  const sides = randomSides(random, randomSelector);
  const on = random.chance(0.3) ? ` on ${random.some(rails, 1).join(", ")}` : "";
  const across = random.chance(0.3) ? " across rails" : "";
  return `${effect} ${sides} : ${services}${on}${across}`;
}

function randomSelector(random: Random): string {
  return random.pick([
    ...tenantNames,
    "warm",
    "store",
    "any",
    "red/red-a",
    "red/*",
    "green/green-dev",
    "green/green-*",
    "any",
    "red, blue",
  ]);
}

function randomInventory(random: Random, names: readonly string[]): object {
  const drawn = names.map((rail, index) => [rail, randomRail(random, index)] as const);
  const rails = Object.fromEntries(drawn);
  return {
    version: 1,
    rails,
    nodes: randomNodes(random, rails),
    endpoints: random.shuffled(
      drawn.flatMap(([name, rail], index) => randomEndpoints(random, name, rail, index)),
    ),
  };
}

interface RandomRail {
  readonly mode: string;
  readonly subnets: string[];
  readonly gateways: string[];
}

function randomRail(random: Random, index: number): RandomRail {
  const mode = random.pick(["routed", "bridged"]);
  const subnets = [`10.10${index}.0.0/24`, `fd00:10${index}::/64`];
  const more = [
    `10.110.${index * 4}.0/30`,
    `10.111.${index}.5/32`,
    `10.111.${index}.6/31`,
    `10.10${index}.0.128/25`,
    `fd00:11${index}::/127`,
  ];
  if (random.chance(0.5)) subnets.push(...random.some(more));
  const gateways = random.chance(0.8) ? [`10.10${index}.0.1`, `fd00:10${index}::1`] : [];
  if (random.chance(0.2)) gateways.push("fe80::1");
  return { mode, subnets, gateways };
}

function randomEndpoints(
  random: Random,
  rail: string,
  { subnets, gateways }: RandomRail,
  index: number,
): object[] {
  const count = 2 + random.below(9);
  const taken = new Set(gateways);
  const endpoints: object[] = [];
  let representors = 0;
  for (let at = 0; at < count; at++) {
    const isLocal = random.chance(0.5) && representors < worldRepresentors.length;
    const families = random.pick([[4], [6], [4, 6], [4, 6], [4, 4, 6, 6], [6, 6]] as const);
    const ips: string[] = [];
    for (const family of families) {
      const address = randomAddress(random, subnets, family, taken);
      if (address !== undefined) ips.push(address);
    }
    if (ips.length === 0) continue;
    endpoints.push({
      namespace: random.pick(namespaces),
      pod: `pod-${index}-${at}`,
      node: isLocal ? worldNode : "n2",
      rail,
      ips,
      ...(isLocal
        ? {
            mac: random.chance(0.05)
              ? random.pick(oddMacs)
              : printMac(0x0a580a000000n + BigInt(index * 256 + at)),
            representor: worldRepresentors[representors++],
          }
        : {}),
    });
  }
  return endpoints;
}

/** First and last of their kind; on a routed rail two endpoints may well have the same. */
const oddMacs = ["00:00:00:00:00:01", "fe:ff:ff:ff:ff:ff", "02:00:00:00:00:00"] as const;

/** Close together, so that prefixes merge and end next to each other; IPv6 also with one solicited-node group. */
function randomAddress(
  random: Random,
  subnets: readonly string[],
  family: Family,
  taken: Set<string>,
): string | undefined {
  const prefixes = subnets.flatMap((text) => {
    const parsed = parsePrefix(text);
    return parsed.kind === "prefix" && parsed.prefix.family === family ? [parsed.prefix] : [];
  });
  const broadcasts = prefixes.filter(({ length }) => length <= 30).map(lastOf);
  for (let attempt = 0; attempt < 20; attempt++) {
    // one subnet may be all of one address
    const subnet = random.chance(0.7) ? (prefixes[0] as Prefix) : random.pick(prefixes);
    let host = BigInt(random.chance(0.7) ? 2 + random.below(14) : random.below(256));
    if (family === 6 && random.chance(0.3)) host |= BigInt(1 + random.below(2)) << 24n;
    const value = subnet.value | (host & (lastOf(subnet) ^ subnet.value));
    const text = printAddress({ family, value });
    if (taken.has(text) || (family === 4 && broadcasts.includes(value))) continue;
    taken.add(text);
    return text;
  }
  return undefined;
}
