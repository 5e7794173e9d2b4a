/** What verify says in the box: of a healthy node, and then of one fault after the other. */

import type { Box } from "../guest/box.js";
import { railfence } from "../guest/railfence.js";
import { sh, sleep } from "../guest/shell.js";
import { converse } from "../guest/traffic.js";
import { verify } from "../guest/verdict.js";
import { inventoryFile, makeWorld, node, policyFile } from "../guest/world.js";

/** Counters come to tc within a second (as mlx5 reads them) and to Open vSwitch half a second later. */
const settleMs = 2500;

export async function scenario(box: Box): Promise<unknown> {
  const world = await makeWorld(box);
  const words = [policyFile, "--inventory", inventoryFile, "--node", node];
  const install = await railfence("install", ...words);
  box.say(`railfence install: ${install.exitCode} ${install.stderr}`);
  const told = await converse(world);
  box.say("everybody has spoken");
  await sleep(settleMs);
  const verified = await verify();
  box.say(`verify ends with ${verified.exitCode}`);
  box.keep("dump.txt", await box.appctl("dpctl/dump-flows", "-m"));
  for (const port of ["pf0vf0", "pf1vf0", "p0", "p1"])
    box.keep(`tc-${port}.json`, await sh(`tc -s -j filter show dev ${port} ingress`));
  const hits = box.tally("hits"),
    misses = box.tally("misses");
  return { install, told, verified, hits, misses };
}
