/** Random small policies and inventories, as texts, so that they take the way a user's take. */

import { printAddress } from "../../src/net/address.js";
import { printMac } from "../../src/net/mac.js";
import { checkPolicy } from "../../src/policy/check.js";
import { checkInventory } from "../../src/policy/check-inventory.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { loadPolicy } from "../../src/policy/load.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import { type Diagnostic, severityOf } from "../../src/text/diagnostic.js";
import type { Random } from "./random.js";

export interface World {
  readonly policyText: string;
  readonly inventoryText: string;
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  /** The node whose tables are looked at; it has every rail. */
  readonly node: string;
}

export const worldNode = "n1";
/** Representors of the node, on the bridge of any rail: `v0` to `v5`. */
export const worldRepresentors = ["v0", "v1", "v2", "v3", "v4", "v5"] as const;

const tenantNames = ["red", "green", "blue"] as const;
const namespaces = ["red-a", "red-b", "green-a", "green-dev", "blue-a", "nobody"] as const;
const networks = [
  "10.200.0.0/22",
  "10.201.7.0/24",
  "192.168.77.77",
  "fd00:200::/47",
  "fd00:300::7",
] as const;
const serviceTexts = {
  roce: "4791/udp",
  dns: "53/udp",
  web: "443/tcp, 8080-8090/tcp",
  nfs: "2049/tcp",
  low: "0-1023/tcp",
  ping: "icmp echo",
  control: "icmp",
  trouble: "icmp unreachable, icmp 8/0",
  mixed: "53/udp, 443/tcp, icmp echo",
} as const;

export function randomWorld(random: Random): Promise<World> {
  return acceptedWorld(
    () => ({ policyText: randomPolicy(random), inventory: randomInventory(random) }),
    // a one-way rule over RoCE is the one mistake that these texts may hold
    ({ code }) => code === "one-way-roce",
  );
}

/** Draws until the world is one that railfence accepts; most are, and the others only for mistakes that may be. */
export async function acceptedWorld(
  draw: () => { readonly policyText: string; readonly inventory: object },
  mayBe: (mistake: Diagnostic) => boolean,
): Promise<World> {
  for (;;) {
    const drawn = draw();
    const { policyText } = drawn;
    const inventoryText = JSON.stringify(drawn.inventory, undefined, 1);
    const loaded = await loadPolicy(["world.policy"], () => policyText);
    const { policy, diagnostics } = checkPolicy(loaded.files, { today: "2026-11-23" });
    const read = readInventory({ name: "inventory.json", text: inventoryText });
    const { inventory } = read;
    const found = [...loaded.diagnostics, ...diagnostics, ...read.diagnostics];
    if (policy !== undefined && inventory !== undefined)
      found.push(...checkInventory(policy, inventory));
    const errors = found.filter((one) => severityOf(one) === "error");
    if (errors.length === 0 && policy !== undefined && inventory !== undefined)
      return { policyText, inventoryText, policy, inventory, node: worldNode };
    const other = errors.filter((one) => !mayBe(one));
    if (other.length > 0)
      throw new Error(
        `unexpected ${other.map(({ code }) => code).join(", ")} in\n${policyText}\n${inventoryText}`,
      );
  }
}

function randomPolicy(random: Random): string {
  const cut = random.below(networks.length + 1);
  const shuffled = random.shuffled(networks);
  const lines = [
    "rail r1, r2",
    `tenant red { namespace red-a, red-b }`,
    `tenant green { namespace green-*${networkList(shuffled.slice(0, cut))} }`,
    `tenant blue { ${random.chance(0.8) ? "namespace blue-a" : "namespace blue-*"}${networkList(shuffled.slice(cut))} }`,
    "group warm = red, green",
    ...Object.entries(serviceTexts).map(([name, text]) => `service ${name} = ${text}`),
  ];
  const count = 1 + random.below(6);
  for (let index = 0; index < count; index++) lines.push(randomRule(random));
  return `${random.shuffled(lines).join("\n")}\n`;
}

/** As it stands in a tenant's braces. */
export function networkList(list: readonly string[]): string {
  return list.length === 0 ? "" : `  network ${list.join(", ")}`;
}

