/** `npm run demo -- --quick` as its user runs it, and interrupts it. What follows without it: test/kernel/box.test.ts. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { describeWithOpenVswitch } from "../support/private-switch.js";

describeWithOpenVswitch("npm run demo", () => {
  test("every packet does what the policy says, and the private switch is gone", async () => {
    const { code, printed } = await demo();
    expect(printed).toContain("Each did what the policy says.");
    expect(printed).toMatch(/^gpu-001 pf1 \(br-pf1\): 3 rules: 3 software-ovs$/m);
    expect(code).toBe(0);
  });

  test("Ctrl-C in the middle leaves no process and no folder behind", async () => {
    const { code, printed } = await demo({ interruptAt: /packets/ });
    expect(code).toBe(130);
    const folder = /run directory (\S+)/.exec(printed)?.[1];
    expect(folder).toBeDefined();
    expect(existsSync(folder ?? "")).toBe(false);
  });
});

interface Ended {
  readonly code: number | null;
  readonly printed: string;
}

function demo(options: { interruptAt?: RegExp } = {}): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", "test/demo/demo.ts", "--quick"]);
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      printed += String(chunk);
      if (options.interruptAt?.test(printed)) child.kill("SIGINT");
    });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, printed })));
}
