/** Inventories: what is read, what is refused and where; the shipped JSON Schema. */

import { describe, expect, test } from "vitest";
import { printAddress } from "../../src/net/address.js";
import { checkInventory } from "../../src/policy/check-inventory.js";
import { inventoryJsonSchema } from "../../src/policy/inventory-schema.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import { underlined } from "../../src/text/source.js";
import { policyOf } from "../support/small-policy.js";

const good = {
  version: 1,
  rails: {
    pf1: { mode: "routed", subnets: ["10.101.0.0/16", "fd00:101::/48"], gateways: ["10.101.0.1"] },
    pf2: { mode: "bridged", subnets: ["10.102.0.0/16"], gateways: ["fe80::1"] },
  },
  nodes: {
    "gpu-001": {
      rails: {
        pf1: { bridge: "b1", uplink: "p0", mac: "0c:42:a1:00:01:01", nextHop: "0c:42:a1:ff:00:01" },
        pf2: { bridge: "b2", uplink: "p1", uplinkSource: "trust" },
      },
    },
  },
  endpoints: [
    {
      ...{ namespace: "red-a", pod: "w-0", node: "gpu-001", rail: "pf1" },
      ...{ ips: ["10.101.0.5", "fd00:101::5"], mac: "0A:58:0a:65:00:05", representor: "vf0" },
    },
    { namespace: "red-a", pod: "w-0", node: "gpu-001", rail: "pf2", ips: ["10.102.0.5"] },
  ],
};

type Document = typeof good;

describe("a good inventory", () => {
  const { inventory, diagnostics } = readInventory(sourceOf(good));

  test("is read without a word", () => expect(diagnostics).toEqual([]));

  test("has its values", () => {
    expect(inventory?.nodes.get("gpu-001")?.rails.get("pf1")).toEqual({
      ...{ bridge: "b1", uplink: "p0", mac: 0x0c42a1000101n, nextHop: 0x0c42a1ff0001n },
      uplinkSource: "verify",
    });
    expect(inventory?.nodes.get("gpu-001")?.rails.get("pf2")?.uplinkSource).toBe("trust");
    const [one, other] = inventory?.endpoints ?? [];
    expect(one?.addresses.map(printAddress)).toEqual(["10.101.0.5", "fd00:101::5"]);
    expect(one).toMatchObject({ mac: 0x0a580a650005n, representor: "vf0" });
    expect(Object.keys(other ?? {})).not.toContain("mac");
  });
});

