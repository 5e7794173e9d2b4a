import { expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import { railCostOf } from "../../../src/verify/cost/rail-cost.js";
import { modelOfCompiled, railModelOf } from "../../../src/verify/cost/rail-model.js";
import { costlyFleet, place, policyWith } from "../../support/costly-sentences.js";

const policy = policyWith("allow a <-> b, c : roce", "allow a -> c : low");
const inventory = costlyFleet();

test.each([0, 3])(
  "a rail compiled to tables from %i on costs what it costs anywhere",
  (tableBase) => {
    const compiled = compileRail(policy, inventory, { ...place, tableBase });
    const model = modelOfCompiled(policy, inventory, compiled);
    expect(model.compiled).toBe(compiled);
    expect(railCostOf(model)).toEqual(railCostOf(railModelOf(policy, inventory, place)));
  },
);
