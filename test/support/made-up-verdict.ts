/** Verdicts that no switch gave, for tests of how they are printed. */

import { noTraffic } from "../../src/net/traffic.js";
import type { Rule } from "../../src/policy/checked-policy.js";
import type { RailVerdict, RuleVerdict, Tally } from "../../src/verify/verdict.js";

const use = { megaflows: 0, masks: 0, inHardware: 0 };
const tally: Tally = {
  megaflows: 0,
  packets: 0,
  states: { offloaded: 0, partial: 0, "accepted-only": 0, "software-tc": 0, "software-ovs": 0 },
  confirmed: 0,
};

export function ruleVerdict(text: string, state: RuleVerdict["state"]): RuleVerdict {
  const rule: Rule = {
    id: "0123456789ab",
    text,
    effect: "allow",
    clauses: [],
    services: [],
    4: noTraffic,
    6: noTraffic,
    rails: ["pf1"],
    acrossRails: false,
    span: { source: { name: "a&b.policy", text }, start: 0, end: text.length },
  };
  return { rule, state, tally, connections: [] };
}

export function verdict(
  rules: readonly RuleVerdict[],
  findings: RailVerdict["findings"],
): RailVerdict {
  const where = { node: "gpu-001", rail: "pf1", bridge: "br-pf1" };
  return {
    ...where,
    rules,
    duties: [],
    denied: tally,
    deniedOutside: [],
    elsewhere: 0,
    use,
    unread: [],
    findings,
  };
}