describe("one mistake, one message at its place", () => {
  const cases: [name: string, spoil: (document: Document) => void, found: string][] = [
    ["version", (d) => set(d, "version", 2), "inventory-shape 2"],
    ["unknown key", (d) => set(d, "color", "red"), 'inventory-shape "color"'],
    ["rail mode", (d) => set(d.rails.pf1, "mode", "l3"), 'inventory-shape "l3"'],
    [
      "prefix",
      (d) => set(d.rails.pf1, "subnets", ["10.101.0.1/16"]),
      'inventory-shape "10.101.0.1/16"',
    ],
    [
      "group MAC",
      (d) => set(d.endpoints[0], "mac", "01:00:5e:00:00:01"),
      'inventory-shape "01:00:5e:00:00:01"',
    ],
    [
      "no MAC at all",
      (d) => set(d.endpoints[0], "mac", "00:00:00:00:00:00"),
      'inventory-shape "00:00:00:00:00:00"',
    ],
    [
      "option as a port",
      (d) => set(d.endpoints[0], "representor", "--all"),
      'inventory-shape "--all"',
    ],
    ...["LOCAL", "in_port", "NORMAL", "7"].map((name): (typeof cases)[number] => [
      `${name} as a port`,
      (d) => set(d.endpoints[0], "representor", name),
      `inventory-shape "${name}"`,
    ]),
    [
      "link-local gateway in another rail",
      (d) => {
        set(d.rails.pf1, "gateways", ["fe80::1"]);
        set(d.rails.pf2, "subnets", ["10.102.0.0/16", "fe80::/64"]);
      },
      'inventory-shape "fe80::1"',
    ],
    [
      "gateway as address",
      (d) => set(d.endpoints[0], "ips", ["10.101.0.1"]),
      'inventory-shape "10.101.0.1"',
    ],
    [
      "broadcast",
      (d) => set(d.endpoints[0], "ips", ["10.101.255.255"]),
      'inventory-shape "10.101.255.255"',
    ],
    ...["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.0.9", "::", "::1"].flatMap(
      (address): typeof cases => [
        [
          `${address} as address`,
          (d) => {
            set(d.rails.pf2, "subnets", ["0.0.0.0/0", "::/0"]);
            Reflect.deleteProperty(d.rails, "pf1");
            Reflect.deleteProperty(d.nodes["gpu-001"].rails, "pf1");
            d.endpoints.shift();
            set(d.endpoints[0], "ips", [address]);
          },
          `inventory-shape "${address}"`,
        ],
        [
          `${address} as gateway`,
          (d) => set(d.rails.pf2, "gateways", [address]),
          `inventory-shape "${address}"`,
        ],
      ],
    ),
    ...["a\nb", "a\0", "\u007f", "\u0085", "a\u2028"].flatMap((name): typeof cases => {
      const found = `inventory-shape ${JSON.stringify(name)}`;
      return [
        ...["namespace", "pod", "node", "rail", "representor"].map(
          (key): (typeof cases)[number] => [
            `${found} as ${key}`,
            (d) => set(d.endpoints[0], key, name),
            found,
          ],
        ),
        [`${found} as uplink`, (d) => set(d.nodes["gpu-001"].rails.pf1, "uplink", name), found],
        [`${found} as bridge`, (d) => set(d.nodes["gpu-001"].rails.pf1, "bridge", name), found],
        [`${found} as a new rail`, (d) => set(d.rails, name, d.rails.pf2), found],
        [`${found} as a new node`, (d) => set(d.nodes, name, { rails: {} }), found],
      ];
    }),
    ["an empty rail", (d) => set(d.rails, "", d.rails.pf2), 'inventory-shape ""'],
    [
      "same address twice",
      (d) => set(d.endpoints[0], "ips", ["10.101.0.5", "10.101.0.5"]),
      'inventory-shape "10.101.0.5"',
    ],
    [
      "address of another rail",
      (d) => set(d.endpoints[0], "ips", ["10.102.0.9"]),
      'address-outside-subnets "10.102.0.9"',
    ],
    [
      "duplicate address",
      (d) =>
        d.endpoints.push({ ...(d.endpoints[1] as Document["endpoints"][1] & object), pod: "x" }),
      'duplicate-address "10.102.0.5"',
    ],
    [
      "representor is the uplink",
      (d) => set(d.endpoints[0], "representor", "p0"),
      'inventory-shape "p0"',
    ],
    ["unknown node", (d) => set(d.endpoints[0], "node", "gpu-01"), 'unknown-node "gpu-01"'],
    ["unknown rail", (d) => set(d.endpoints[1], "rail", "pf9"), 'unknown-inventory-rail "pf9"'],
    [
      "no next hop",
      (d) => Reflect.deleteProperty(d.nodes["gpu-001"].rails.pf1, "nextHop"),
      'endpoint-incomplete "pf1"',
    ],
    [
      "same bridge",
      (d) => set(d.nodes["gpu-001"].rails.pf2, "bridge", "b1"),
      'inventory-shape "b1"',
    ],
    [
      "gateway outside",
      (d) => set(d.rails.pf2, "gateways", ["10.9.9.9"]),
      'address-outside-subnets "10.9.9.9"',
    ],
  ];
  test.each(cases)("%s", (_, spoil, found) => {
    const document = structuredClone(good);
    spoil(document);
    const { inventory, diagnostics } = readInventory(sourceOf(document));
    expect(diagnostics.map(({ code, span }) => `${code} ${underlined(span)}`)).toEqual([found]);
    expect(inventory).toBeUndefined();
  });
});

test("an endpoint that cannot be read does not hide what is wrong with others", () => {
  const document = structuredClone(good);
  set(document.endpoints[0], "ips", ["10.101.0.300"]);
  set(document.endpoints[1], "node", "gpu-2");
  const codes = readInventory(sourceOf(document)).diagnostics.map(({ code }) => code);
  expect(codes).toEqual(["inventory-shape", "unknown-node"]);
});

test("a node that is compiled needs more of its endpoints", () => {
  const policy = policyOf("rail pf1, pf2 tenant red { namespace red-* }");
  const { inventory } = readInventory(sourceOf(good));
  if (inventory === undefined) throw new Error("not read");
  expect(checkInventory(policy, inventory)).toEqual([]);
  expect(checkInventory(policy, inventory, "gpu-001")).toMatchObject([
    { code: "endpoint-incomplete", of: "red-a/w-0", missing: ["mac", "representor"] },
  ]);
  expect(checkInventory(policy, inventory, "gpu-01")).toMatchObject([
    { code: "unknown-node", suggestion: "gpu-001" },
  ]);
});

