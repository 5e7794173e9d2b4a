/** Recorded nodes, and the whole answer of doctor beside each. A new case is a new folder with a recording. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { doctorSchema } from "../../src/report/doctor-json.js";
import { doctorCodes } from "../../src/verify/doctor/code-states.js";
import type { DoctorCode } from "../../src/verify/doctor/doctor-finding.js";
import { type Ended, railfence } from "../support/command.js";

const folder = new URL("doctor", import.meta.url).pathname;
const cases = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());

/** The JSON says the same as the text, so a few cases show its form. */
const withJson = ["healthy-two-rails", "not-root", "inventory-differs"];

function doctor(name: string, format: "pretty" | "json"): Promise<Ended> {
  const inventory = join(folder, name, "inventory.json");
  const words = ["doctor", "--from", join(folder, name, "node.recording"), "--format", format];
  return railfence(existsSync(inventory) ? [...words, "--inventory", inventory] : words);
}

const exitCodes = { able: 0, unable: 3, unknown: 1 } as const;

describe.each(cases)("%s", (name) => {
  test("every finding is said as it should be", async () => {
    const { out } = await doctor(name, "pretty");
    await expect(out).toMatchFileSnapshot(join(folder, name, "expected.txt"));
  });

  test("the JSON fits its schema, and the exit code fits the diagnosis", async () => {
    const { out, code } = await doctor(name, "json");
    const document = doctorSchema.parse(JSON.parse(out));
    expect(code).toBe(exitCodes[document.diagnosis]);
    if (withJson.includes(name))
      await expect(out).toMatchFileSnapshot(join(folder, name, "expected.json"));
  });
});

test("every code is found in some case", async () => {
  const found = new Set<DoctorCode>();
  for (const name of cases)
    for (const { code } of doctorSchema.parse(JSON.parse((await doctor(name, "json")).out)).findings)
      found.add(code);
  expect(doctorCodes.filter((code) => !found.has(code))).toEqual([]);
});

test("whoever has a problem or a warning is told why and what to do", async () => {
  for (const name of cases) {
    const { findings } = doctorSchema.parse(JSON.parse((await doctor(name, "json")).out));
    const silent = findings.filter((one) => one.state !== "ok" && one.do === undefined);
    expect(silent).toEqual([]);
    // style: begins lower case or with a name, no full stop, no line break
    for (const { seen, why } of findings) expect(`${seen}${why}`).not.toMatch(/\.$|\n|undefined/);
  }
});
