/** The rules of wording, over every message that the golden folders show. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describe as describeDiagnostic } from "../../src/text/describe.js";
import { diagnosticCodes, severityOf } from "../../src/text/diagnostic.js";
import { diagnosticsOf } from "../support/rejected-case.js";

const folder = new URL("../golden/rejected", import.meta.url).pathname;

describe("wording", () => {
  test.each(readdirSync(folder))("%s", async (name) => {
    for (const diagnostic of await diagnosticsOf(join(folder, name))) {
      const { message, underline = "", help = "" } = describeDiagnostic(diagnostic);
      for (const words of [message, underline, help]) {
        expect(words).not.toMatch(/\.$|undefined|\[object|^\s|\s$/);
        // the user's own text may begin with anything
        expect(words.replace(/`[^`]*`/g, "`")).not.toMatch(/^(?!RDMA|ICMP|RoCE)[A-Z]|\n/);
      }
      expect(message).not.toBe("");
    }
  });
});

test("warnings are few and known", () => {
  expect(diagnosticCodes.filter((code) => severityOf(code) === "warning")).toEqual([
    "one-way-roce-all",
    "all-beside-narrower",
    "expires-soon",
    "unclaimed-namespace",
  ]);
});

test("codes are words with hyphens", () => {
  expect(diagnosticCodes.filter((code) => !/^[a-z0-9]+(-[a-z0-9]+)+$/.test(code))).toEqual([]);
});

test("every folder holds an input", () => {
  const without = readdirSync(folder).filter(
    (name) => !readFileSync(join(folder, name, "input.policy")),
  );
  expect(without).toEqual([]);
});
