/** The last line of .ci/run, and its exit code. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "railfence-count-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const passed = { status: "passed", fullName: "fine" };
const failed = { status: "failed", fullName: "wrong" };
const skipped = { status: "skipped", fullName: "left out (skipped: no switch)" };
const file = (...assertionResults: object[]) => ({ status: "passed", assertionResults });

test.each([
  ["all passed", true, [file(passed, passed)], "", 0, "2 passed, 0 failed, 0 skipped"],
  ["one failed", false, [file(passed, failed)], "", 1, "1 passed, 1 failed, 0 skipped"],
  ["one skipped", true, [file(passed, skipped)], "", 0, "1 passed, 0 failed, 1 skipped"],
  ["one skipped in CI", true, [file(passed, skipped)], "true", 1, "1 passed, 0 failed, 1 skipped"],
  [
    "a file that cannot be loaded",
    false,
    [file(passed), { status: "failed", assertionResults: [] }],
    "",
    1,
    "1 passed, 1 failed, 0 skipped",
  ],
])("%s", (_, success, testResults, ci, code, line) => {
  const report = join(folder, "report.json");
  writeFileSync(report, JSON.stringify({ success, testResults }));
  const ended = count(report, ci);
  expect([ended.code, ended.lines.at(-1)]).toEqual([code, line]);
});

test("a skipped test is named", () => {
  const report = join(folder, "report.json");
  writeFileSync(report, JSON.stringify({ success: true, testResults: [file(skipped)] }));
  expect(count(report, "").lines).toContain("skipped: left out (skipped: no switch)");
});

test("no report is a failure", () => {
  const { code, lines } = count(join(folder, "nothing.json"), "");
  expect([code, lines.at(-1)]).toEqual([1, "0 passed, 1 failed, 0 skipped"]);
});

function count(report: string, ci: string): { code: number | null; lines: string[] } {
  const words = ["test/support/count-tests.mjs", report];
  const env = { PATH: process.env["PATH"] ?? "", CI: ci };
  const { status, stdout } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
  return { code: status, lines: stdout.trimEnd().split("\n") };
}
