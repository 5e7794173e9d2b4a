/** A proof that says what neither `decide` nor `evaluate` says of a packet fails, and names the packet. */

import { describe, expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import { evaluate } from "../../../src/openflow/evaluate.js";
import { readFlows } from "../../../src/openflow/read.js";
import { tablesOf } from "../../../src/openflow/tables.js";
import type { Difference } from "../../../src/verify/proof/comparison.js";
import { confirm } from "../../../src/verify/proof/confirm.js";
import { explainDifferences } from "../../../src/verify/proof/explain-differences.js";
import { dropped, unknown } from "../../../src/verify/proof/outcome.js";
import { RailProver } from "../../../src/verify/proof/rail-prover.js";
import type { TableWalk } from "../../../src/verify/proof/table-walk.js";
import { smallWorld } from "../../support/neighbour-space.js";

const world = smallWorld({ mode: "bridged", uplinkSource: "verify" });
const compiled = compileRail(world.policy, world.inventory, world);
const foreign = readFlows({
  name: "foreign",
  text: "table=0,priority=65535,in_port=LOCAL,ip actions=drop\n",
}).flows;
const flows = [...compiled.flows, ...foreign];
const proof = new RailProver({ ...world, flows }).compare();
const [difference] = proof.differences as readonly [Difference];
const [finding] = explainDifferences(proof, flows, new Map()).findings;
const walk = proof.walks.get(difference.kind) as TableWalk;

function confirmed(changed: Partial<Difference>, tables = flows): void {
  if (finding === undefined) throw new Error("no finding");
  const ways = [evaluate(tablesOf(tables), finding.packet, { inPort: difference.port.port })];
  confirm({ ...difference, ...changed }, walk, proof.fence, finding, ways);
}

describe("a packet from the host that the tables drop", () => {
  test("is confirmed", () => {
    expect(() => confirmed({})).not.toThrow();
  });

  test("is not, where the proof has the policy drop it", () => {
    expect(() => confirmed({ policy: dropped })).toThrow(/decide\(\).*in_port=LOCAL/);
  });

  test("is not, where the proof has the tables send it, or does not know", () => {
    expect(() => confirmed({ tables: difference.policy })).toThrow(/evaluate\(\)/);
    expect(() => confirmed({ tables: unknown })).toThrow(/evaluate\(\)/);
  });

  test("is not, where single packets are forwarded", () => {
    expect(() => confirmed({}, [...compiled.flows])).toThrow(/evaluate\(\)/);
  });
});
