/** Same policy and inventory in any order: the same bytes, the same cookies. */

import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { cookieMagic, isOurCookie } from "../../src/openflow/our-cookie.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { compiledWorlds, flowText } from "../support/compiled-world.js";
import { Random } from "../support/random.js";

const seed = 20_261_205;

/** Sentences are told apart by the line. */
function movedAndReformatted(policyText: string, random: Random): string {
  const sentences = random.shuffled(policyText.split("\n").filter((line) => line !== ""));
  return sentences
    .map((line) => line.replaceAll(" ", random.pick([" ", "  ", "\n   ", "\t"])))
    .join(random.pick(["\n", "\n\n# in between\n", " "]));
}

/** The keys of every object and the endpoints in another order. */
function shuffledInventory(inventoryText: string, random: Random): string {
  const shuffle = (value: unknown): unknown => {
    if (Array.isArray(value)) return random.shuffled(value.map(shuffle));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      random.shuffled(Object.entries(value)).map(([key, inner]) => [key, shuffle(inner)]),
    );
  };
  return JSON.stringify(shuffle(JSON.parse(inventoryText)));
}

test(`endpoints, rails, nodes and sentences in any order give the same bytes (seed ${seed})`, async () => {
  const random = new Random(seed);
  for await (const world of compiledWorlds(random, 40)) {
    const { compiled, node, policyText, inventoryText } = world;
    const { rail } = compiled;
    const again = compileRail(world.policy, world.inventory, { node, rail });
    expect(flowText(again.flows)).toBe(flowText(compiled.flows));
    const moved = compileRail(
      policyOf(movedAndReformatted(policyText, random)),
      inventoryOf(shuffledInventory(inventoryText, random)),
      { node, rail },
    );
    expect(flowText(moved.flows)).toBe(flowText(compiled.flows));
  }
});

test(`every cookie is ours and leads to rules of the policy or to a duty (seed ${seed})`, async () => {
  for await (const { compiled, policy } of compiledWorlds(new Random(seed), 30)) {
    const rules = new Set(policy.rules);
    for (const { cookie } of compiled.flows) {
      expect(isOurCookie(cookie)).toBe(true);
      expect((cookie >> 40n) & 0xffn).toBe(1n);
      const reason = compiled.provenance.get(cookie);
      if (reason?.kind === "rules") {
        expect(reason.rules.length).toBeGreaterThan(0);
        for (const rule of reason.rules) {
          expect(rules).toContain(rule);
          expect(rule.rails).toContain(compiled.rail);
        }
      } else expect(reason?.duty).toMatch(/^[a-z]/i);
    }
    expect(cookieMagic >> 48n).toBe(0x7266n);
  }
});

test(`moving and reformatting a sentence keeps its cookie and follows it to its new place (seed ${seed})`, async () => {
  const random = new Random(seed);
  for await (const { compiled, inventory, node, policyText } of compiledWorlds(random, 20)) {
    const text = movedAndReformatted(policyText, random);
    const { rail } = compiled;
    const moved = compileRail(policyOf(text), inventory, { node, rail });
    expect([...moved.provenance.keys()].sort()).toEqual([...compiled.provenance.keys()].sort());
    for (const reason of moved.provenance.values())
      if (reason.kind === "rules")
        for (const { span } of reason.rules)
          expect(text.slice(span.start, span.end)).toMatch(/^(allow|deny)\s/);
  }
});
