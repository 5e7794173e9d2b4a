import { expect, test } from "vitest";
import { type Prefix, parsePrefix, prefixesOverlap, prefixHolds } from "../../../src/net/prefix.js";
import { alignedPlan } from "../../../src/verify/cost/aligned-plan.js";
import { inventoryOf, policyOf } from "../../support/checked.js";

const policy = policyOf(
  "rail q, r\ntenant a { namespace a }\ntenant b { namespace b }\nservice s = 1/tcp\nallow a <-> b : s",
);

function fleet(subnet: string, ofA = 5) {
  const pod = (namespace: string, node: string, at: number, rail = "r", net = 0) => ({
    namespace,
    pod: `p${at}`,
    node,
    rail,
    ips: [`10.${net}.0.${100 + at}`],
  });
  return inventoryOf({
    version: 1,
    rails: {
      q: { mode: "bridged", subnets: ["10.1.0.0/16"] },
      r: { mode: "bridged", subnets: [subnet] },
    },
    nodes: {
      n1: { rails: { r: { bridge: "br", uplink: "p" }, q: { bridge: "bq", uplink: "q" } } },
      n2: { rails: { r: { bridge: "br", uplink: "p" }, q: { bridge: "bq", uplink: "q" } } },
      n3: { rails: { r: { bridge: "br", uplink: "p" } } },
    },
    endpoints: [
      ...Array.from({ length: ofA }, (_, at) => pod("a", at % 2 === 0 ? "n2" : "n3", at)),
      ...[20, 21].map((at) => pod("b", "n2", at)),
      pod("stranger", "n2", 22),
      pod("a", "n2", 23, "q", 1),
    ],
  });
}

function prefixIn(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed.kind !== "prefix") throw new Error(text);
  return parsed.prefix;
}

test("each tenant gets one block that holds all of its addresses and nobody else's", () => {
  const plan = alignedPlan(policy, fleet("10.0.0.0/24"), "r");
  const blocks = new Map(
    plan?.tenants.map(({ tenant, blocks: [one] }) => [tenant, prefixIn(one ?? "")]),
  );
  expect([...blocks.keys()]).toEqual(["a", "b", "*"]);
  // three of one node and two of another: blocks of four and of two
  expect(plan?.tenants.map(({ blocks: own }) => own)).toEqual([
    ["10.0.0.8/29"],
    ["10.0.0.16/31"],
    ["10.0.0.18"],
  ]);
  const all = [...blocks.values()];
  expect(all.some((one) => all.some((other) => one !== other && prefixesOverlap(one, other)))).toBe(
    false,
  );
  for (const { namespace, rail, addresses } of plan?.inventory.endpoints ?? [])
    if (rail === "r")
      for (const address of addresses)
        expect(
          prefixHolds(blocks.get(blocks.has(namespace) ? namespace : "*") as Prefix, address),
        ).toBe(true);
});

test("no two endpoints share an address, and each node has a block inside its tenant's", () => {
  const plan = alignedPlan(policy, fleet("10.0.0.0/24"), "r");
  const own = (node: string) =>
    (plan?.inventory.endpoints ?? [])
      .filter((one) => one.rail === "r" && one.namespace === "a" && one.node === node)
      .flatMap(({ addresses }) => addresses.map(({ value }) => value & 0xffn));
  expect([own("n2"), own("n3")]).toEqual([
    [8n, 9n, 10n],
    [12n, 13n],
  ]);
});

test("endpoints of other rails stay where they are", () => {
  const before = fleet("10.0.0.0/24");
  const after = alignedPlan(policy, before, "r")?.inventory.endpoints ?? [];
  const ofQ = (endpoints: typeof after) => endpoints.filter(({ rail }) => rail === "q");
  expect(ofQ(after)).toEqual(ofQ(before.endpoints));
});

test("a subnet that is too small has no plan", () =>
  expect(
    [5, 16].map((ofA) => alignedPlan(policy, fleet("10.0.0.96/27", ofA), "r") === undefined),
  ).toEqual([false, true]));