function randomRule(random: Random): string {
  const effect = random.chance(0.75) ? "allow" : "deny";
  const services = random.chance(0.2)
    ? "all"
    : [random.pick(Object.keys(serviceTexts)), ...(random.chance(0.3) ? ["roce"] : [])].join(", ");
  const sides = randomSides(random, randomSelector);
  const on = random.chance(0.25) ? ` on ${random.pick(["r1", "r2", "r1, r2"])}` : "";
  const across = random.chance(0.3) ? " across rails" : "";
  return `${effect} ${sides} : ${services}${on}${across}`;
}

export function randomSides(random: Random, selector: (random: Random) => string): string {
  return random.chance(0.25)
    ? "each tenant <-> itself"
    : `${selector(random)} ${random.chance(0.5) ? "<->" : "->"} ${selector(random)}`;
}

function randomSelector(random: Random): string {
  return random.pick([
    ...tenantNames,
    "warm",
    "any",
    "red/red-a",
    "green/green-dev",
    "green/green-*",
    "any",
    "red, blue",
  ]);
}

function randomInventory(random: Random): object {
  const rails = Object.fromEntries(
    ["r1", "r2"].map((rail, index) => [rail, randomRail(random, index)]),
  );
  return {
    version: 1,
    rails,
    nodes: randomNodes(random, rails),
    endpoints: random.shuffled(
      ["r1", "r2"].flatMap((rail, index) => randomEndpoints(random, rail, index)),
    ),
  };
}

/** Two nodes with every rail. */
export function randomNodes(
  random: Random,
  rails: Readonly<Record<string, { readonly mode: string }>>,
): object {
  const node = (digit: number) => ({
    rails: Object.fromEntries(
      Object.entries(rails).map(([rail, { mode }], index) => [
        rail,
        {
          bridge: `br${index}`,
          uplink: `p${index}`,
          ...(mode === "routed" || random.chance(0.3)
            ? { mac: `0c:42:a1:00:0${digit}:0${index}`, nextHop: `0c:42:a1:ff:0${digit}:0${index}` }
            : {}),
          ...(random.chance(0.25) ? { uplinkSource: "trust" } : {}),
        },
      ]),
    ),
  });
  return { [worldNode]: node(1), n2: node(2) };
}

function randomRail(
  random: Random,
  index: number,
): { mode: string; subnets: string[]; gateways: string[] } {
  const mode = random.pick(["routed", "bridged"]);
  const subnets = [`10.10${index}.0.0/24`, `fd00:10${index}::/64`];
  if (random.chance(0.3)) subnets.push(`10.110.${index * 4}.0/30`);
  return {
    mode,
    subnets,
    gateways: random.chance(0.8) ? [`10.10${index}.0.1`, `fd00:10${index}::1`] : [],
  };
}

function randomEndpoints(random: Random, rail: string, index: number): object[] {
  const count = 2 + random.below(9);
  const taken = new Set<number>([0, 1, 255]);
  const endpoints: object[] = [];
  let representors = 0;
  for (let at = 0; at < count; at++) {
    // close together, so that prefixes merge and end next to each other
    let host = random.chance(0.7) ? 2 + random.below(14) : random.below(256);
    while (taken.has(host)) host = (host + 1) % 256;
    taken.add(host);
    const isLocal = random.chance(0.5) && representors < worldRepresentors.length;
    const families = random.pick([[4], [6], [4, 6], [4, 6]]);
    endpoints.push({
      namespace: random.pick(namespaces),
      pod: `pod-${index}-${at}`,
      node: isLocal ? worldNode : "n2",
      rail,
      ips: [
        ...(families.includes(4)
          ? [printAddress({ family: 4, value: BigInt(0x0a640000 + index * 0x10000 + host) })]
          : []),
        ...(families.includes(6)
          ? [
              printAddress({
                family: 6,
                value: (0xfd000100n << 96n) | (BigInt(index) << 96n) | BigInt(host),
              }),
            ]
          : []),
      ],
      ...(isLocal
        ? {
            mac: printMac(0x0a580a000000n + BigInt(index * 256 + host)),
            representor: worldRepresentors[representors++],
          }
        : {}),
    });
  }
  return endpoints;
}
