/**
 * The node in a box: the full loop on a real kernel, a real tc-flower path and an eSwitch that can fail. One boot for
 * all of it: the scenario has run when the first test begins.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readExposition } from "../support/exposition.js";
import { runInBox } from "./box.js";
import type { Outcome } from "./guest/faults.js";
import type { Told } from "./guest/traffic.js";
import type { VerifiedRail, VerifiedRule } from "./guest/verdict.js";
import type { Report } from "./scenarios/verify.js";
import { testWatching } from "./test-watching.js";
import { describeInBox } from "./with-box.js";

/** Far more than it needs: software emulation on a busy machine is slow. */
const limitSeconds = 1200;

const tenants = "allow each tenant <-> itself : ping, roce";
const nccl = "allow search <-> search : nccl";
const nfs = "allow search -> storage : nfs";

describeInBox("a node in a box", () => {
  const out = mkdtempSync(join(tmpdir(), "railfence-box-"));
  let report: Report | undefined;

  beforeAll(
    async () => {
      const { value } = await runInBox({ scenario: "verify", out, limitSeconds });
      report = value as Report;
    },
    (limitSeconds + 60) * 1000,
  );
  // after a run that failed the logs are kept: its message says where
  afterAll(() => report !== undefined && rmSync(out, { recursive: true }));

  const outcome = (name: string): Outcome => {
    const found = report?.outcomes[name];
    if (found === undefined) throw new Error(`the scenario has no ${name}`);
    return found;
  };
  const rail = (name: string, at = "pf1"): VerifiedRail => {
    const found = outcome(name).verified.rails[at];
    if (found === undefined) throw new Error(`verify says nothing of ${at}`);
    return found;
  };
  const rule = (name: string, text: string, at = "pf1"): VerifiedRule => {
    const found = rail(name, at).rules[text];
    if (found === undefined) throw new Error(`verify says nothing of ${text}`);
    return found;
  };
  const statesOf = ({ states }: VerifiedRule) => Object.keys(states).sort();
  const codes = ({ reasons }: VerifiedRule) => [
    ...new Set(Object.keys(reasons).map((words) => words.split(":")[0])),
  ];

  describe("healthy", () => {
    test("what is allowed arrives, on both rails, in both families; what is not does not", () => {
      const { told } = outcome("healthy");
      expect(told.filter(({ isAllowed }) => isAllowed).length).toBeGreaterThan(30);
      expect(told.filter(({ isAllowed }) => !isAllowed).length).toBeGreaterThan(15);
      expect(told.filter(isWrong)).toEqual([]);
    });

    test("verify ends with 0 and without findings", () => {
      const { exitCode, rails } = outcome("healthy").verified;
      expect(Object.values(rails).flatMap(({ findings }) => findings)).toEqual([]);
      expect(exitCode).toBe(0);
    });

    test.each([
      ["pf0", [tenants, nccl, nfs]],
      ["pf1", [tenants, nccl]],
    ])("every connection of %s is in hardware, and the NIC's counters confirm it", (at, rules) => {
      for (const text of rules) {
        const verified = rule("healthy", text, at);
        expect(verified.state).toBe("offloaded");
        expect(statesOf(verified)).toEqual(["offloaded"]);
        expect(Object.keys(verified.confirmations)).toEqual(["confirmed"]);
      }
    });

    test.each(["pf0", "pf1"])("drops of %s are in hardware, too", (at) => {
      const { megaflows, states } = rail("healthy", at).denied;
      expect(megaflows).toBeGreaterThan(0);
      // neighbour discovery cannot be expressed in tc, nor can its drops
      expect(states["offloaded"]).toBeGreaterThan(megaflows / 2);
      expect(states["software-tc"]).toBe(0);
    });
  });

  describe("doctor", () => {
    test.each([
      ["healthy", 0, "able to offload"],
      ["hw-offload-off", 3, "hw-offload"],
    ])("%s: ends with %i", (name, exitCode, words) => {
      const answer = report?.doctor[name];
      expect(answer?.stdout).toContain(words);
      expect(answer?.exitCode).toBe(exitCode);
    });
  });

  describe("nothing is wrong that verify could see", () => {
    test("nobody speaks: idle is no verdict", () => {
      expect(outcome("idle").verified.exitCode).toBe(0);
      expect(Object.values(rail("idle").rules).map(({ state }) => state)).toEqual([
        ...["idle", "idle", "idle"],
      ]);
    });

    test("counters stand still: offloaded, and not confirmed", () => {
      const { state, confirmations } = rule("frozen-counters", tenants);
      expect(state).toBe("offloaded");
      expect(Object.keys(confirmations)).toEqual(["open: no-packets"]);
    });

    test("the NIC compares less than it was asked to: what is forbidden arrives, and all agree that it is fine", () => {
      const { told, verified } = outcome("wider-mask");
      const forbidden = told.filter(({ kind }) => kind === "near-roce");
      expect(forbidden.some(({ arrived }) => arrived > 0)).toBe(true);
      expect(verified.exitCode).toBe(0);
    });
  });

  describe("a fault of the NIC", () => {
    test("traffic goes on in software, whatever the NIC refuses", () => {
      const names = ["table-full", "refused-key", "refused-action", "port-offload-off", "lying"];
      for (const name of [...names, "refused-key-skip-sw", "hw-offload-off", "other-nic"])
        expect([name, outcome(name).told.filter(isWrong)]).toEqual([name, []]);
    });

    test("the table is full: what fits is in hardware, the rest is not, and the rules are named", () => {
      expect(outcome("table-full").verified.exitCode).toBe(3);
      for (const text of [tenants, nccl]) {
        expect(rule("table-full", text)).toMatchObject({ state: "software-tc" });
        expect(codes(rule("table-full", text))).toEqual(["table-full"]);
      }
      const [finding] = rail("table-full").findings;
      expect(finding?.kind).toBe("table-full");
      const fit = Number(/no room: (\d+) megaflows/.exec(finding?.message ?? "")?.[1]);
      expect(fit).toBeGreaterThan(0);
      expect(fit).toBeLessThanOrEqual(12);
    });

    test("it refuses to match ports: ping stays in hardware", () => {
      expect(outcome("refused-key").verified.exitCode).toBe(3);
      expect(statesOf(rule("refused-key", nccl))).toEqual(["software-tc"]);
      expect(statesOf(rule("refused-key", tenants))).toEqual(["offloaded", "software-tc"]);
      // with tc-policy none the driver's word reaches nobody, but what it took tells; with skip_sw it does
      expect(new Set(codes(rule("refused-key", nccl)))).toEqual(new Set(["nic-refuses"]));
      expect(rule("refused-key-skip-sw", nccl)).toMatchObject({ state: "software-ovs" });
      expect(codes(rule("refused-key-skip-sw", nccl))).toContain("nic-refuses");
    });

    test("it refuses to rewrite: a routed rail has nothing in hardware but its drops", () => {
      expect(outcome("refused-action").verified.exitCode).toBe(3);
      for (const text of [tenants, nccl, nfs]) {
        expect(rule("refused-action", text, "pf0").state).toBe("software-tc");
        expect(codes(rule("refused-action", text, "pf0"))).toEqual(["nic-refuses"]);
      }
      expect(rail("refused-action", "pf0").denied.states["software-tc"]).toBe(0);
    });

    test("hw-tc-offload of one port is off: what comes in there is in software", () => {
      expect(outcome("port-offload-off").verified.exitCode).toBe(3);
      expect(codes(rule("port-offload-off", nccl))).toEqual(["port-offload-off"]);
      expect(statesOf(rule("port-offload-off", nccl))).toEqual(["offloaded", "software-tc"]);
    });

    test.each([["lying"], ["delayed-install"]])(
      "%s: `offloaded:yes, dp:tc` is not believed where only the CPU counts",
      (name) => {
        expect(outcome(name).verified.exitCode).toBe(3);
        const { state, confirmations } = rule(name, tenants);
        expect(state).toBe("accepted-only");
        expect(Object.keys(confirmations)).toEqual(["contradicted"]);
        expect(codes(rule(name, tenants))).toEqual(["not-forwarding"]);
      },
    );

    test("a pod's VF is on the other NIC", () => {
      expect(outcome("other-nic").verified.exitCode).toBe(3);
      expect(codes(rule("other-nic", nccl))).toContain("other-nic");
      expect(rule("other-nic", nccl).states["offloaded"]).toBeGreaterThan(0);
    });
  });

  describe("verify that stays", () => {
    testWatching(() => report?.watched ?? expect.fail("the scenario has not watched"));

    test("--metrics FILE has what the verdict says", () => {
      for (const name of ["healthy", "port-offload-off"]) {
        const { metrics } = outcome(name).verified;
        const found = readExposition(metrics).get("railfence_rule_connections")?.samples ?? [];
        for (const [text, { states }] of Object.entries(rail(name).rules)) {
          const mine = found.filter(
            ({ labels, value }) => labels["rail"] === "pf1" && labels["rule"] === text && value > 0,
          );
          const counts = mine.map(({ labels, value }) => [labels["state"], value]);
          expect([name, Object.fromEntries(counts)]).toEqual([name, states]);
        }
      }
    });
  });

  describe("a fault of the switch", () => {
    test("hw-offload is off", () => {
      expect(outcome("hw-offload-off").verified.exitCode).toBe(3);
      expect(rule("hw-offload-off", tenants).state).toBe("software-ovs");
      expect(codes(rule("hw-offload-off", tenants))).toEqual(["hw-offload-off"]);
    });

    test("a flow added by hand steals traffic, in hardware", () => {
      expect(outcome("stealing-flow").verified.exitCode).toBe(3);
      expect(rail("stealing-flow").findings.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(["foreign-flow", "leak"]),
      );
    });

    test.each([
      ["forged-megaflow", "pf1", "leak"],
      ["stale-megaflow", "pf0", "stale"],
    ])("%s: a finding of %s, %s", (name, at, kind) => {
      expect(outcome(name).verified.exitCode).toBe(3);
      expect(rail(name, at).findings.map((finding) => finding.kind)).toContain(kind);
    });
  });
});

describeInBox("the box ends", () => {
  test("at its time limit, and leaves no QEMU behind", async () => {
    const out = mkdtempSync(join(tmpdir(), "railfence-box-"));
    await expect(runInBox({ scenario: "smoke", out, limitSeconds: 3 })).rejects.toThrow(
      "the box was not done after 3 s and was ended",
    );
    expect(commandLines().filter((line) => line.includes(out))).toEqual([]);
    rmSync(out, { recursive: true });
  });

  test("before it begins, where there is no such scenario", async () => {
    const out = mkdtempSync(join(tmpdir(), "railfence-box-"));
    await expect(runInBox({ scenario: "nothing", out })).rejects.toThrow("there is no scenario");
    rmSync(out, { recursive: true });
  });
});

/** Of all processes that can be seen. */
function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });
}

function isWrong({ isAllowed, sent, arrived }: Told): boolean {
  return isAllowed ? arrived !== sent : arrived !== 0;
}
