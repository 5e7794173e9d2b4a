/** Few masks: what holds of priorities and mask shapes in a compiled table. */

import { expect, test } from "vitest";
import type { Flow } from "../../src/openflow/flow.js";
import { printMatch } from "../../src/openflow/print.js";
import { type CompiledWorld, compiledWorlds, worldText } from "../support/compiled-world.js";
import { Random } from "../support/random.js";

const seed = 20_261_203;

async function forEachWorld(count: number, law: (world: CompiledWorld) => void): Promise<void> {
  for await (const world of compiledWorlds(new Random(seed), count)) law(world);
}

/** The bits that a flow looks at: in OVS's classifier, flows of one shape are one hash table. */
function shapeOf({ match }: Flow): string {
  const masks = match.fields.map(({ field, mask }) => `${field}/${mask.toString(16)}`);
  return `${match.inPort === undefined ? "" : "in_port,"}${masks.join()}`;
}

/** Who is meant: port and registers. */
function keyOf({ match }: Flow): string {
  const registers = match.fields.filter(({ field }) => field.startsWith("reg"));
  return `${match.inPort} ${registers.map(({ field, value }) => `${field}=${value}`).join()}`;
}

function groupBy(flows: readonly Flow[], keyOfOne: (flow: Flow) => string): Flow[][] {
  const groups = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = keyOfOne(flow);
    groups.set(key, [...(groups.get(key) ?? []), flow]);
  }
  return [...groups.values()];
}

test(`no two flows of a table match the same packets, so none is dead under its double (seed ${seed})`, async () => {
  await forEachWorld(40, (world) => {
    const places = world.compiled.flows.map(({ table, match }) => `${table} ${printMatch(match)}`);
    expect(new Set(places).size, worldText(world)).toBe(places.length);
  });
});

test(`one sender's flows of one mask shape have one priority in a table; a walk's way on stands one above its ends (seed ${seed})`, async () => {
  await forEachWorld(40, (world) => {
    const { flows } = world.compiled;
    for (const alike of groupBy(flows, (flow) => `${flow.table} ${shapeOf(flow)} ${keyOf(flow)}`)) {
      const priorities = alike.map(({ priority }) => priority);
      const apart = Math.max(...priorities) - Math.min(...priorities);
      expect(apart, `${printMatch((alike[0] as Flow).match)} ${worldText(world)}`).toBeLessThan(2);
    }
  });
});

const addressFields = new Set(["nw_src", "nw_dst", "ipv6_src", "ipv6_dst", "arp_tpa", "nd_target"]);

test(`where prefixes of one sender overlap, the longer one wins (seed ${seed})`, async () => {
  let overlaps = 0;
  await forEachWorld(30, (world) => {
    const { flows } = world.compiled;
    for (const alike of groupBy(flows, (flow) => `${flow.table} ${withoutAddress(flow)}`)) {
      const prefixes = alike.flatMap((flow) => {
        const found = flow.match.fields.find(({ field }) => addressFields.has(field));
        return found === undefined ? [] : [{ ...found, priority: flow.priority }];
      });
      for (const long of prefixes)
        for (const short of prefixes)
          if (short.mask < long.mask && (long.value & short.mask) === short.value) {
            expect(long.priority, worldText(world)).toBeGreaterThan(short.priority);
            overlaps++;
          }
    }
  });
  expect(overlaps).toBeGreaterThan(100);
});

/** What a flow says but for its one address; flows with two are told apart by the first. */
function withoutAddress({ match }: Flow): string {
  const at = match.fields.findIndex(({ field }) => addressFields.has(field));
  const others = match.fields.filter((_, index) => index !== at);
  return `${at < 0 ? "" : match.fields[at]?.field} ${printMatch({ ...match, fields: others })}`;
}

test(`a deny is cut out of what is allowed, and has no flow of its own (seed ${seed})`, async () => {
  let denies = 0;
  await forEachWorld(40, (world) => {
    denies += world.policy.rules.filter(({ effect }) => effect === "deny").length;
    for (const reason of world.compiled.provenance.values())
      if (reason.kind === "rules")
        expect(reason.rules.every(({ effect }) => effect === "allow")).toBe(true);
  });
  expect(denies).toBeGreaterThan(20);
});
