/** The second half of the demo: the node in a box (test/kernel/), where there is an eSwitch to be verified. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BoxRun, runInBox } from "../kernel/box.js";
import { repository, whyNot } from "../kernel/readiness.js";
import type { DemoInBox } from "../kernel/scenarios/demo.js";

export interface StartedBox {
  /** Waits for the end, with its progress on stderr, and prints what was seen; says why where it cannot run. */
  readonly show: (print: (text: string) => void) => Promise<void>;
}

type Ending = { readonly run: BoxRun } | { readonly whyNot: string };

/** Boots beside whatever else is done, and is silent until it is shown. */
export function startBox(): StartedBox {
  let say: ((line: string) => void) | undefined;
  const early: string[] = [];
  const hear = (line: string) => (say === undefined ? early.push(line) : say(line));
  const out = mkdtempSync(join(tmpdir(), "railfence-demo-"));
  const ending = run(out, hear);
  // what went wrong is told when it is shown
  ending.catch(() => undefined);
  return {
    show: async (print) => {
      print(
        "A node in a box: Debian's own kernel in QEMU, with its tc-flower and a driver that plays a NIC with two\n" +
          "eSwitches. Real pods, real packets; it has been booting since the demo began.\n",
      );
      say = (line) => console.error(`  ${line}`);
      for (const line of early) say(line);
      const ended = await ending;
      if ("whyNot" in ended) {
        print(`The second half is left out: ${ended.whyNot}.`);
        return;
      }
      for (const piece of ended.run.value as DemoInBox) print(piece);
      rmSync(out, { recursive: true });
    },
  };
}

async function run(out: string, say: (line: string) => void): Promise<Ending> {
  if ((await whyNot()) !== undefined && mayInstall()) await install(say);
  const reason = await whyNot();
  if (reason !== undefined) return { whyNot: reason };
  return { run: await runInBox({ scenario: "demo", limitSeconds: 480, out, say }) };
}

/** What apt has to say is told only where it fails. */
function install(say: (line: string) => void): Promise<void> {
  const child = spawn("test/support/set-up.sh", ["box"], {
    cwd: repository,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (line.startsWith("set-up:")) say(line);
  });
  return new Promise((fulfil) => {
    child.once("close", (code) => {
      if (code !== 0) for (const line of lines.slice(-8)) say(line);
      fulfil();
    });
  });
}

/** Nobody is asked for a password in a demo. */
function mayInstall(): boolean {
  if (process.getuid?.() === 0) return true;
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
}
