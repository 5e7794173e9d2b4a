import { expect, test } from "vitest";
import { Fleet } from "../../src/compile/fleet.js";
import { neighboursOf } from "../../src/compile/neighbours.js";
import { partyOf } from "../../src/compile/party.js";
import { pipelineOf } from "../../src/compile/pipeline.js";
import { RailView, stranger } from "../../src/compile/rail-view.js";
import { printAddress } from "../../src/net/address.js";
import { prefixesOf } from "../../src/net/address-set.js";
import { printPrefix } from "../../src/net/prefix.js";
import type { NodeRail, Rail } from "../../src/policy/inventory.js";
import { inventoryOf, policyOf } from "../support/checked.js";

function viewOf(rules: string): RailView {
  const policy = policyOf(`rail r1, r2
    tenant red { namespace red } tenant blue { namespace blue network 10.200.0.0/24 }
    service roce = 4791/udp service nfs = 2049/tcp ${rules}`);
  const ports = (uplink: string) => ({ bridge: `br-${uplink}`, uplink });
  const at = (namespace: string, ip: string, rail: string, more = {}) => ({
    ...{ namespace, pod: `${namespace}-${ip}`, node: "n2", rail, ips: [ip] },
    ...more,
  });
  const inventory = inventoryOf({
    version: 1,
    rails: {
      r1: { mode: "bridged", subnets: ["10.1.0.0/24"], gateways: ["10.1.0.1"] },
      r2: { mode: "bridged", subnets: ["10.2.0.0/24"] },
    },
    nodes: Object.fromEntries(
      ["n1", "n2"].map((node) => [node, { rails: { r1: ports("p0"), r2: ports("p1") } }]),
    ),
    endpoints: [
      at("red", "10.1.0.5", "r1", { node: "n1", mac: "0a:58:0a:01:00:05", representor: "v0" }),
      ...[at("red", "10.1.0.8", "r1"), at("blue", "10.1.0.9", "r1"), at("blue", "10.2.0.9", "r2")],
      at("stray", "10.1.0.20", "r1"),
    ],
  });
  const [rail, node] = [inventory.rails.get("r1"), inventory.nodes.get("n1")];
  const fleet = new Fleet(policy, inventory, "n1", "r1");
  const own = node?.rails.get("r1") as NodeRail;
  return new RailView(policy, inventory, rail as Rail, own, fleet, pipelineOf("bridged", 0));
}

function neighbours(rules: string, tenant = "red"): string[] {
  const { addresses } = neighboursOf(viewOf(rules), partyOf(tenant, []), 4);
  return prefixesOf(addresses).map(printPrefix);
}

test("gateways, and endpoints that some rule lets meet, whichever of them opens", () => {
  expect(neighbours("")).toEqual(["10.1.0.1"]);
  expect(neighbours("allow blue -> red : nfs")).toEqual(["10.1.0.1", "10.1.0.9"]);
  expect(neighbours("allow red <-> red : roce")).toEqual(["10.1.0.1", "10.1.0.5", "10.1.0.8"]);
});

test("networks and endpoints of other rails have no link-layer address here", () => {
  expect(neighbours("allow red <-> blue : roce across rails")).toEqual(["10.1.0.1", "10.1.0.9"]);
});

test("any is every endpoint, claimed or not, but whom a deny cuts off wholly", () => {
  const rules = "allow red <-> any : roce deny red <-> blue : roce";
  expect(neighbours(rules)).toEqual(["10.1.0.1", "10.1.0.5", "10.1.0.8", "10.1.0.20"]);
});

test("groups: destinations of equal rights together, strangers with the rest, other rails apart", () => {
  const view = viewOf("allow red <-> any : roce allow red <-> blue : nfs");
  const groups = view.groupsOf(partyOf("red", []));
  const rest = groups.find((group) => group.rest);
  // red's rights with itself are those with strangers; with blue it has more
  expect(rest?.members.map(({ party }) => party.label)).toEqual(["red"]);
  expect(groups.flatMap(({ elsewhere }) => elsewhere)).toEqual(["r2"]);
  const blue = groups.find(({ members }) => members.some(({ party }) => party.tenant === "blue"));
  expect(blue?.key).not.toBe(rest?.key);
});

test("strangers' addresses are all but other rails', the named ones' and those that never pass", () => {
  const view = viewOf("allow red <-> any : roce");
  const named = [...view.fleet.members()].filter(({ party }) => party.tenant !== undefined);
  const holds = (text: string) => {
    const prefixes = prefixesOf(view.strangers(named, 4));
    const value = text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
    return prefixes.some(
      (prefix) =>
        value >> BigInt(32 - prefix.length) === prefix.value >> BigInt(32 - prefix.length),
    );
  };
  expect(["192.0.2.1", "10.1.0.20", "10.1.0.1"].filter((text) => !holds(text))).toEqual([]);
  const others = ["10.1.0.5", "10.1.0.9", "10.2.0.77", "10.200.0.3", "10.1.0.255", "224.0.0.5"];
  expect(others.filter(holds)).toEqual([]);
  expect(view.gateways(4).map(printAddress)).toEqual(["10.1.0.1"]);
  expect(stranger.label).toBe("*");
});
