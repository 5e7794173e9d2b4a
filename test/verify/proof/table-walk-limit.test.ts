/** Tables that send packets around in circles, each time with something else in a register. */

import { expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { readFlows } from "../../../src/openflow/read.js";
import { DiagramLimitError } from "../../../src/verify/proof/diagram.js";
import { proveRail } from "../../../src/verify/proof/prove-rail.js";
import { smallWorld } from "../../support/neighbour-space.js";

const world = smallWorld({ mode: "bridged", uplinkSource: "verify" });
const { flows } = compileRail(world.policy, world.inventory, world);

function read(text: string): readonly Flow[] {
  return readFlows({ name: "foreign", text }).flows;
}

/** Copies bits of the sender's address to a register, one each time around: as many states as there are addresses. */
function copying(bits: number): string {
  const mask = (bit: number) => `0x${(1 << bit).toString(16)}`;
  const lines = Array.from({ length: bits }, (_, bit) => {
    const sender = `00:00:${macBits(1 << bit)}`;
    return `table=250,priority=${1000 - bit},reg9=0/${mask(bit)},dl_src=${sender}/${sender} actions=set_field:${mask(bit)}/${mask(bit)}->reg9,resubmit(,250)`;
  });
  return `table=0,priority=65535,in_port=1 actions=resubmit(,250)\n${lines.join("\n")}`;
}

function macBits(value: number): string {
  return [24, 16, 8, 0].map((by) => ((value >> by) & 0xff).toString(16).padStart(2, "0")).join(":");
}

test("circles with few states are followed to their end", () => {
  const around = read(`${copying(6)}\ntable=250,priority=1,reg9=0x3f actions=output:2`);
  const { verdict, findings } = proveRail({ ...world, flows: [...flows, ...around] });
  expect(verdict).toBe("different");
  expect(findings.some(({ outputs }) => outputs.length > 0)).toBe(true);
});

test("more places than a walk can keep end the proof, and are no defect", {
  timeout: 60_000,
}, () => {
  const around = read(copying(20));
  expect(() => proveRail({ ...world, flows: [...flows, ...around] })).toThrow(DiagramLimitError);
});
