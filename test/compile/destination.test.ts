import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { groupFinder } from "../../src/compile/destination.js";
import { partyOf } from "../../src/compile/party.js";
import { printPrefix } from "../../src/net/prefix.js";
import { crowdedNode } from "../support/crowded-node.js";
import { Random } from "../support/random.js";
import { bridgeMac, frame, ip, macs, sent, tinyRail } from "../support/tiny-rail.js";

const out = (rules: string, to: string, family: 4 | 6 = 4) => {
  const body = ip(family === 4 ? "10.1.0.5" : "fd00:1::5", to);
  return sent(tinyRail({ rules }), "v0", frame(macs[0], bridgeMac, body));
};

test("an endpoint here is reached at its representor, one elsewhere and a network through the uplink", () => {
  const rules = "allow red <-> red, store : roce";
  expect(out(rules, "10.1.0.6")).toBe("v1");
  expect(out(rules, "10.1.0.9")).toBe("p0");
  expect(out(rules, "10.200.3.4")).toBe("p0");
  expect(out(rules, "fd00:1::6", 6)).toBe("v1");
  expect(out(rules, "fd00:200:0:1::4", 6)).toBe("p0");
});

test("the edges of a network are exact", () => {
  const rules = "allow red <-> store : roce";
  const edges = ["10.199.255.255", "10.200.0.0", "10.200.255.255", "10.201.0.0"];
  expect(edges.map((to) => out(rules, to))).toEqual(["drop", "p0", "p0", "drop"]);
});

test("any leaves out whom a deny cuts off, broadcast and multicast", () => {
  const rules = "allow red <-> any : roce deny red <-> blue, store : all";
  expect(out(rules, "192.0.2.1")).toBe("p0");
  for (const to of ["10.1.0.7", "10.200.0.1", "10.1.0.255", "224.0.0.1", "255.255.255.255"])
    expect(out(rules, to)).toBe("drop");
  expect(out(rules, "2001:db8::1", 6)).toBe("p0");
  for (const to of ["fd00:1::7", "fd00:200::1", "ff02::1"]) expect(out(rules, to, 6)).toBe("drop");
});

test("any is one flow, its holes and the endpoints here; whom it meets has one back", () => {
  const { flows, tables } = tinyRail({ rules: "allow blue <-> any : roce" });
  const table = tables.find(({ name }) => name === "ipv4-destination")?.number;
  const prefixes = flows
    .filter((flow) => flow.table === table && flow.priority > 0)
    .map(({ match }) => match.fields.find(({ field }) => field === "nw_dst"))
    .map((found) => found && printPrefix(prefixOfMatch(found)));
  expect(prefixes.sort()).toEqual([
    ...[
      "10.1.0.255",
      "10.1.0.5",
      "10.1.0.6",
      "10.1.0.7",
      "10.1.0.7",
      "224.0.0.0/4",
      "255.255.255.255",
    ],
    undefined,
  ]);
});

test.each(["roce", "roce, web"])(
  "with %s, endpoints here are cut out of the IPv6 blocks around them",
  async (services) => {
    const { policy, inventory } = await crowdedNode(
      new Random(1),
      "routed",
      "aligned",
      services,
      [6],
    );
    const { flows, tables } = compileRail(policy, inventory, { node: "n1", rail: "r" });
    const lastStride = tables.filter(({ name }) => name.startsWith("ipv6-destination.")).at(-1);
    const lastButOne = (lastStride?.number as number) - 1;
    const found = flows
      .filter(({ table }) => table === lastStride?.number || table === lastButOne)
      .flatMap(({ match }) => match.fields.filter(({ field }) => field === "ipv6_dst"))
      .map(({ mask }) => mask.toString(2).replaceAll("0", "").length)
      .filter((length) => length >= 124);
    expect([...new Set(found)].sort()).toEqual([124, 125, 126, 127, 128]);
  },
);

function prefixOfMatch({ value, mask }: { value: bigint; mask: bigint }) {
  return { family: 4, value, length: mask.toString(2).replaceAll("0", "").length } as const;
}

test("whom the source's rules do not name is in the group of strangers", () => {
  const group = (key: string, rest: boolean) => ({
    key,
    bearings: [],
    members: [],
    rest,
    elsewhere: [],
  });
  const find = groupFinder([group("a", false), group("b", true)]);
  expect(find(partyOf("blue", []))?.key).toBe("b");
});
