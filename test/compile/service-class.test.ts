import { expect, test } from "vitest";
import type { Grant } from "../../src/compile/grant.js";
import { type Leave, lateAnswersOf, servicesOf } from "../../src/compile/service-class.js";
import { allTraffic, type Traffic, trafficOf } from "../../src/net/traffic.js";
import type { Rule } from "../../src/policy/checked-policy.js";

const rule = (id: string) => ({ id }) as Rule;
const port = (protocol: number, first: number, last = first): Traffic =>
  trafficOf([[protocol, [{ first, last }]]]);

function grant(id: string, traffic: readonly Traffic[], answers: readonly number[] = []): Grant {
  return {
    packets: traffic.map((one) => ({ traffic: one, rules: [rule(id)] })),
    answers: answers.map((at) => ({ ports: [{ first: at, last: at }], rules: [rule(id)] })),
    fragments: undefined,
  };
}

const labels = (grants: Record<string, Grant>) =>
  servicesOf(new Map(Object.entries(grants))).map(({ label }) => label);

test("what goes to the same destinations is one class, whatever its protocols", () => {
  const both = grant("r", [port(17, 4791), port(6, 443)]);
  expect(labels({ a: both })).toEqual(["tcp 443; udp 4791"]);
});

test("destinations that differ cut the classes, and no more than they must", () => {
  const classes = labels({
    a: grant("r", [port(17, 4791)]),
    b: grant("s", [port(17, 4791), port(17, 53)]),
  });
  expect(classes).toEqual(["udp 4791", "udp 53"]);
});

test("overlapping ranges fall into what only one has and what both have", () => {
  const classes = labels({ a: grant("r", [port(6, 1, 100)]), b: grant("s", [port(6, 50, 200)]) });
  expect(classes).toEqual(["tcp 1-49", "tcp 101-200", "tcp 50-100"].sort());
});

test("each class knows by whose leave it may go where", () => {
  const classes = servicesOf(
    new Map([
      ["a", grant("r", [allTraffic])],
      ["b", grant("s", [port(17, 53)])],
    ]),
  );
  const dns = classes.find(({ label }) => label === "udp 53");
  expect([...(dns?.leave.keys() ?? [])]).toEqual(["a", "b"]);
  const rest = classes.find(({ label }) => label !== "udp 53");
  expect([...(rest?.leave.keys() ?? [])]).toEqual(["a"]);
});

test("an answer is looked for after the destination only where a forward packet may not go", () => {
  const late = (grants: Record<string, Grant>) => {
    const classes = servicesOf(new Map(Object.entries(grants)));
    const forward = classes.find(({ label }) => label.startsWith("tcp 443"));
    return Object.keys(grants).map(
      (group) =>
        forward && lateAnswersOf(classes, forward, (leave: Leave) => leave.has(group))?.label,
    );
  };
  const forward = grant("r", [port(6, 443)]);
  expect(late({ a: grant("r", [port(6, 443)], [443]) })).toEqual([undefined]);
  const answer = grant("s", [], [2049]);
  expect(late({ a: forward, b: answer })).toEqual([undefined, "answers from tcp 2049"]);
  expect(late({ a: forward })).toEqual([undefined]);
});

test("labels say what is in a class, so they do not depend on the order of the grants", () => {
  const a = grant("r", [port(17, 4791)], [2049]);
  const b = grant("s", [port(6, 443)]);
  expect(labels({ a, b })).toEqual(labels({ b, a }));
});
