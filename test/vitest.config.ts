/** How vitest runs the tests. */

import { defineConfig } from "vitest/config";

// .ci/run counts the tests from this file
const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    root: ".",
    // the default leaves one processor idle, which a machine of two can ill spare: the box keeps one busy for minutes
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
