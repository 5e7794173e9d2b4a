/**
 * A rule, or one service of it, on its other rails alone: that takes something away, and where what is left is then the
 * cheaper for it, it had cut up the traffic of others.
 */

import type { Rule } from "../../policy/checked-policy.js";
import type { Rewording } from "./rewordings.js";
import { partsOf, printParts, type SentenceParts } from "./sentence-parts.js";

/** Of the rules that cost most. */
const mostRules = 6;

/** `rules` are those of the rail, the dearest first. */
export function partings(rules: readonly Rule[], rail: string): Rewording[] {
  return rules.slice(0, mostRules).flatMap((rule): Rewording[] => {
    const parts = partsOf(rule);
    if (parts === undefined || rule.effect === "deny") return [];
    return offRail(rule, parts, rail).map((some) => ({
      rules: [rule],
      texts: some.map(printParts),
    }));
  });
}

/** All of it, or one service of several, on its other rails alone. */
function offRail(rule: Rule, parts: SentenceParts, rail: string): SentenceParts[][] {
  const rails = rule.rails.filter((one) => one !== rail);
  if (rails.length === 0) return [];
  const whole = [{ ...parts, rails }];
  if (parts.services.length < 2) return [whole];
  const single = parts.services.map((service) => [
    { ...parts, services: parts.services.filter((other) => other !== service) },
    { ...parts, services: [service], rails },
  ]);
  return [whole, ...single];
}
