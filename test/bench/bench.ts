/** `npm run bench`: every benchmark in turn, then one table. Whoever runs it judges: it fails only where a run does. */

import { availableParallelism, cpus } from "node:os";
import { measureCheck, measureCompile, measureStart } from "./command-line.js";
import { measureCost } from "./cost.js";
import { measureDiff } from "./diff.js";
import { measureIncremental } from "./incremental.js";
import { measureProve } from "./prove.js";
import { measureRead } from "./read.js";
import { measureAttach, measureInstall } from "./switch.js";
import { printTable, type Row } from "./table.js";
import { measureVerify } from "./verify.js";

const benchmarks: Record<string, () => Promise<Row | Row[]>> = {
  start: measureStart,
  check: measureCheck,
  diff: measureDiff,
  compile: measureCompile,
  incremental: measureIncremental,
  attach: measureAttach,
  install: measureInstall,
  read: measureRead,
  prove: measureProve,
  verify: measureVerify,
  cost: measureCost,
};

const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`${name} ...`);
  rows.push(...[await measure()].flat());
}
console.log(
  `${cpus()[0]?.model ?? "?"}, ${availableParallelism()} CPUs, Node ${process.version}\n`,
);
console.log(printTable(rows));
