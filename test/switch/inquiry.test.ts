/** What is asked after a bundle, and which answers count: simulated here, on a real switch in the tests of the fence. */

import { expect, test } from "vitest";
import { RailCompiler } from "../../src/compile/compile-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import type { FlowQuestion } from "../../src/openflow/wire/statistics.js";
import { inquiryAbout } from "../../src/switch/inquiry.js";
import type { Bundle } from "../../src/switch/open-vswitch.js";
import { bundleOf, planFlows } from "../../src/switch/plan.js";
import { FlowPrinter } from "../../src/switch/print-rail.js";
import { type FlowOrigin, originOf } from "../../src/switch/printed-flow.js";
import { withPortNumber } from "../../src/switch/speaker.js";
import { manyFlows, railOf } from "../support/hand-made-rail.js";
import { Random } from "../support/random.js";
import { randomWorld, worldRepresentors } from "../support/random-world.js";

const seed = 20_275;

/** As the switch sends it. */
function numbered({ flow, ports }: FlowOrigin): Flow {
  const actions = flow.actions.map((action) =>
    action.kind === "output" && typeof action.port === "string"
      ? { ...action, port: ports.get(action.port) ?? action.port }
      : action,
  );
  return { ...flow, match: withPortNumber({ flow, ports }), actions };
}

/** The flows that OpenFlow 1.4, section 7.3.5.2, says are asked for. */
function answer({ table, match }: FlowQuestion, flows: readonly Flow[]): Flow[] {
  return flows.filter(
    (flow) =>
      (table === undefined || flow.table === table) &&
      (match.inPort === undefined || flow.match.inPort === match.inPort) &&
      match.fields.every(({ field, value, mask }) =>
        flow.match.fields.some(
          (own) =>
            own.field === field && (own.mask & mask) === mask && (own.value & mask) === value,
        ),
      ),
  );
}

interface Step {
  readonly bundle: Bundle;
  readonly wanted: readonly ReturnType<FlowPrinter["print"]>[number][];
  readonly flows: readonly Flow[];
  readonly gone: readonly Flow[];
}

/** Endpoints that come and go in random worlds. */
async function* steps(random: Random, worlds: number): AsyncGenerator<Step> {
  for (let count = 0; count < worlds; count++) {
    const { policy, inventory, node } = await randomWorld(random);
    for (const [rail, { uplink }] of inventory.nodes.get(node)?.rails ?? []) {
      const compiler = new RailCompiler(policy, inventory, { node, rail });
      const names = [uplink, ...worldRepresentors];
      const printer = new FlowPrinter(new Map(names.map((name, index) => [name, index + 1])));
      let before = printer.print(compiler.compile());
      const own = inventory.endpoints.filter((endpoint) => endpoint.rail === rail);
      for (const endpoint of random.shuffled(own).slice(0, 3)) {
        for (const isGone of [true, false]) {
          if (isGone) compiler.remove(endpoint);
          else compiler.add(endpoint);
          const wanted = printer.print(compiler.compile());
          const bundle = bundleOf(planFlows("br", before, wanted));
          before = wanted;
          const flowOf = (line: (typeof wanted)[number]) =>
            numbered(originOf(line) ?? expect.fail());
          const flows = wanted.map(flowOf);
          yield { bundle, wanted, flows, gone: bundle.deletes.map(flowOf) };
        }
      }
    }
  }
}

test(`what was carried out is answered rightly, and nothing else is (seed ${seed})`, async () => {
  const random = new Random(seed);
  let asked = 0;
  let broken = 0;
  for await (const { bundle, wanted, flows, gone } of steps(random, 8)) {
    const inquiry = inquiryAbout(bundle, wanted);
    if (inquiry === undefined || inquiry.questions.length === 0) continue;
    asked++;
    const isAnsweredBy = (seen: readonly Flow[]) =>
      inquiry.isAnsweredBy(inquiry.questions.map((question) => answer(question, seen)));
    expect(isAnsweredBy(flows)).toBe(true);
    const added = new Set(bundle.adds.map((line) => wanted.indexOf(line)));
    for (const index of random.shuffled([...added]).slice(0, 2)) {
      const flow = flows[index] ?? expect.fail();
      const others = flows.filter((one) => one !== flow);
      const [first, ...rest] = flow.match.fields;
      const wrong: Flow[][] = [
        [],
        [{ ...flow, cookie: flow.cookie ^ 1n }],
        [{ ...flow, priority: flow.priority ^ 1 }],
        [{ ...flow, table: flow.table ^ 1 }],
        [{ ...flow, actions: [...flow.actions, { kind: "output", port: 65_000 }] }],
        first === undefined ? [] : [{ ...flow, match: { ...flow.match, fields: rest } }],
      ];
      for (const instead of wrong) {
        expect(isAnsweredBy([...others, ...instead])).toBe(false);
        broken++;
      }
    }
    for (const flow of random.shuffled(gone).slice(0, 4)) {
      expect(isAnsweredBy([...flows, flow])).toBe(false);
      broken++;
    }
  }
  expect(asked).toBeGreaterThan(30);
  expect(broken).toBeGreaterThan(300);
});

test("few changes of a party with many flows are asked for one by one, many together", () => {
  const wanted = new FlowPrinter(new Map([["p0", 1]])).print(railOf(manyFlows(1_000)));
  const some = inquiryAbout({ adds: wanted.slice(0, 3), deletes: [] }, wanted);
  expect(some?.questions.map(({ table }) => table)).toEqual([3, 3, 3]);
  const most = inquiryAbout({ adds: wanted.slice(0, 200), deletes: [] }, wanted);
  expect(most?.questions).toEqual([{ match: { fields: [] } }]);
});

test("too much to ask for, or what is not understood, is left to a reading of the whole bridge", () => {
  const wanted = new FlowPrinter(new Map([["p0", 1]])).print(railOf(manyFlows(5_000)));
  expect(inquiryAbout({ adds: wanted, deletes: [] }, wanted)).toBeUndefined();
  const [line = expect.fail()] = wanted;
  const strange = { ...line, actions: "teleport" };
  expect(inquiryAbout({ adds: [], deletes: [strange] }, wanted)).toBeUndefined();
});