test("a gateway is nobody's network", () => {
  const policy = policyOf("rail pf1, pf2 tenant red { namespace red-* network fe80::/10 }");
  const { inventory } = readInventory(sourceOf(good));
  if (inventory === undefined) throw new Error("not read");
  expect(checkInventory(policy, inventory)).toMatchObject([
    { code: "inventory-shape", value: '"fe80::1"' },
  ]);
});

test("a key that is twice in one object is refused, not lost", () => {
  const text = JSON.stringify(good).replace(/}$/, ',"endpoints":[]}');
  const { inventory, diagnostics } = readInventory({ name: "i.json", text });
  expect(inventory).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: "duplicate-key", key: "endpoints" }]);
  expect(diagnostics[0]?.span.start).toBe(text.lastIndexOf('"endpoints"'));
  expect(diagnostics[0]?.labels?.[0]?.span.start).toBe(text.indexOf('"endpoints"'));
});

describe("`__proto__` is no name", () => {
  const text = JSON.stringify(good);
  test.each([
    ["rail", text.replace('"pf2":', '"__proto__":')],
    ["node", text.replace('"gpu-001":', '"__proto__":')],
    ["rail of a node", text.replace(/"pf2":(?=.*"endpoints")(?=\{"bridge)/, '"__proto__":')],
    ["escaped rail", text.replace('"pf2":', '"\\u005f_proto__":')],
    ["endpoint's node", text.replace(/"node":"gpu-001"(?=[^}]*vf0)/, '"node":"__proto__"')],
    ["namespace", text.replace('"namespace":"red-a"', '"namespace":"__proto__"')],
    ["bridge", text.replace('"bridge":"b1"', '"bridge":"__proto__"')],
  ])("%s", (_, spoilt) => {
    const { inventory, diagnostics } = readInventory({ name: "i.json", text: spoilt });
    expect(inventory).toBeUndefined();
    expect(diagnostics).toMatchObject([
      { code: "inventory-shape", problem: "`__proto__` cannot be a name" },
    ]);
    expect(diagnostics.map(({ span }) => JSON.parse(underlined(span)))).toEqual(["__proto__"]);
  });
});

describe("a byte-order mark at the start", () => {
  const read = (text: string) => readInventory({ name: "i.json", text: `\uFEFF${text}` });

  test("is skipped", () => {
    expect(read(JSON.stringify(good))).toEqual(readInventory(sourceOf(good)));
  });

  test.each([
    ["[1,]", "inventory-json ]"],
    ["\uFEFF{}", "inventory-json \uFEFF"],
    ["[]", "inventory-shape []"],
    ['{"a": 1, "a": 2}', 'duplicate-key "a"'],
    ['{"version": 1, "rails": {}, "nodes": {}, "endpoints": 7}', "inventory-shape 7"],
  ])("moves no place: %s", (text, found) => {
    const { diagnostics } = read(text);
    expect(diagnostics.map(({ code, span }) => `${code} ${underlined(span)}`)).toEqual([found]);
  });
});

test("an inventory without a text is checked, too", () => {
  const policy = policyOf("rail pf1");
  const inventory = { rails: new Map(), nodes: new Map(), endpoints: [] };
  expect(checkInventory(policy, inventory)).toMatchObject([{ code: "unknown-inventory-rail" }]);
});

test("the shipped JSON Schema is the one that the checks are made of", async () => {
  // `vitest run -u` writes it again
  const text = `${JSON.stringify(inventoryJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../schema/inventory.schema.json");
});

test.each([
  "",
  "{",
  "[]",
  "null",
  '{"version": 1}',
  '"\\ud800"',
  "[".repeat(100_000),
  "[".repeat(100_000) + "]".repeat(100_000),
])("%.20s is refused in words", (text) => {
  const { inventory, diagnostics } = readInventory({ name: "i.json", text });
  expect(inventory).toBeUndefined();
  expect(diagnostics.length).toBeGreaterThan(0);
});

function sourceOf(document: unknown) {
  return { name: "inventory.json", text: JSON.stringify(document, undefined, 2) };
}

function set(object: object | undefined, key: string, value: unknown): void {
  if (object === undefined) throw new Error(`nothing to set ${key} of`);
  Reflect.set(object, key, value);
}
