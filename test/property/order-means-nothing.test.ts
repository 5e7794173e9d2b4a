/** A policy is a set of sentences: where they stand, and how they are spaced, changes nothing. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { isNoTraffic, subtractTraffic } from "../../src/net/traffic.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import { openTraffic } from "../../src/policy/connection.js";
import { runTests } from "../../src/policy/run-tests.js";
import { endpointPairs, smallFleet } from "../support/small-fleet.js";
import {
  definitionSentences,
  definitionsAnd,
  expectationText,
  policyOf,
  ruleSentences,
} from "../support/small-policy.js";

const seed = 20_261_124;

test(`moving sentences within and between files changes nothing (seed ${seed})`, () => {
  const law = fc.property(
    ruleSentences,
    fc.array(expectationText, { maxLength: 3 }),
    fc.infiniteStream(fc.nat()),
    (rules, asked, choices) => {
      const tests = asked.map((one, index) => `test "${index}" { ${one} }`);
      const sentences = [...definitionSentences, ...rules, ...tests];
      const files: string[][] = [[], []];
      for (const sentence of sentences) {
        const file = files[(choices.next().value ?? 0) % 2] as string[];
        file.splice((choices.next().value ?? 0) % (file.length + 1), 0, sentence);
      }
      const moved = policyOf(...files.map((file) => file.join("\n\n")));
      const original = policyOf(sentences.join(" "));
      expect(meaningOf(moved)).toEqual(meaningOf(original));
      expect(failuresOf(moved)).toEqual(failuresOf(original));
    },
  );
  fc.assert(law, { seed, numRuns: 100 });
});

test(`a deny only closes, an allow only opens (seed ${seed})`, () => {
  const law = fc.property(ruleSentences, ruleSentences, (rules, [extra = ""]) => {
    const before = policyOf(definitionsAnd(rules));
    const after = policyOf(definitionsAnd([...rules, extra]));
    const isDeny = extra.startsWith("deny");
    for (const pair of endpointPairs) {
      const was = openTraffic(before, smallFleet, pair);
      const is = openTraffic(after, smallFleet, pair);
      const [larger, smaller] = isDeny ? [was, is] : [is, was];
      expect(isNoTraffic(subtractTraffic(smaller, larger))).toBe(true);
    }
  });
  fc.assert(law, { seed, numRuns: 50 });
});

/** Everything but places. */
function meaningOf({ rules, tenants, services, rails }: CheckedPolicy): unknown {
  const withoutSpan = <T extends { span: unknown }>({ span: _, ...rest }: T) => rest;
  return {
    rails,
    tenants: [...tenants.values()].map(withoutSpan),
    services: [...services.values()].map(withoutSpan),
    rules: rules.map(withoutSpan),
  };
}

function failuresOf(policy: CheckedPolicy): unknown {
  return runTests(policy)
    .map(({ span: _, labels: __, ...rest }) => JSON.stringify(rest))
    .sort();
}
