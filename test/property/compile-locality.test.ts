/**
 * Locality: two halves of a policy that no rule links compile to the two halves of its flows. So whatever one tenant
 * changes (endpoints, rules, namespaces, even that it exists), the flows of the other are the same bytes.
 */

import { expect, test } from "vitest";
import { compileRail, RailCompiler } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { policyOf } from "../support/checked.js";
import { Random } from "../support/random.js";
import { randomWorld } from "../support/random-world.js";

const seed = 20_261_207;

const services = [
  ...["service roce = 4791/udp", "service dns = 53/udp", "service ping = icmp echo"],
  ...["service web = 443/tcp, 8080-8090/tcp", "service low = 0-1023/tcp"],
];

/** No selector of one half covers anybody of the other: no `any`, and no group of both. */
const halves = {
  red: {
    sentences: ["tenant red { namespace red-a, red-b network 10.200.0.0/22 }"],
    selectors: ["red", "red/red-a", "red/red-*"],
  },
  others: {
    sentences: [
      "tenant green { namespace green-* network fd00:200::/47, 10.201.7.0/24 }",
      "tenant blue { namespace blue-a network 192.168.77.77 }",
      "group cold = green, blue",
    ],
    selectors: ["green", "blue", "cold", "green/green-dev", "green/green-*"],
  },
} as const;

type Half = keyof typeof halves;

function randomRules(random: Random, half: Half): string[] {
  const { selectors } = halves[half];
  return Array.from({ length: 1 + random.below(4) }, () => {
    const effect = random.chance(0.75) ? "allow" : "deny";
    const sides = `${random.pick(selectors)} <-> ${random.pick(selectors)}`;
    const what = random.pick(["roce", "dns", "ping", "web", "low", "web, ping", "all"]);
    const where = random.pick(["", "", " on r1", " across rails"]);
    return `${effect} ${sides} : ${what}${where}`;
  });
}

const namespacesOf: Record<Half, RegExp> = { red: /^red-/, others: /^(green|blue)-/ };

function ofHalf(inventory: Inventory, ...which: Half[]): Inventory {
  const endpoints = inventory.endpoints.filter(({ namespace }) =>
    which.some((half) => namespacesOf[half].test(namespace)),
  );
  return { ...inventory, endpoints };
}

interface Halved {
  readonly compiled: CompiledRail;
  readonly alone: Readonly<Record<Half, CompiledRail>>;
}

async function* halvedRails(random: Random, count: number): AsyncGenerator<Halved> {
  for (let index = 0; index < count; index++) {
    const { inventory, node } = await randomWorld(random);
    const rules = { red: randomRules(random, "red"), others: randomRules(random, "others") };
    const policy = (...which: Half[]) =>
      policyOf(
        ["rail r1, r2", ...services]
          .concat(which.flatMap((half) => [...halves[half].sentences, ...rules[half]]))
          .join("\n"),
      );
    for (const rail of inventory.rails.keys()) {
      const compile = (...which: Half[]) =>
        compileRail(policy(...which), ofHalf(inventory, ...which), { node, rail });
      yield {
        compiled: compile("red", "others"),
        alone: { red: compile("red"), others: compile("others") },
      };
    }
  }
}

function linesOf(flows: readonly Flow[]): string[] {
  return flows.map((flow) => printFlow(flow));
}

test(`halves that no rule links compile to the union of each alone, where sources are verified (seed ${seed})`, async () => {
  let rails = 0;
  for await (const { compiled, alone } of halvedRails(new Random(seed), 50)) {
    if (compiled.ports.uplinkSource === "trust") continue;
    const union = new Set([...linesOf(alone.red.flows), ...linesOf(alone.others.flows)]);
    expect(linesOf(compiled.flows).sort()).toEqual([...union].sort());
    rails++;
  }
  expect(rails).toBeGreaterThan(50);
});

/** A trusted fabric is one sender to all endpoints: what it may bring is cut into services for all of them at once. */
const fabricTables = /^((udp-|tcp-|icmp-|icmpv6-)?service|tcp-answer|late-answer|permit)$/;

test(`where the uplink is trusted, that holds for all but the fabric's own services (seed ${seed})`, async () => {
  let rails = 0;
  for await (const { compiled, alone } of halvedRails(new Random(seed), 60)) {
    if (compiled.ports.uplinkSource !== "trust") continue;
    const fabric = fabricMark(compiled);
    const others = (rail: CompiledRail) => {
      const names = new Map(rail.tables.map(({ name, number }) => [number, name]));
      return linesOf(
        rail.flows.filter(
          ({ table, match }) =>
            !fabricTables.test(names.get(table) ?? "") ||
            !match.fields.some(({ field, value }) => field === "reg0" && value === fabric),
        ),
      );
    };
    const union = new Set([...others(alone.red), ...others(alone.others)]);
    expect(others(compiled).sort()).toEqual([...union].sort());
    rails++;
  }
  expect(rails).toBeGreaterThan(10);
});

function fabricMark({ flows, ports }: CompiledRail): bigint | undefined {
  const marks = flows
    .filter(({ match }) => match.inPort === ports.uplink)
    .flatMap(({ actions }) => actions)
    .flatMap((action) => (action.kind === "set" && action.field === "reg0" ? [action.value] : []));
  return marks[0];
}

test(`an endpoint of one half that comes or goes leaves the other half's senders the same objects (seed ${seed})`, async () => {
  const random = new Random(seed);
  let kept = 0;
  for (let count = 0; count < 30; count++) {
    const world = await randomWorld(random);
    const inventory = ofHalf(world.inventory, "red", "others");
    const rules = [...randomRules(random, "red"), ...randomRules(random, "others")];
    const definitions = [...halves.red.sentences, ...halves.others.sentences];
    const policy = policyOf(["rail r1, r2", ...services, ...definitions, ...rules].join("\n"));
    for (const rail of inventory.rails.keys()) {
      const red = inventory.endpoints.filter((one) => namespacesOf.red.test(one.namespace));
      const changed = random.pick(red.length > 0 ? red : inventory.endpoints);
      if (!red.includes(changed)) continue;
      const compiler = new RailCompiler(policy, inventory, { node: world.node, rail });
      const before = new Set(compiler.compile().flows);
      compiler.remove(changed);
      const { flows, tables } = compiler.compile();
      // a party that speaks one family here is a mere sender of the fabric's in the other
      const own = inventory.endpoints.filter(
        (one) =>
          one.rail === rail &&
          one.node === world.node &&
          one.addresses.length === 2 &&
          namespacesOf.others.test(one.namespace),
      );
      const ports = new Set<unknown>(own.map(({ representor }) => representor));
      const marks = new Set(
        flows
          .filter(({ match }) => ports.has(match.inPort))
          .flatMap(({ actions }) => actions)
          .flatMap((one) => (one.kind === "set" && one.field === "reg0" ? [one.value] : [])),
      );
      // the two tables of the uplink's senders are made for all endpoints at once
      const shared = new Set(
        tables.filter(({ name }) => /^(permit|meet)$/.test(name)).map((t) => t.number),
      );
      for (const flow of flows) {
        const mark = flow.match.fields.find(({ field }) => field === "reg0")?.value;
        if (mark === undefined || !marks.has(mark) || shared.has(flow.table)) continue;
        expect(before.has(flow), printFlow(flow)).toBe(true);
        kept++;
      }
    }
  }
  expect(kept).toBeGreaterThan(500);
});
