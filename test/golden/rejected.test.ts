/** Each folder of rejected/ holds a wrong input and everything that is said about it, as a person sees it. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../src/report/diagnostic-text.js";
import { diagnosticCodes } from "../../src/text/diagnostic.js";
import { diagnosticsOf } from "../support/rejected-case.js";

const folder = new URL("rejected", import.meta.url).pathname;
const cases = readdirSync(folder);

describe("rejected", () => {
  test.each(cases)("%s", async (name) => {
    const diagnostics = await diagnosticsOf(join(folder, name));
    expect(diagnostics.length, "diagnostics").toBeGreaterThan(0);
    await expect(renderDiagnostics(diagnostics)).toMatchFileSnapshot(
      join(folder, name, "expected.txt"),
    );
  });
});

test("every code has a case", () => {
  const expected = cases
    .map((name) => join(folder, name, "expected.txt"))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  expect(diagnosticCodes.filter((code) => !expected.includes(`[${code}]`))).toEqual([]);
});
