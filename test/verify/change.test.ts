/** What became otherwise between two verdicts, on megaflows that a switch made. */

import { beforeAll, expect, test } from "vitest";
import { describeChange } from "../../src/report/change-words.js";
import { changesBetween } from "../../src/verify/change.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges } from "../support/sample.js";
import {
  asOffloaded,
  type VerifiedRail,
  verdictOf,
  verifiedRail,
} from "../support/verified-rail.js";

describeWithOpenVswitch("changes", () => {
  let rail: VerifiedRail;
  let good: string;
  let roce: string;

  beforeAll(async () => {
    rail = await verifiedRail(await testSwitch({ bridges: sampleBridges }));
    good = asOffloaded(rail.dump);
    roce =
      good
        .split("\n")
        .find((line) => /src=10\.101\.0\.16,dst=10\.101\.0\.32,proto=17/.test(line)) ?? "";
    expect(roce).not.toBe("");
  });

  const between = (before: string, now: string) =>
    changesBetween([verdictOf(rail, { dump: before })], [verdictOf(rail, { dump: now })]);
  const kinds = (before: string, now: string) => between(before, now).map(({ kind }) => kind);

  test("nothing, where only counters, order and ufids are other", () => {
    const later = good
      .split("\n")
      .reverse()
      .join("\n")
      .replace(/packets:\d+/g, "packets:77")
      .replace(/ufid:.{8}/g, "ufid:00000000");
    expect(kinds(good, later)).toEqual([]);
  });

  test("out of hardware and back, with words for both", () => {
    const software = good.replace(roce, roce.replace("offloaded:yes, ", ""));
    const [out] = between(good, software).filter(({ kind }) => kind === "fell-out");
    expect(out === undefined ? "" : describeChange(out)).toMatch(
      /^fell out of hardware: pf0vf0 -> p0: 10\.101\.0\.16 -> 10\.101\.0\.32 udp 4791: software-tc: .*; allow each tenant/,
    );
    expect(kinds(software, good)).toContain("returned");
  });

  test("gone, and there again", () => {
    const without = good.replace(roce, "");
    expect(kinds(good, without)).toEqual(["ended"]);
    expect(kinds(without, good)).toEqual(["appeared"]);
  });

  test("a leak that begins and ends", () => {
    const leak = good.replace(roce, roce.replace(/p0$/, "pf0vf1"));
    expect(kinds(good, leak)).toEqual(["found", "ended"]);
    expect(kinds(leak, good)).toEqual(["gone", "appeared"]);
    expect(kinds(leak, leak)).toEqual([]);
  });
});
