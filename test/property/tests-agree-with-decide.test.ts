/** A policy's tests are answered over sets, `explainConnection` address by address: they must agree. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { holdsTraffic } from "../../src/net/traffic.js";
import type { CheckedPolicy, ReachExpectation, Selector } from "../../src/policy/checked-policy.js";
import { openTraffic } from "../../src/policy/connection.js";
import { covers, identify } from "../../src/policy/identity.js";
import { runTests } from "../../src/policy/run-tests.js";
import { addressesOfSmallFleet, smallFleet } from "../support/small-fleet.js";
import {
  definitionsAnd,
  expectationText,
  policyOf,
  ruleSentences,
} from "../support/small-policy.js";

const seed = 20_261_123;

/** Each of the services that tests ask for, port by port at the edges. */
const probes: readonly (readonly [family: 4 | 6, protocol: number, selector: number])[] = (
  [4, 6] as const
).flatMap((family) => [
  ...[4790, 4791, 4792].map((port) => [family, 17, port] as const),
  ...[1, 79, 80, 81, 100, 101, 443].map((port) => [family, 6, port] as const),
  [family, family === 4 ? 1 : 58, family === 4 ? 0x0800 : 0x8000] as const,
]);

test(`an expectation fails if and only if some address contradicts it (seed ${seed})`, () => {
  let failures = 0;
  let successes = 0;
  fc.assert(
    fc.property(
      ruleSentences,
      fc.array(expectationText, { minLength: 3, maxLength: 3 }),
      (rules, asked) => {
        const policy = policyOf(definitionsAnd([...rules, `test "t" {\n${asked.join("\n")}\n}`]));
        const failed = new Set(runTests(policy).map(({ span }) => span.start));
        for (const expectation of policy.tests.flatMap((one) => one.expectations)) {
          if (expectation.kind !== "reach") continue;
          const holds = holdsForAll(policy, expectation);
          expect(!failed.has(expectation.span.start)).toBe(holds);
          if (holds) successes++;
          else failures++;
        }
      },
    ),
    { seed, numRuns: 150 },
  );
  // both answers have to occur often, or nothing was tested
  expect(Math.min(successes, failures)).toBeGreaterThan(40);
});

function holdsForAll(policy: CheckedPolicy, asked: ReachExpectation): boolean {
  for (const rail of asked.rails) {
    const sideOf = (selectors: readonly Selector[]) =>
      addressesOfSmallFleet.filter((address) => {
        const identity = identify(policy, smallFleet, rail, address);
        if (asked.can && identity.stands !== undefined && identity.stands !== rail) return false;
        return selectors.some((selector) => covers(selector, identity));
      });
    for (const opener of sideOf(asked.openers))
      for (const answerer of sideOf(asked.answerers)) {
        if (opener.family !== answerer.family || opener === answerer) continue;
        const open = openTraffic(policy, smallFleet, { rail, opener, answerer });
        for (const [family, protocol, selector] of probes) {
          if (family !== opener.family || !holdsTraffic(asked[family], protocol, selector))
            continue;
          if (holdsTraffic(open, protocol, selector) !== asked.can) return false;
        }
      }
  }
  return true;
}
