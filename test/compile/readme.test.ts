/** The compiler's own document names every table there is, in order, and no other. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pipelineOf } from "../../src/compile/pipeline.js";

const text = readFileSync(new URL("../../src/compile/README.md", import.meta.url), "utf8");

test("every table of both kinds of rail stands in README.md, and no other", () => {
  const rows = text.slice(text.indexOf("| table | decides |"), text.indexOf("## What measurement"));
  const listed = [...rows.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) =>
    [...(cell as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name as string),
  );
  const declared = (["routed", "bridged"] as const).flatMap((mode) =>
    pipelineOf(mode, 0).tables.map(({ name }) => name.replace(/\.[0-9]+$/, "")),
  );
  expect([...listed].sort()).toEqual([...new Set(declared)].sort());
});
