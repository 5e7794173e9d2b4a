/** A policy in other words allows the same: reordered, groups and lists written out, ports in pieces, names changed. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { compareReach, isSameReach } from "../../src/policy/reachability/compare-policies.js";
import { Random } from "../support/random.js";
import { definitionSentences, policyOf, ruleSentences } from "../support/small-policy.js";

const seed = 20_261_123;

const inPieces = new Map([
  ["roce", "roce"],
  ["web", "web-a, web-b"],
  ["low", "low-a, low-b, low-c"],
  ["ping", "ping"],
  ["gone", "gone-a, gone-b"],
]);
const pieces = [
  ...["service web-a = 443/tcp", "service web-b = 80/tcp"],
  ...["service low-a = 1-50/tcp", "service low-b = 40-99/tcp", "service low-c = 100/tcp"],
  ...["service gone-a = 80/sctp", "service gone-b = icmp fragmentation-needed"],
];

/** One rule as several that say the same together. */
function inOtherWords(rule: string, random: Random): string[] {
  const found =
    /^(allow|deny) (.+?) (<->|->) (.+?) : (.+?)((?: on| across| because| until).*)?$/.exec(rule);
  if (found === null) throw new Error(rule);
  const [, effect = "", from = "", way = "", to = "", services = "", rest = ""] = found;
  const spoken = services.split(", ").flatMap((name) => (inPieces.get(name) ?? name).split(", "));
  const sideOf = (text: string) => text.replaceAll(/\bab\b/g, "a, b").split(", ");
  if (from.startsWith("each ")) {
    const tenants = from === "each tenant" ? ["a", "b", "c", "d"] : ["a", "b"];
    return tenants.map((one) => `${effect} ${one} <-> ${one} : ${spoken.join(", ")}${rest}`);
  }
  const rules: string[] = [];
  // RoCEv2 has to go both ways in one rule
  for (const one of sideOf(from))
    for (const other of sideOf(to))
      for (const service of random.shuffled(spoken))
        if (way === "<->" && (service === "roce" || random.chance(0.5)))
          rules.push(`${effect} ${other} <-> ${one} : ${service}${rest}`);
        else {
          rules.push(`${effect} ${one} -> ${other} : ${service}${rest}`);
          if (way === "<->") rules.push(`${effect} ${other} -> ${one} : ${service}${rest}`);
        }
  return rules;
}

test(`a policy and its rewriting allow the same, and less one rule they often do not (seed ${seed})`, () => {
  let different = 0;
  fc.assert(
    fc.property(ruleSentences, fc.nat(), (rules, drawn) => {
      const random = new Random(drawn);
      // the same rule said twice with `<->` over RoCEv2 stays as it is
      const rewritten = rules.flatMap((rule) => inOtherWords(rule, random));
      const old = policyOf([...definitionSentences, ...rules].join("\n"));
      const young = policyOf(
        random.shuffled([...definitionSentences, ...pieces, ...rewritten]).join("\n"),
      );
      const difference = compareReach(old, young);
      expect(difference).toEqual({ gained: [], lost: [], later: [] });
      const less = policyOf([...definitionSentences, ...pieces, ...rewritten.slice(1)].join("\n"));
      if (!isSameReach(compareReach(old, less))) different++;
    }),
    { seed, numRuns: 100 },
  );
  expect(different).toBeGreaterThan(50);
});
