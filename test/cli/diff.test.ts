/** `railfence diff` as a program sees it: exit codes, where what is printed, and what it refuses. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { differenceSchema } from "../../src/report/difference-json.js";
import { railfence } from "../support/command.js";
import { sampleInventory, samplePolicy } from "../support/sample.js";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "railfence-diff-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The sample with something else in it. */
function changed(name: string, from: string | RegExp, to: string): string {
  const text = readFileSync(`${samplePolicy}/acp.policy`, "utf8");
  const services = readFileSync(`${samplePolicy}/services.policy`, "utf8");
  if (!text.match(from)) throw new Error(`no ${from} in the sample`);
  writeFileSync(join(folder, "services.policy"), services);
  writeFileSync(join(folder, `${name}.policy`), text.replace(from, to));
  return join(folder, `${name}.policy`);
}

test("the same policy, as file and as folder: exit code 0, and it says so", async () => {
  const ended = await railfence(["diff", samplePolicy, `${samplePolicy}/acp.policy`]);
  expect(ended).toEqual({ code: 0, out: "the two policies allow the same\n", err: "" });
});

test("another policy: exit code 3, results on stdout", async () => {
  const young = changed("ports", "research -> storage : nfs", "research -> storage : nfs, nccl");
  const ended = await railfence(["diff", samplePolicy, young]);
  expect(ended).toMatchObject({ code: 3, err: "" });
  expect(ended.out).toContain(
    "+ research (except speech/speech-dev) -> storage : nccl on every rail",
  );
  expect(ended.out).toContain(`${young}:13:1`);
});

test("a policy that differs on later days only is another one", async () => {
  const young = changed("longer", "2031-03-31", "2031-04-30");
  const now = await railfence(["diff", samplePolicy, young]);
  expect(now.code).toBe(3);
  expect(now.out).toMatch(/^reachability: 0 gained, 0 lost\n\nafter 2031-03-31: /);
  const afterBoth = await railfence(["diff", samplePolicy, young, "--today", "2031-05-01"]);
  expect(afterBoth.code).toBe(0);
  expect(afterBoth.out).toMatch(/^the two policies allow the same\n/);
});

test("a broken policy: its diagnostics on stderr, exit code 2, and nothing else", async () => {
  const broken = changed("broken", "storage : nfs", "storge : nfs");
  for (const words of [
    ["diff", broken, samplePolicy],
    ["diff", samplePolicy, broken],
  ]) {
    const ended = await railfence(words);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain("error[unknown-name]");
  }
});

test("warnings are of the new policy only", async () => {
  const soon = changed("soon", "2031-03-31", "2026-06-10");
  expect((await railfence(["diff", soon, samplePolicy])).err).toBe("");
  expect((await railfence(["diff", samplePolicy, soon])).err).toContain("warning[expires-soon]");
});

test("JSON is as its schema says, Markdown is a table", async () => {
  const young = changed("deny", /deny .*\n/, "");
  const json = await railfence(["diff", samplePolicy, young, "--format", "json"]);
  const document = differenceSchema.parse(JSON.parse(json.out));
  expect(document).toMatchObject({ same: false, lost: [], later: [] });
  const markdown = await railfence(["diff", samplePolicy, young, "--format", "markdown"]);
  expect(markdown.out).toContain("| gained | `research <-> speech/speech-dev` | `roce` | pf1 |");
});

test("with an inventory, the flows of its nodes are counted, and listed in JSON", async () => {
  const young = changed("flows", "roce on pf1", "roce on pf2");
  const about = ["diff", samplePolicy, young, "--inventory", sampleInventory];
  const { out, code } = await railfence([...about, "--node", "gpu-001"]);
  expect(code).toBe(3);
  expect(out).toMatch(/flows:\n {2}gpu-001 pf1: \d+ added, \d+ changed, [1-9]\d* deleted, /);
  expect(out).toMatch(/ unchanged; \d+ megaflows in \d+ masks -> \d+ megaflows in \d+ masks$/m);
  const json = await railfence([...about, "--rail", "pf2", "--format", "json"]);
  const { flows = [] } = differenceSchema.parse(JSON.parse(json.out));
  expect(flows.length).toBeGreaterThan(1);
  for (const { cost } of flows) expect(cost.after.megaflows).toBeGreaterThan(cost.before.megaflows);
  const markdown = await railfence([...about, "--node", "gpu-001", "--format", "markdown"]);
  expect(markdown.out).toMatch(
    / unchanged \| megaflows \| masks \|\n.*\n\| `gpu-001` .* \d+ → \d+ \|/,
  );
  const same = [samplePolicy, samplePolicy, "--inventory", sampleInventory, "--node", "gpu-001"];
  const alike = await railfence(["diff", ...same]);
  expect(alike.out).toMatch(/gpu-001 pf1: .* unchanged; still \d+ megaflows in \d+ masks$/m);
  expect(flows[0]?.added.join("\n")).toMatch(/table=\d+,.* actions=/);
});

test("what cannot be meant is refused", async () => {
  const without = await railfence(["diff", samplePolicy, samplePolicy, "--node", "gpu-001"]);
  expect(without).toMatchObject({ code: 2, out: "" });
  expect(without.err).toContain("need an inventory");
  const nobody = [
    "diff",
    samplePolicy,
    samplePolicy,
    "--inventory",
    sampleInventory,
    "--node",
    "gpu-01",
  ];
  expect((await railfence(nobody)).err).toContain("did you mean `gpu-001`?");
  expect((await railfence(["diff", samplePolicy, "nowhere.policy"])).code).toBe(1);
});

test("globs of too many kinds are told, not guessed at", async () => {
  const globs = [..."abcdefghijklmn"].map((letter) => `*${letter}*${letter}*`).join(", ");
  const text = `rail pf1\ntenant t { namespace ${globs} }\nallow any <-> any : all\n`;
  const wide = join(folder, "wide.policy");
  writeFileSync(wide, text);
  const ended = await railfence(["diff", wide, samplePolicy]);
  expect(ended).toMatchObject({ code: 1, out: "" });
  expect(ended.err).toContain("of too many kinds to be compared\nhelp: ");
});
