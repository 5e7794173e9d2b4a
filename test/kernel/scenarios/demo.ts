/** The end of `npm run demo`: one rail in hardware, and one fault explained, as an operator would see it. */

import type { Box } from "../guest/box.js";
import { Laboratory } from "../guest/faults.js";
import { railfence } from "../guest/railfence.js";
import { sh } from "../guest/shell.js";
import type { Told } from "../guest/traffic.js";
import { inventoryFile, makeWorld, node, policyFile } from "../guest/world.js";

/** What is printed, one piece after the other. */
export type DemoInBox = readonly string[];

const rail = "pf1";
const words = [policyFile, "--inventory", inventoryFile, "--node", node, "--rail", rail];

export async function scenario(box: Box): Promise<DemoInBox> {
  return demonstrate(box, new Laboratory(box, await makeWorld(box)));
}

export async function demonstrate(box: Box, laboratory: Laboratory): Promise<DemoInBox> {
  const shown: string[] = [];
  shown.push(await session("install"));
  box.say("pods speak through their VFs");
  shown.push(summaryOf(await laboratory.speak({ rail })));
  const dump = await box.appctl("dpctl/dump-flows", "-m");
  const line = dump.split("\n").find((each) => each.includes("offloaded:yes, dp:tc"));
  shown.push(`$ ovs-appctl dpctl/dump-flows -m\n${line ?? "(nothing is offloaded)"}\n...\n`);
  shown.push(await session("verify"));

  box.say("the same with a port whose hw-tc-offload is off");
  await sh("ethtool -K pf1vf0 hw-tc-offload off");
  shown.push("Now a fault: one port does not offload.\n\n$ ethtool -K pf1vf0 hw-tc-offload off\n");
  shown.push(summaryOf(await laboratory.speak({ rail })));
  shown.push(await session("verify"));
  return shown;
}

async function session(command: string): Promise<string> {
  const { exitCode, stdout } = await railfence(command, ...words);
  return `$ railfence ${command} ${words.join(" ")}\n${stdout}(exit code ${exitCode})\n`;
}

function summaryOf(told: readonly Told[]): string {
  const allowed = told.filter(({ isAllowed }) => isAllowed);
  const forbidden = told.filter(({ isAllowed }) => !isAllowed);
  const complete = allowed.filter(({ sent, arrived }) => sent === arrived).length;
  const leaked = forbidden.filter(({ arrived }) => arrived > 0).length;
  return (
    `Pods have spoken: of ${allowed.length} conversations that the policy allows, ${complete} arrived in full; ` +
    `of ${forbidden.length} that it does not, ${leaked === 0 ? "none arrived" : `${leaked} ARRIVED`}.\n`
  );
}
