/**
 * Conjunctive matches to the prover: as a set of one, each packet goes as `evaluate` says, which is held to Open vSwitch
 * in test/openflow/conjunction-trace.test.ts; and what is unclear is never called known.
 */

import { expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import { evaluate } from "../../../src/openflow/evaluate.js";
import type { FieldName } from "../../../src/openflow/field.js";
import { fieldsInOrder } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { printFlow } from "../../../src/openflow/print.js";
import { readFlows } from "../../../src/openflow/read.js";
import { tablesOf } from "../../../src/openflow/tables.js";
import type { Bits } from "../../../src/verify/cube.js";
import { outcomesWithin } from "../../../src/verify/proof/cube-outcomes.js";
import { HeaderSets } from "../../../src/verify/proof/header-sets.js";
import { constantsOf, isOpen, packetKinds } from "../../../src/verify/proof/packet-kind.js";
import { proveRail } from "../../../src/verify/proof/prove-rail.js";
import { flowTablesOf, RailProver } from "../../../src/verify/proof/rail-prover.js";
import { Relevance } from "../../../src/verify/proof/relevance.js";
import { TableWalk } from "../../../src/verify/proof/table-walk.js";
import { conjunctivePackets, conjunctiveTables } from "../../support/conjunctive-tables.js";
import { Random } from "../../support/random.js";
import { randomWorld } from "../../support/random-world.js";

const seed = 20261124;
const runs = 60;

test(`${runs} random tables, every packet that they tell apart (seed ${seed})`, () => {
  const random = new Random(seed);
  const seen = { known: 0, unknown: 0, conjoined: 0 };
  for (let run = 0; run < runs; run++) {
    const flows = conjunctiveTables(random);
    const sets = new HeaderSets();
    const portNumbers = new Map<string, number>();
    const tables = flowTablesOf(flows, portNumbers);
    const walked = { tables, relevance: new Relevance(tables), portNumbers };
    const walks = new Map(
      packetKinds.map((kind) => [kind, new TableWalk(sets, constantsOf(kind), walked)]),
    );
    const concrete = tablesOf(flows);
    for (const { packet, inPort, text } of conjunctivePackets()) {
      const cube = new Map<FieldName, Bits>();
      for (const { name, full } of fieldsInOrder)
        if (isOpen("ipv4", name) || name === "dl_type")
          cube.set(name, { value: packet.get(name) ?? 0n, mask: full, from: name });
      const [outcome, ...others] = outcomesWithin(sets, walks, inPort, cube);
      const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\n${text}`;
      expect(others, context).toEqual([]);
      const { doubt, outputs, path } = evaluate(concrete, packet, { inPort });
      if (outcome?.sent === "unknown") {
        seen.unknown++;
        expect(doubt, context).toBeDefined();
        continue;
      }
      // flows of one priority that do the same in the end: the prover knows more
      if (doubt !== undefined) continue;
      seen.known++;
      if (path[0]?.conjunctive !== undefined) seen.conjoined++;
      expect(outcome?.sent.map(({ port }) => port).sort(), context).toEqual(
        outputs.map(({ port }) => port).sort(),
      );
    }
  }
  expect(seen.known, JSON.stringify(seen)).toBeGreaterThan(1000);
  expect(seen.conjoined, JSON.stringify(seen)).toBeGreaterThan(100);
  expect(seen.unknown, JSON.stringify(seen)).toBeGreaterThan(0);
});

const world = await randomWorld(new Random(5));
const rail = "r1";
const { flows } = compileRail(world.policy, world.inventory, { node: world.node, rail });
const about = { ...world, rail };

function read(text: string): readonly Flow[] {
  return readFlows({ name: "test", text }).flows;
}

const dimensions = `table=0,priority=61000,ip,in_port=LOCAL actions=conjunction(7,1/2)
table=0,priority=61000,ip,nw_dst=10.0.0.0/8 actions=conjunction(7,2/2)
`;

test("a conjunctive match that does what the policy says is equal, another one is different, by those flows", () => {
  const right = read(`${dimensions}table=0,priority=1,conj_id=7 actions=output:p0\n`);
  expect(proveRail({ ...about, flows: [...flows, ...right] }).verdict).toBe("equal");
  const wrong = read(`${dimensions}table=0,priority=65535,conj_id=7 actions=drop\n`);
  const { verdict, findings } = proveRail({ ...about, flows: [...flows, ...wrong] });
  expect(verdict).toBe("different");
  expect(findings[0]?.foreign).toEqual(wrong);
});

test("two ids that a packet meets at one priority are unknown", () => {
  const two = read(
    `${dimensions.replaceAll(/conjunction\(7,(.)\/2\)/g, "conjunction(7,$1/2),conjunction(8,$1/2)")}table=0,priority=65535,conj_id=7 actions=drop\n`,
  );
  const { verdict, findings } = proveRail({ ...about, flows: [...flows, ...two] });
  expect(verdict).toBe("unknown");
  expect(findings[0]?.doubt?.kind).toBe("ambiguous");
});

test("each flow of it counts when it comes and when it goes", () => {
  const all = read(`${dimensions}table=0,priority=65535,conj_id=7 actions=drop\n`);
  const prover = new RailProver({ ...about, flows: [...flows, ...all] });
  expect(prover.compare().differences).not.toEqual([]);
  for (const one of all) {
    expect(prover.change([one], []).differences).toEqual([]);
    expect(prover.change([], [one]).differences).not.toEqual([]);
  }
});
