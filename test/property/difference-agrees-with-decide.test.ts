/** What the comparison of two policies says of sets, `explainConnection` of both says of single connections. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Connection, explainConnection } from "../../src/policy/connection.js";
import { identify } from "../../src/policy/identity.js";
import { compareReach } from "../../src/policy/reachability/compare-policies.js";
import { holdsConnection } from "../support/difference-membership.js";
import { Random } from "../support/random.js";
import { smallFleet } from "../support/small-fleet.js";
import { policyOf } from "../support/small-policy.js";
import { addresses, probes, twoTexts } from "../support/two-policies.js";

const seed = 20_261_123;

test(`what is gained and lost is what single connections say (seed ${seed})`, () => {
  let gained = 0;
  let lost = 0;
  let later = 0;
  let withHoles = 0;
  fc.assert(
    fc.property(twoTexts, fc.nat(), ([oldText, newText], drawn) => {
      const random = new Random(drawn);
      const [old, young] = [policyOf(oldText), policyOf(newText)];
      const difference = compareReach(old, young);
      if ([...difference.gained, ...difference.lost].some(({ except }) => except.length > 0))
        withHoles++;
      for (let draw = 0; draw < 1000; draw++) {
        const [family, protocol, selector] = random.pick(probes);
        const ofFamily = addresses.filter((address) => address.family === family);
        const [opener, answerer, rail] = [
          random.pick(ofFamily),
          random.pick(ofFamily),
          random.pick(["pf1", "pf2"]),
        ];
        if (opener === answerer) continue;
        const connection: Connection = { rail, opener, answerer, protocol, selector };
        const stands = [opener, answerer].map((one) => identify(old, smallFleet, rail, one).stands);
        if (stands.every((one) => one !== undefined && one !== rail)) continue;
        const isOpen = (policy: typeof old, day: string) => {
          const rules = policy.rules.filter((rule) => rule.until === undefined || rule.until > day);
          return explainConnection({ ...policy, rules }, smallFleet, connection).allowed;
        };
        const isIn = (entries: typeof difference.gained, policy: typeof old) =>
          entries.some((entry) => holdsConnection(entry, policy, smallFleet, connection));
        let before = [false, false];
        for (const day of ["", "2026-12-31", "2027-06-30"]) {
          const [was, is] = [isOpen(old, day), isOpen(young, day)];
          const expected = [is && !was, was && !is];
          const begins = expected.map((each, index) => each && !before[index]);
          const found =
            day === "" ? difference : difference.later.find(({ after }) => after === day);
          const said = [isIn(found?.gained ?? [], young), isIn(found?.lost ?? [], old)];
          if (String(said) !== String(begins))
            throw new Error(
              `${JSON.stringify({ day, said, begins, rail, stands, protocol, selector })} ${family} ${opener.value.toString(16)} ${answerer.value.toString(16)}`,
            );
          if (begins[0]) gained++;
          if (begins[1]) lost++;
          if (day !== "" && (begins[0] || begins[1])) later++;
          before = expected;
        }
      }
    }),
    { seed, numRuns: 60 },
  );
  // all of them have to occur often, or nothing was tested
  expect(Math.min(gained, lost)).toBeGreaterThan(500);
  expect(later).toBeGreaterThan(50);
  expect(withHoles).toBeGreaterThan(2);
});
