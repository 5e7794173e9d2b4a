/** Endpoints that come and go cost only their own parts, and leave what compiling from scratch would. */

import { expect, test } from "vitest";
import { compileRail, RailCompiler } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import { flowText } from "../support/compiled-world.js";
import { Random } from "../support/random.js";
import { randomWorld } from "../support/random-world.js";

const seed = 20_261_202;

/** What was added and removed is the whole difference. */
function expectChange(last: CompiledRail, next: CompiledRail): void {
  const { since, added, removed } = next.change ?? expect.fail();
  expect(since).toBe(last.edition);
  const flows = new Set(last.flows);
  for (const flow of removed) expect(flows.delete(flow)).toBe(true);
  for (const flow of added) expect(flows.has(flow)).toBe(false);
  expect(new Set([...flows, ...added])).toEqual(new Set(next.flows));
  expect(flows.size + added.length).toBe(next.flows.length);
}

test(`any sequence of endpoints added and removed ends as compiled from scratch (seed ${seed})`, async () => {
  const random = new Random(seed);
  let changes = 0;
  for (let count = 0; count < 15; count++) {
    const { policy, inventory, node } = await randomWorld(random);
    for (const rail of inventory.rails.keys()) {
      const here = new Set<Endpoint>(random.some(inventory.endpoints));
      const start = { ...inventory, endpoints: [...here] };
      const compiler = new RailCompiler(policy, start, { node, rail });
      let last = compiler.compile();
      let before = new Map(last.flows.map((flow) => [flow, flowText([flow])]));
      for (let step = 0; step < 6; step++) {
        for (const endpoint of random.some(inventory.endpoints, 1).slice(0, 1 + random.below(3)))
          if (here.delete(endpoint)) compiler.remove(endpoint);
          else {
            here.add(endpoint);
            compiler.add(endpoint);
          }
        const next = compiler.compile();
        const { flows, provenance } = next;
        expectChange(last, next);
        last = next;
        const endpoints = random.shuffled([...here]);
        const fresh = compileRail(policy, { ...inventory, endpoints }, { node, rail });
        expect(flowText(flows)).toBe(flowText(fresh.flows));
        for (const [cookie, reason] of fresh.provenance)
          expect(provenance.get(cookie)).toEqual(reason);
        // no flow that was handed out is ever changed
        for (const [flow, text] of before) expect(flowText([flow])).toBe(text);
        before = new Map(flows.map((flow) => [flow, flowText([flow])]));
        changes++;
      }
    }
  }
  expect(changes).toBe(180);
});

test(`flows of parts that an endpoint has no part in stay the same objects (seed ${seed})`, async () => {
  const random = new Random(seed);
  for (let count = 0; count < 20; count++) {
    const { policy, inventory, node } = await randomWorld(random);
    for (const rail of inventory.rails.keys()) {
      const compiler = new RailCompiler(policy, inventory, { node, rail });
      const before = new Set(compiler.compile().flows);
      const own = inventory.endpoints.filter((one) => one.rail === rail && one.node === node);
      const [gone, ...others] = random.shuffled(own);
      if (gone === undefined) continue;
      compiler.remove(gone);
      const after = compiler.compile().flows;
      const ports = new Set(others.map(({ representor }) => representor));
      // the fence around each other endpoint, and what all endpoints share
      for (const flow of after)
        if (ports.has(String(flow.match.inPort))) expect(before.has(flow)).toBe(true);
      const again = new Set(after);
      expect(compiler.compile().flows.every((flow) => again.has(flow))).toBe(true);
    }
  }
});
