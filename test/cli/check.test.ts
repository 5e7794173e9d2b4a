/** `railfence check` as a program would see it: codes, streams, folders, dates. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { railfence } from "../support/command.js";

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "railfence-check-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function policy(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

test("a policy named by a relative and by an absolute path is one policy", async () => {
  const once = await railfence(["check", "policies/acp"]);
  const twice = await railfence(["check", "policies/acp", resolve("policies/acp")]);
  expect([once.code, twice.code, twice.err]).toEqual([0, 0, ""]);
  expect(twice.out).toBe(once.out);
});

test("a good policy prints its summary on stdout, nothing on stderr, and ends with 0", async () => {
  expect(await railfence(["check", "policies/acp"])).toEqual({
    code: 0,
    out: "17 sentences, 4 rules, 2 tests passed, 1 budget not checked: cost needs `--inventory`\n",
    err: "",
  });
});

test("a test of cost and a budget do not pass without an inventory: they were not looked at", async () => {
  const file = policy(
    "cost.policy",
    'rail pf1\nbudget { masks 1 }\ntest "cost" { megaflows on gpu-001 <= 1 }\n',
  );
  expect((await railfence(["check", file])).out).toBe(
    "3 sentences, 0 rules, 0 tests passed, 1 test and 1 budget not checked: cost needs `--inventory`\n",
  );
});

test("a mistake is shown on stderr with its place, nothing on stdout, and ends with 2", async () => {
  const file = policy("wrong.policy", "rail pf1\ntenant a { network 10.0.0.1/8 }\n");
  const { code, out, err } = await railfence(["check", file]);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toContain("error[host-bits-set]");
  expect(err).toContain(`${file}:2:`);
  expect(err).toMatch(/\n1 error\n$/);
});

test("--format json says the same on stdout", async () => {
  const file = policy("wrong.policy", "rail pf1\ntenant a { network 10.0.0.1/8 }\n");
  const { code, out, err } = await railfence(["check", file, "--format", "json"]);
  expect(code).toBe(2);
  expect(err).toBe("");
  expect(JSON.parse(out)).toMatchObject({
    version: 1,
    accepted: false,
    diagnostics: [{ code: "host-bits-set", severity: "error", file, line: 2 }],
  });
});

test("a warning ends with 0, and with 2 at --fail-level warning", async () => {
  const file = policy(
    "soon.policy",
    `rail pf1 tenant a { namespace a } service s = 1/tcp
     allow a -> a : s until 2026-06-20`,
  );
  const today = { today: "2026-06-01" };
  expect((await railfence(["check", file], today)).code).toBe(0);
  expect((await railfence(["check", file, "--fail-level", "warning"], today)).code).toBe(2);
  expect((await railfence(["check", file, "--today", "2026-01-01"], today)).err).toBe("");
  expect((await railfence(["check", file, "--today", "2026-06-21"], today)).code).toBe(2);
});

test("what no NIC can match is found without an inventory, and said once for a rule on two rails", async () => {
  const file = policy(
    "sctp.policy",
    "rail pf1, pf2 tenant a { namespace a } service s = 3868/sctp allow a <-> a : s",
  );
  const { code, err } = await railfence(["check", file]);
  expect(code).toBe(2);
  expect(err.match(/error\[not-offloadable\]/g)).toHaveLength(1);
});

test("a folder stands for the policies in it and below", async () => {
  const { out } = await railfence(["check", "policies/first"]);
  expect(out).toBe("6 sentences, 1 rule, 1 test passed\n");
});

test("a path that is not there is the environment's fault: 1", async () => {
  const { code, err } = await railfence(["check", at("nowhere.policy")]);
  expect(code).toBe(1);
  expect(err).toBe(`error: cannot use \`${at("nowhere.policy")}\`: no such file or folder\n`);
});

test("an import that is not there is the author's fault: 2", async () => {
  const file = policy("imports.policy", 'use "nowhere.policy"\nrail pf1\n');
  const { code, err } = await railfence(["check", file]);
  expect(code).toBe(2);
  expect(err).toContain("error[missing-import]");
});

test("an inventory is checked too", async () => {
  const inventory = ["--inventory", "policies/acp/inventory.json"];
  const { code, out } = await railfence(["check", "policies/acp", ...inventory]);
  expect(code).toBe(0);
  expect(out).toMatch(/2 tests passed, \d+ endpoints\n$/);
});

test("the day after its end, a rule is gone from the flows and keeps nothing else from the node", async () => {
  const words = [
    "--inventory",
    "policies/acp/inventory.json",
    "--node",
    "gpu-001",
    "--rail",
    "pf1",
  ];
  const day = { today: "2031-04-01" };
  expect((await railfence(["check", "policies/acp"], day)).code).toBe(2);
  const { code, out, err } = await railfence(["compile", "policies/acp", ...words], day);
  expect(code).toBe(0);
  expect(out).toMatch(/^# node gpu-001/);
  expect(err).toContain("error[expired-rule]");
  expect(err).toMatch(/going on without the rules that have ended\n$/);
});

test("a test that fails for another reason than time still rejects", async () => {
  const file = policy(
    "both.policy",
    `rail pf1 tenant search { namespace search-* } service s = 1/tcp
     allow search -> search : s until 2026-01-01
     test "never true" { search can reach any with s }`,
  );
  const words = ["--inventory", "policies/acp/inventory.json", "--node", "gpu-001"];
  expect((await railfence(["compile", file, ...words])).code).toBe(2);
});
