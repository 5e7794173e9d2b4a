/**
 * Cookies: why a flow is there.
 *
 *  63        48 47      40 39                    0
 * |  magic     | version  |  hash of the reasons  |
 *
 * The magic is that of all our flows (openflow/our-cookie.ts); the hash leads back to the rules.
 */

import { createHash } from "node:crypto";
import { cookieMagic } from "../openflow/our-cookie.js";
import type { Rule } from "../policy/checked-policy.js";

const formatVersion = 1n << 40n;

/** The same rules in any order give the same cookie; reformatting a rule keeps its id, and so its cookie. */
export function cookieOfRules(rules: readonly Rule[]): bigint {
  return cookieOf(
    `rules ${rules
      .map((rule) => rule.id)
      .sort()
      .join(" ")}`,
  );
}

export function cookieOfDuty(duty: string): bigint {
  return cookieOf(`fence ${duty}`);
}

function cookieOf(reason: string): bigint {
  const hash = createHash("sha256").update(reason).digest().readUIntBE(0, 5);
  return cookieMagic | formatVersion | BigInt(hash);
}
