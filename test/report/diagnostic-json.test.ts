/** The keys that programs rely on. */

import { expect, test } from "vitest";
import { diagnosticJson } from "../../src/report/diagnostic-json.js";
import type { Diagnostic } from "../../src/text/diagnostic.js";

test("has every key, in an order that does not change", () => {
  const source = { name: "a.policy", text: "rail pf1\n\nrail pf1\n" };
  const diagnostic: Diagnostic = {
    code: "duplicate-definition",
    kind: "rail",
    name: "pf1",
    span: { source, start: 15, end: 18 },
    labels: [{ span: { source, start: 5, end: 8 }, role: "first-here" }],
  };
  expect(JSON.stringify(diagnosticJson(diagnostic), null, 1)).toBe(
    JSON.stringify(
      {
        code: "duplicate-definition",
        severity: "error",
        message: "rail `pf1` is defined twice",
        note: "second definition",
        help: "keep one of the two, or give one another name",
        file: "a.policy",
        line: 3,
        column: 6,
        endLine: 3,
        endColumn: 9,
        labels: [
          {
            message: "first here",
            file: "a.policy",
            line: 1,
            column: 6,
            endLine: 1,
            endColumn: 9,
          },
        ],
      },
      null,
      1,
    ),
  );
});

test("leaves out a note and a help that are not there", () => {
  const source = { name: "a.policy", text: "{" };
  const json = diagnosticJson({
    code: "syntax-error",
    found: "{",
    expected: ["a rail"],
    span: { source, start: 0, end: 1 },
  });
  expect(Object.keys(json)).not.toContain("note");
  expect(Object.keys(json)).not.toContain("help");
  expect(json.labels).toEqual([]);
});
