/** Doctor on a real kernel: a node that offloads is called able, and each fault has its own name. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { runInBox } from "./box.js";
import type { Opinions } from "./scenarios/doctor.js";
import { describeInBox } from "./with-box.js";

const limitSeconds = 400;

describeInBox("doctor in the box", () => {
  let opinions: Opinions;

  beforeAll(
    async () => {
      const out = mkdtempSync(join(tmpdir(), "railfence-box-doctor-"));
      const { value } = await runInBox({ scenario: "doctor", out, limitSeconds });
      opinions = value as Opinions;
      // after a run that failed the logs are kept: its message says where
      rmSync(out, { recursive: true });
    },
    (limitSeconds + 200) * 1000,
  );

  test("a node that offloads is able to", () => {
    const { exitCode, diagnosis, problem, ok } = opinions["healthy"] ?? expect.fail("not asked");
    expect({ exitCode, diagnosis, problem }).toEqual({
      exitCode: 0,
      diagnosis: "able",
      problem: [],
    });
    // the real cookies of tc's filters lead back to the real megaflows
    expect(ok).toEqual(
      expect.arrayContaining(["flow-api-on", "switchdev", "tc-offload-on", "ingress-qdisc"]),
    );
    expect(ok).toEqual(expect.arrayContaining(["filters-owned", "one-nic", "inventory-fits"]));
  });

  test("filters of a port that left its bridge while ovs-vswitchd was down are nobody's, and still in the NIC", () => {
    const { exitCode, problem, words } = opinions["orphan-filters"] ?? expect.fail("not asked");
    expect(exitCode).toBe(3);
    expect(problem).toContain("orphan-filters");
    expect(words).toContainEqual(
      expect.stringMatching(
        /^problem: \d+ flower filters? belongs? to no megaflow: `dev pf0vf1 pref/,
      ),
    );
  });

  test("faults at once are told apart, and each is named", () => {
    const { exitCode, problem } = opinions["several-faults"] ?? expect.fail("not asked");
    expect(exitCode).toBe(3);
    expect(problem).toEqual([
      ...["ingress-qdisc-missing", "inventory-port-elsewhere"],
      ...["representors-elsewhere", "tc-offload-off"],
    ]);
  });
});
