import { expect, test } from "vitest";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { tinyRail } from "../support/tiny-rail.js";

/** What classify marks the frames of a port with: its party. */
function markOf({ flows }: CompiledRail, port: string): bigint | undefined {
  const actions = flows
    .filter(({ match }) => match.inPort === port)
    .flatMap((flow) => flow.actions);
  return actions.flatMap((one) =>
    one.kind === "set" && one.field === "reg0" ? [one.value] : [],
  )[0];
}

function destinationsOf(rail: CompiledRail, mark: bigint | undefined): number {
  const table = rail.tables.find(({ name }) => name === "ipv4-destination")?.number;
  const own = rail.flows.filter((flow) => flow.table === table);
  return own.filter(({ match }) =>
    match.fields.some(({ field, value }) => field === "reg0" && value === mark),
  ).length;
}

test("endpoints of one party share the flows of what they may send; another party has its own", () => {
  const rail = tinyRail();
  expect(markOf(rail, "v0")).toBe(markOf(rail, "v1"));
  expect(markOf(rail, "v2")).not.toBe(markOf(rail, "v0"));
  // three red endpoints, once, and not once for each that may speak to them
  expect(destinationsOf(rail, markOf(rail, "v0"))).toBe(3);
  expect(destinationsOf(rail, markOf(rail, "v2"))).toBe(0);
});
