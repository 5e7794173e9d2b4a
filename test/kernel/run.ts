/** `npm run box -- SCENARIO [--out FOLDER] [--limit SECONDS]`: one scenario in the box, its result on stdout. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runInBox } from "./box.js";
import { whyNot } from "./readiness.js";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string" }, limit: { type: "string", default: "240" } },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(130));
const reason = await whyNot();
if (reason !== undefined) {
  console.error(`box: ${reason}`);
  process.exit(1);
}
const out = values.out ?? mkdtempSync(join(tmpdir(), "railfence-box-"));
try {
  const { value, seconds } = await runInBox({
    scenario: positionals[0] ?? "smoke",
    out,
    limitSeconds: Number(values.limit),
    say: (line) => console.error(line),
  });
  console.log(JSON.stringify(value, undefined, 2));
  console.error(`box: ${seconds.toFixed(1)} s; logs in ${out}`);
} catch (error) {
  console.error(`box: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
