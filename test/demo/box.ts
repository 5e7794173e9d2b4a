/** The second half of the demo: the node in a box (test/kernel/), where there is an eSwitch to be verified. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInBox } from "../kernel/box.js";
import { repository, whyNot } from "../kernel/readiness.js";
import type { DemoInBox } from "../kernel/scenarios/demo.js";

/** Prints it as `say` gets it; says why where it cannot be run. */
export async function demonstrateBox(say: (text: string) => void): Promise<void> {
  if ((await whyNot()) !== undefined && mayInstall())
    spawnSync("test/support/set-up.sh", ["box"], {
      cwd: repository,
      stdio: ["ignore", "inherit", "inherit"],
    });
  const reason = await whyNot();
  if (reason !== undefined) {
    say(`The second half, a node with two eSwitches in QEMU, is left out: ${reason}.`);
    return;
  }
  say(
    "A node in a box: Debian's own kernel in QEMU, with its tc-flower and a driver that plays a NIC with two\n" +
      "eSwitches. Real pods, real packets, about a minute.\n",
  );
  const out = mkdtempSync(join(tmpdir(), "railfence-demo-"));
  const { value, seconds } = await runInBox({
    scenario: "demo",
    limitSeconds: 480,
    out,
    say: (line) => console.error(`  ${line}`),
  });
  for (const piece of value as DemoInBox) say(piece);
  say(`The box ran ${seconds.toFixed(0)} s and is off. More of it: test/kernel/README.md.`);
  rmSync(out, { recursive: true });
}

/** Nobody is asked for a password in a demo. */
function mayInstall(): boolean {
  if (process.getuid?.() === 0) return true;
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
}
