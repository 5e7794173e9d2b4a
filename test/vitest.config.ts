/** How vitest runs the tests. */

import { defineConfig } from "vitest/config";

// .ci/run counts the tests from this file
const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    root: ".",
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
