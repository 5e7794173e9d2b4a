/** `show` on what it cannot read; what it makes of real dumps is tested with the switch. */

import { expect, test } from "vitest";
import { railfence } from "../support/command.js";

const flow = "cookie=0x0, table=0, priority=1,ip actions=drop";

test("a line without a flow is named, the flows around it are shown", async () => {
  const world = { standardInput: `${flow}\nsome prose\n${flow}\n` };
  const { code, out, err } = await railfence(["show", "--format", "json"], world);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ unreadLines: 1, flows: [{}, {}] });
  expect(err).toBe("warning: <stdin>:2: no flow in this line (not-a-flow)\n");
});

test("a wrong file is said in a few lines, and the rest counted", async () => {
  const world = { standardInput: `${flow}\n${"some prose\n".repeat(1000)}` };
  const { err } = await railfence(["show"], world);
  expect(err.split("\n")).toHaveLength(10);
  expect(err).toMatch(/\nwarning: no flow in 992 more lines\n$/);
});

test("what holds no flow at all is rejected; an empty dump is a switch without flows", async () => {
  const prose = await railfence(["show"], { standardInput: "some prose\n" });
  expect(prose).toMatchObject({ code: 2, out: "" });
  expect(prose.err).toContain("holds no flow");
  expect(await railfence(["show"])).toEqual({ code: 0, out: "", err: "" });
});

test("a flow that holds something unknown is printed as it came, and marked", async () => {
  const strange = "cookie=0x0, table=0, priority=1,ip,wobble=3 actions=drop";
  const world = { standardInput: `${strange}\n` };
  expect((await railfence(["show", "--format", "text"], world)).out).toBe(`${strange}\n`);
  expect((await railfence(["show"], world)).out).toContain("not understood");
});
