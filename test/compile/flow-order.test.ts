/** Flows put together from parts. */

import { expect, test } from "vitest";
import { FlowOrder, inOrder, keepingSame } from "../../src/compile/flow-order.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import { addressFlow, manyFlows } from "../support/hand-made-rail.js";
import { Random } from "../support/random.js";

const seed = 20_276;

test(`parts that come and go leave what sorting all of them would (seed ${seed})`, () => {
  const random = new Random(seed);
  const order = new FlowOrder();
  const parts = Array.from({ length: 6 }, () => inOrder([]));
  for (let step = 0; step < 200; step++) {
    for (const index of random.some([0, 1, 2, 3, 4, 5])) {
      // the parts share no address
      const flows = random
        .some([...manyFlows(20).keys()])
        .map((address): Flow => addressFlow(6 * address + index, "p0", address % 3));
      const former = parts[index] ?? expect.fail();
      const next = keepingSame(former, inOrder(flows));
      order.exchange(former, next);
      parts[index] = next;
    }
    const { flows } = order.take();
    const text = flows.map((flow) => printFlow(flow));
    const whole = inOrder(parts.flatMap((part) => part.map(({ flow }) => flow)));
    expect(text).toEqual(whole.map(({ flow }) => printFlow(flow)));
  }
});

test("a flow that is the same keeps its object, one with other actions or another cookie does not", () => {
  const former = inOrder(manyFlows(4));
  const [first, second, third] = manyFlows(3);
  const next = keepingSame(
    former,
    inOrder([
      first ?? expect.fail(),
      { ...(second ?? expect.fail()), cookie: 7n },
      { ...(third ?? expect.fail()), actions: [{ kind: "output", port: "p1" }] },
      addressFlow(9, "p0"),
    ]),
  );
  expect(next.map((one) => former.includes(one))).toEqual([true, false, false, false]);
});

test("a part may take over a flow of another", () => {
  const order = new FlowOrder();
  const [one, other] = [inOrder(manyFlows(1)), inOrder(manyFlows(1))];
  order.exchange([], one);
  order.take();
  order.exchange(one, []);
  order.exchange([], other);
  expect(order.take().flows).toEqual(manyFlows(1));
});

test("two flows with one match are a mistake, until one of them is gone", () => {
  const order = new FlowOrder();
  const [one, other] = [inOrder(manyFlows(3)), inOrder(manyFlows(1))];
  order.exchange([], one);
  order.take();
  order.exchange([], other);
  const words = "two flows in table 3 at priority 100 match ip,nw_dst=10.0.0.0";
  expect(() => order.take()).toThrow(words);
  expect(() => order.take()).toThrow(words);
  order.exchange(other, []);
  expect(order.take()).toEqual({ flows: manyFlows(3), change: { added: [], removed: [] } });
});
