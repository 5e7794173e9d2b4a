/** The promises of `verify --watch`, `--wait` and `--metrics`, while a port's offload goes off and on again beside live traffic. */

import { expect, test } from "vitest";
import { type WatchDocument, watchSchema } from "../../src/report/watch-schema.js";
import { readExposition } from "../support/exposition.js";
import type { Watched } from "./guest/watching.js";

type Phase = keyof Watched["served"];

const rule = "allow each tenant <-> itself : ping, roce";
const path = "pf1vf0 -> pf1vf1: 10.102.0.16 -> 10.102.0.17 udp 4791";

export function testWatching(watched: () => Watched): void {
  const told = (phase: "before" | "out" | "back", kind: string) =>
    watched()
      .lines[phase].map((line): WatchDocument => watchSchema.parse(JSON.parse(line)))
      .filter((document) => document.kind === kind)
      .map(({ message }) => message);
  const samples = (phase: Phase, name: string) =>
    readExposition(watched().served[phase].replace(/^200\n/, "")).get(`railfence_${name}`)?.samples;
  const count = (phase: Phase, name: string) => samples(phase, name)?.[0]?.value ?? Number.NaN;
  const inState = (phase: Phase, state: string) =>
    samples(phase, "rule_connections")?.find(
      ({ labels }) => labels["state"] === state && labels["rule"] === rule,
    )?.value ?? Number.NaN;

  test("--watch begins with what is, and tells what falls out of hardware, and why", () => {
    expect(told("before", "begun")).toEqual(["3 rules: 1 offloaded, 2 idle"]);
    const [first] = told("out", "fell-out").filter((message) => message.includes(path));
    expect(first).toContain("software-tc: `hw-tc-offload` of `pf1vf0` is off");
    expect(first).toContain(rule);
  });

  test("--watch tells what returns to hardware, and ends with 0 when it is interrupted", () => {
    expect(told("back", "returned")).toEqual(
      expect.arrayContaining([`returned to hardware: ${path} (was software-tc); ${rule}`]),
    );
    expect(watched().ending).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("--wait fails with the reason while the connection is out, and ends with 0 when it is back", () => {
    const { out, back } = watched().waits;
    expect(out.exitCode).toBe(3);
    expect(out.stdout).toMatch(/^not in hardware after \d+\.\d s:\n/);
    expect(out.stdout).toContain("`hw-tc-offload` of `pf1vf0` is off");
    expect(back.stdout).toMatch(/^in hardware after \d+\.\d s\n$/);
    expect(back.exitCode).toBe(0);
  });

  test("--metrics serves the counts of each time, and closes its port in the end", () => {
    expect(inState("before", "offloaded")).toBeGreaterThan(inState("out", "offloaded"));
    expect(inState("out", "software-tc")).toBeGreaterThan(0);
    for (const phase of ["before", "back"] as const) {
      expect(inState(phase, "software-tc")).toBe(0);
      expect(count(phase, "as_intended")).toBe(1);
    }
    expect(inState("back", "offloaded")).toBe(inState("before", "offloaded"));
    expect(count("out", "as_intended")).toBe(0);
    expect(watched().served.afterwards).toBe("ECONNREFUSED");
  });

  test("--metrics counts megaflows, masks and what is in the NIC's table", () => {
    const inTable = (phase: Phase) => count(phase, "nic_table_megaflows");
    for (const phase of ["before", "out", "back"] as const) {
      // other traffic comes and goes between two readings, so each is held to itself
      expect(inTable(phase)).toBeGreaterThanOrEqual(inState(phase, "offloaded"));
      expect(count(phase, "megaflows")).toBeGreaterThanOrEqual(
        inTable(phase) + inState(phase, "software-tc"),
      );
      expect(count(phase, "masks")).toBeGreaterThan(0);
      expect(count(phase, "masks")).toBeLessThanOrEqual(count(phase, "megaflows"));
    }
  });
}
