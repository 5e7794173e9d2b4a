/** Each folder of accepted/ holds a policy and an inventory, and every flow that they compile to on node `n1`. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { printFlow } from "../../src/openflow/print.js";
import { checkInventory } from "../../src/policy/check-inventory.js";
import { severityOf } from "../../src/text/diagnostic.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { printGolden, unfoldGolden } from "../support/golden-flows.js";
import { parseFlows } from "../support/parse-flows.js";
import { describeWithOpenVswitch } from "../support/private-switch.js";

const folder = new URL("accepted", import.meta.url).pathname;
const cases = readdirSync(folder);

function railsOf(name: string): CompiledRail[] {
  const read = (file: string) => readFileSync(join(folder, name, file), "utf8");
  const policy = policyOf(read("input.policy"));
  const inventory = inventoryOf(read("inventory.json"));
  const errors = checkInventory(policy, inventory).filter((one) => severityOf(one) === "error");
  expect(errors).toEqual([]);
  return policy.rails.map((rail) => compileRail(policy, inventory, { node: "n1", rail }));
}

/** One rail is the rule; where there are more, each has a file. */
function fileOf(rail: CompiledRail, all: readonly CompiledRail[]): string {
  return all.length === 1 ? "expected.flows" : `expected.${rail.rail}.flows`;
}

describe("accepted", () => {
  test.each(cases)("%s", async (name) => {
    const rails = railsOf(name);
    for (const rail of rails) {
      const text = printGolden(rail);
      // what is folded for the reader pins every byte all the same
      const lines = rail.flows.map((flow) => printFlow(flow));
      expect(unfoldGolden(text).sort()).toEqual(lines.sort());
      await expect(text).toMatchFileSnapshot(join(folder, name, fileOf(rail, rails)));
    }
  });

  test("there are cases, and each has its input", () => {
    expect(cases.length).toBeGreaterThan(10);
    for (const name of cases)
      for (const file of ["input.policy", "inventory.json"])
        expect(existsSync(join(folder, name, file)), `${name}/${file}`).toBe(true);
  });
});

describeWithOpenVswitch("ovs-ofctl parse-flows", () => {
  test.each(cases)("gives every flow of %s back unchanged", (name) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith(".flows"));
    for (const file of files) {
      const lines = unfoldGolden(readFileSync(join(folder, name, file), "utf8"));
      const text = lines.map((line) => `${withNumbers(line)}\n`).join("");
      expect(parseFlows(text)).toBe(text);
    }
  });
});

/** Ports have names on a switch only; what has none, as here, knows numbers. */
function withNumbers(line: string): string {
  const numbers = new Map(["p0", "p1", "v0", "v1", "v2"].map((port, index) => [port, index + 1]));
  return line.replace(/(in_port=|output:)(\w+)/g, (_, key, port) => `${key}${numbers.get(port) ?? port}`);
}
