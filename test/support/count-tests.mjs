// Prints `N passed, N failed, N skipped` from vitest's JSON report; fails on a failure, and on a skip with CI=true.
import { readFileSync } from "node:fs";

let report;
try {
  report = JSON.parse(readFileSync(process.argv[2], "utf8"));
} catch {
  console.log("vitest left no report");
  report = { success: false, testResults: [{ status: "failed", assertionResults: [] }] };
}

const tests = report.testResults.flatMap((file) => file.assertionResults);
const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
// a file that cannot be loaded has failed without having any test
const brokenFiles = report.testResults.filter(
  (file) =>
    file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
);
const passed = tests.filter(({ status }) => status === "passed").length;
const failed = tests.filter(({ status }) => status === "failed").length + brokenFiles.length;

for (const file of brokenFiles) console.log(`broken: ${file.name ?? "?"} ${file.message ?? ""}`);
for (const test of skipped) console.log(`skipped: ${test.fullName}`);
const mayNotSkip = process.env["CI"] === "true" && skipped.length > 0;
if (mayNotSkip) console.log("CI=true: nothing may be skipped");
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = report.success && failed === 0 && !mayNotSkip ? 0 : 1;
