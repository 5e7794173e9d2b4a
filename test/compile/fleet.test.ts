import { expect, test } from "vitest";
import { Fleet } from "../../src/compile/fleet.js";
import { parseAddress } from "../../src/net/address.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";
import { policyOf } from "../support/checked.js";

const policy = policyOf(`rail r1, r2
  tenant red { namespace red-*, x*y*z } tenant net { network 10.200.0.0/16 }
  service roce = 4791/udp
  allow red/red-a <-> red : roce`);

let host = 1;
function endpoint(namespace: string, more: Partial<Endpoint> = {}): Endpoint {
  const address = parseAddress(`10.1.0.${host++}`);
  if (address === undefined) throw new Error("no address");
  return { namespace, pod: "p", node: "n2", rail: "r1", addresses: [address], ...more };
}

const nothing: Inventory = { rails: new Map(), nodes: new Map(), endpoints: [] };
const fleetOf = (...endpoints: Endpoint[]) =>
  new Fleet(policy, { ...nothing, endpoints }, "n1", "r1");
const labels = (fleet: Fleet) => [...fleet.members()].map(({ party }) => party.label).sort();

test.each([
  ["red-a", "red/red-a"],
  ["red-b", "red"],
  ["red-", "red"],
  ["red", "*"],
  ["xyz", "red"],
  ["x-y-y-z", "red"],
  ["xyzz", "red"],
  ["xzy", "*"],
  ["nobody", "*"],
])("an endpoint of namespace %s is of the party %s", (namespace, label) => {
  expect(fleetOf().partyOf(endpoint(namespace)).label).toBe(label);
});

test("a tenant with networks is there without endpoints; a party without members is not", () => {
  expect(labels(fleetOf())).toEqual(["net"]);
  const one = endpoint("red-a");
  const fleet = fleetOf(one);
  expect(labels(fleet)).toEqual(["net", "red/red-a"]);
  fleet.remove(one);
  expect(labels(fleet)).toEqual(["net"]);
  expect(fleet.membersOfTenant("red")).toEqual([]);
});

test("every change makes a version that was never there, even where a party went and came again", () => {
  const one = endpoint("red-a");
  const fleet = fleetOf();
  const seen: (number | undefined)[] = [];
  for (let count = 0; count < 3; count++) {
    fleet.add(one);
    seen.push(fleet.memberOf("red/red-a")?.version);
    fleet.remove(one);
  }
  expect(new Set(seen).size).toBe(3);
});

test("the node's own are those of this node and this rail, by representor", () => {
  const own = { node: "n1", mac: 1n };
  const fleet = fleetOf(
    endpoint("red-a", { ...own, representor: "v1" }),
    endpoint("red-b", { ...own, representor: "v0" }),
    endpoint("red-b", { ...own, representor: "v2", rail: "r2" }),
    endpoint("red-b", { representor: "v3" }),
  );
  expect(fleet.locals().map(({ representor }) => representor)).toEqual(["v0", "v1"]);
});

test("other rails are looked at only where some rule opens them", () => {
  const away = endpoint("red-a", { rail: "r2" });
  expect(labels(fleetOf(away))).toEqual(["net"]);
  const across = policyOf(`rail r1, r2 tenant red { namespace red-* } service roce = 4791/udp
    allow red <-> red : roce across rails`);
  expect(labels(new Fleet(across, { ...nothing, endpoints: [away] }, "n1", "r1"))).toEqual([
    "red@r2",
  ]);
});
