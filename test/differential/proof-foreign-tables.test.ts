/**
 * Flows and tables of somebody else beside ours, held against every packet of a small world: where one of the packets
 * goes otherwise than the policy says, the proof must say so; and where the proof says that they do no harm, none does.
 */

import { beforeAll, describe, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { printFlow } from "../../src/openflow/print.js";
import { DiagramLimitError } from "../../src/verify/proof/diagram.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { CountedCases, type Found } from "../support/counted-cases.js";
import { foreignFlows } from "../support/foreign-flows.js";
import { everyArp, everyDatagram, smallWorld } from "../support/neighbour-space.js";
import { Random } from "../support/random.js";

const ownSeed = 20261124;
const seed = Number(process.env["RAILFENCE_SEED"] ?? ownSeed);
const additions = Number(process.env["RAILFENCE_WORLDS"] ?? 60);

describe.each(["routed", "bridged"] as const)("beside the flows of a %s rail", (mode) => {
  const world = smallWorld({ mode, uplinkSource: "verify" });
  const { flows } = compileRail(world.policy, world.inventory, world);
  let cases: CountedCases;
  let intact: Found;
  beforeAll(() => {
    cases = new CountedCases(world, flows, [...everyArp(), ...everyDatagram()]);
    intact = cases.ofAll();
  }, 120_000);

  test(`${additions} times flows of somebody else (seed ${seed})`, { timeout: 600_000 }, () => {
    expect(intact).toBe("same");
    const random = new Random(seed);
    const tally = new Map<string, number>();
    for (let turn = 0; turn < additions; turn++) {
      const foreign = foreignFlows(random, flows);
      const about = foreign.map((flow) => printFlow(flow)).join("\n");
      const found = cases.ofAdded(foreign);
      const verdict = verdictOn({ ...world, flows: [...flows, ...foreign] });
      const key = `${found}: ${verdict}`;
      tally.set(key, (tally.get(key) ?? 0) + 1);
      // nothing is asked where it is in doubt: two flows of one priority may come to the same, which the proof knows
      if (found === "differs") expect(["different", "entangled"], about).toContain(verdict);
    }
    console.log(`${mode}: ${JSON.stringify(Object.fromEntries(tally))}`);
    for (const key of ["same: equal", "differs: different"])
      expect(tally.get(key) ?? 0, key).toBeGreaterThan(additions / 10);
    const entangled = [...tally].filter(([key]) => key.endsWith("entangled"));
    const times = entangled.reduce((sum, [, count]) => sum + count, 0);
    expect(times).toBeLessThanOrEqual(seed === ownSeed ? 0 : additions / 20);
  });
});

/** Tables that send packets around in circles may have more places than a proof takes: it ends, and says no more. */
function verdictOn(tables: Parameters<typeof proveRail>[0]): string {
  try {
    return proveRail(tables).verdict;
  } catch (error) {
    if (error instanceof DiagramLimitError) return "entangled";
    throw error;
  }
}
