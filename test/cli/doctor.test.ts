/** How `railfence doctor` is asked; what it answers is in golden/doctor. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { railfence } from "../support/command.js";

const folder = mkdtempSync(join(tmpdir(), "railfence-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recording = new URL("../golden/doctor/healthy-two-rails/node.recording", import.meta.url)
  .pathname;
const inventory = new URL("../golden/doctor/healthy-two-rails/inventory.json", import.meta.url)
  .pathname;

describe("arguments that make no sense are refused", () => {
  test.each([
    [["--from", recording, "--save", "x"], "`--from` looks at a recording"],
    [["--from", recording, "--sysfs", "/"], "`--from` looks at a recording"],
    [["policies/acp"], "a policy alone says nothing of a node"],
    [["--from", inventory], "is no recording that this version of railfence reads"],
    [["--from", recording, "--inventory", inventory, "--node", "x"], "`x` is no node"],
  ])("%s", async (words, message) => {
    const { code, out, err } = await railfence(["doctor", ...words]);
    expect(err).toContain(message);
    expect(err).toContain("help: ");
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  test("a recording that is not there is no mistake of the arguments' form", async () => {
    const { code, err } = await railfence(["doctor", "--from", join(folder, "nothing")]);
    expect(err).toMatch(/^error: cannot use `.*nothing`: no such file or folder\n$/);
    expect(code).toBe(1);
  });
});

test("`--save` overwrites no file but a recording", async () => {
  const file = join(folder, "thesis.txt");
  writeFileSync(file, "years of work\n");
  const { code, err } = await railfence(["doctor", "--ovs", folder, "--save", file]);
  expect(err).toContain("is there already and is no recording");
  expect(code).toBe(2);
  expect(readFileSync(file, "utf8")).toBe("years of work\n");
});

test("a recording takes the place of an older one", async () => {
  const file = join(folder, "node.recording");
  writeFileSync(file, readFileSync(recording));
  await railfence(["doctor", "--ovs", folder, "--save", file]);
  expect(readFileSync(file, "utf8")).toContain(`run-directory ${folder}\n`);
});

test("a policy that is wrong stops it before it looks", async () => {
  const policy = join(folder, "wrong.policy");
  writeFileSync(policy, "allow nobody -> nothing : all\n");
  const words = ["doctor", policy, "--from", recording, "--inventory", inventory];
  const { code, out } = await railfence(words);
  expect(code).toBe(2);
  expect(out).toBe("");
});
