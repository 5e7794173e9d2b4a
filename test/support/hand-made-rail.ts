/** Compiled rails made by hand, for tests of the switch that need flows and not a policy. */

import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { cookieOfRules } from "../../src/compile/cookie.js";
import { prefixOf } from "../../src/net/prefix.js";
import type { Action } from "../../src/openflow/action.js";
import type { Flow } from "../../src/openflow/flow.js";
import type { Port } from "../../src/openflow/match.js";
import { matchOf } from "../../src/openflow/match-spec.js";
import type { Rule } from "../../src/policy/checked-policy.js";

const text = "allow search <-> speech : roce";
const rule: Rule = {
  id: "0123456789ab",
  text,
  effect: "allow",
  clauses: [],
  services: ["roce"],
  4: { kind: "none" } as never,
  6: { kind: "none" } as never,
  rails: ["pf1"],
  acrossRails: false,
  span: { source: { name: "acp.policy", text: `# who may talk\n${text}` }, start: 15, end: 45 },
};

export const ruleCookie = cookieOfRules([rule]);

/** A flow for 10.0.0.0 plus `index`, of the one rule of this file. */
export function addressFlow(index: number, port: Port, table = 3): Flow {
  return flowTo(index, [{ kind: "output", port }], table);
}

export function flowTo(index: number, actions: readonly Action[], table = 3): Flow {
  const destination = prefixOf({ family: 4, value: 0x0a000000n + BigInt(index) });
  return {
    table,
    priority: 100,
    cookie: ruleCookie,
    match: matchOf({ ip: { family: 4, destination } }),
    actions,
  };
}

export function railOf(flows: readonly Flow[], bridge = "br-pf1"): CompiledRail {
  return {
    node: "gpu-001",
    rail: "pf1",
    mode: "bridged",
    ports: { bridge, uplink: "p0", uplinkSource: "verify" },
    tables: [],
    flows,
    provenance: new Map([[ruleCookie, { kind: "rules", rules: [rule] }]]),
    diagnostics: [],
  };
}

/** `count` flows, addresses 10.0.0.0 and on. */
export function manyFlows(count: number, port: Port = "p0", table = 3): readonly Flow[] {
  return Array.from({ length: count }, (_, index) => addressFlow(index, port, table));
}
