/** Each folder of diff/ holds a policy before and after a change, and what a reviewer is told of it. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import {
  comparePolicies,
  type PolicyDifference,
} from "../../src/policy/reachability/policy-difference.js";
import { differenceSchema, printDifferenceJson } from "../../src/report/difference-json.js";
import { printDifferenceMarkdown } from "../../src/report/difference-markdown.js";
import { printDifference } from "../../src/report/difference-text.js";
import { parsePolicy } from "../../src/syntax/parse.js";

const folder = new URL("diff", import.meta.url).pathname;
const cases = readdirSync(folder);

function policyOf(name: string, file: string): CheckedPolicy {
  const text = readFileSync(join(folder, name, file), "utf8");
  const { tree, diagnostics } = parsePolicy({ name: file, text });
  const { policy } = checkPolicy([tree], { today: "2026-06-01" });
  if (policy === undefined || diagnostics.length > 0) throw new Error(`${name}/${file} is broken`);
  return policy;
}

function differenceOf(name: string): PolicyDifference {
  return comparePolicies(policyOf(name, "old.policy"), policyOf(name, "new.policy"));
}

describe("diff", () => {
  test.each(cases)("%s", async (name) => {
    const difference = differenceOf(name);
    const file = (ending: string) => join(folder, name, `expected.${ending}`);
    await expect(printDifference(difference)).toMatchFileSnapshot(file("txt"));
    await expect(printDifferenceMarkdown(difference)).toMatchFileSnapshot(file("md"));
    const json = printDifferenceJson(difference);
    differenceSchema.parse(JSON.parse(json));
    await expect(json).toMatchFileSnapshot(file("json"));
  });

  test("there are cases, and each has its input", () => {
    expect(cases.length).toBeGreaterThan(10);
    for (const name of cases)
      for (const file of ["old.policy", "new.policy"])
        expect(existsSync(join(folder, name, file)), `${name}/${file}`).toBe(true);
  });
});
