/**
 * `npm run demo`: a private Open vSwitch, the sample policy, a dozen packets, and the verdict; then the same on a node in
 * a box that has eSwitches, unless `--quick` is given. Needs no NIC, and root only to install what the box needs.
 */

import { readFileSync } from "node:fs";
import { main } from "../../src/cli/main.js";
import type { Frame } from "../../src/net/packet.js";
import { checkPolicy } from "../../src/policy/check.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import { explainConnection } from "../../src/policy/connection.js";
import { decide } from "../../src/policy/decide.js";
import type { Decision } from "../../src/policy/decision.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { loadPolicy } from "../../src/policy/load.js";
import { readInventory } from "../../src/policy/read-inventory.js";
import { type PrivateSwitch, startPrivateSwitch } from "../../src/switch/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";
import { startBox } from "./box.js";
import { printColumns } from "./columns.js";
import { send } from "./observe.js";
import { type DemoPacket, packetsFor } from "./packets.js";

const begun = performance.now();
// the private switch stops with this process, however it exits
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(130));
const box = process.argv.includes("--quick") ? undefined : startBox();
const ovs = await startPrivateSwitch({ bridges: sampleBridges });
process.env["OVS_RUNDIR"] = ovs.runDirectory;
try {
  await demonstrate(ovs);
} finally {
  await ovs.stop();
}
if (box === undefined) say("The second half, a node in a box, is left out: --quick.");
else {
  await box.show(say);
  say(`The whole demo took ${seconds()} s. More of the box: test/kernel/README.md.`);
}

function seconds(): string {
  return ((performance.now() - begun) / 1000).toFixed(0);
}

async function demonstrate(ovs: PrivateSwitch): Promise<void> {
  const { policy, inventory } = await sample();
  const node = ["--inventory", sampleInventory, "--node", sampleNode];
  say(
    `A private Open vSwitch, run directory ${ovs.runDirectory}, with the two bridges of node ${sampleNode}:\n` +
      "rail pf1 is routed, rail pf2 is bridged.",
  );
  say("The policy, without its tests:\n");
  say(rulesOf(readFileSync(`${samplePolicy}/acp.policy`, "utf8")));
  await run(["check", samplePolicy]);
  await run(["install", samplePolicy, ...node]);

  say(
    "Twelve packets, each sent five times (RoCEv2: from five UDP source ports). What leaves no port was dropped.\n",
  );
  const rows: string[][] = [];
  let wrong = 0;
  for (const packet of packetsFor(inventory, sampleNode)) {
    const { row, isRight } = await sendOne(ovs, policy, inventory, packet);
    rows.push(row);
    if (!isRight) wrong++;
  }
  say(printColumns([["rail", "from", "to", "what", "the switch", "because"], ...rows]));
  say(
    wrong === 0
      ? "\nEach did what the policy says.\n"
      : `\n${wrong} did NOT do what the policy says.\n`,
  );
  if (wrong > 0) process.exitCode = 1;

  const code = await run(["verify", samplePolicy, ...node]);
  say(
    `Exit code ${code}: this switch has no NIC, so the rules in use are in software. ` +
      "On a node with an eSwitch and hw-offload they read `offloaded`.",
  );
  say("The private switch is gone.\n");
}

async function sendOne(
  ovs: PrivateSwitch,
  policy: CheckedPolicy,
  inventory: Inventory,
  packet: DemoPacket,
): Promise<{ row: string[]; isRight: boolean }> {
  const { rail, port, frames } = packet;
  const [frame] = frames;
  if (frame === undefined) throw new Error("nothing to send");
  const decision = decide(policy, inventory, { node: sampleNode, rail, port, frame });
  const ports = inventory.nodes.get(sampleNode)?.rails.get(rail);
  if (ports === undefined || port === "host") throw new Error(`no rail ${rail}`);
  const nameOf = (one: typeof port) => (one === "uplink" ? ports.uplink : one.representor);
  const left = await send(ovs, nameOf(port), frames);
  const expected =
    decision.kind === "deliver" && decision.to !== "host" ? [nameOf(decision.to)] : [];
  const isRight = left.join() === expected.join();
  const did = left.length === 0 ? "dropped" : `out of ${left.join(", ")}`;
  return {
    row: [
      rail,
      packet.from,
      packet.to,
      packet.what,
      isRight ? did : `${did} (WRONG)`,
      reasonOf(decision, denialOf(policy, inventory, rail, frame)),
    ],
    isRight,
  };
}

/** The deny rule that speaks of the packet, if any. */
function denialOf(
  policy: CheckedPolicy,
  inventory: Inventory,
  rail: string,
  { body }: Frame,
): string | undefined {
  if (body.kind !== "ip" || body.transport?.kind !== "ports") return undefined;
  const { source: opener, destination: answerer, protocol } = body;
  const connection = { rail, opener, answerer, protocol, selector: body.transport.destination };
  const [rule] = explainConnection(policy, inventory, connection).denies;
  return rule === undefined ? undefined : sentenceOf(rule.text);
}

function reasonOf(decision: Decision, denial: string | undefined): string {
  if (decision.kind === "deliver")
    return decision.rules.map(({ text }) => sentenceOf(text)).join("; ");
  if (decision.kind === "answer") return "answered by the bridge";
  switch (decision.reason) {
    case "no-rule":
      return denial ?? "no rule allows it";
    case "source-address":
      return "that address belongs to another pod";
    default:
      return decision.reason;
  }
}

/** A rule without its owner, reason and end. */
function sentenceOf(text: string): string {
  return text.replace(/ (owner|because|until) .*$/, "");
}

function rulesOf(text: string): string {
  const [definitions = ""] = text.split(/^test /m);
  return `${definitions.trimEnd().replace(/^(?=.)/gm, "    ")}\n`;
}

async function sample(): Promise<{ policy: CheckedPolicy; inventory: Inventory }> {
  const { files } = await loadPolicy([`${samplePolicy}/acp.policy`], (path) =>
    readFileSync(path, "utf8"),
  );
  const today = new Date().toISOString().slice(0, 10);
  const { policy } = checkPolicy(files, { today });
  const { inventory } = readInventory({
    name: sampleInventory,
    text: readFileSync(sampleInventory, "utf8"),
  });
  if (policy === undefined || inventory === undefined) throw new Error("the sample is broken");
  return { policy, inventory };
}

async function run(words: readonly string[]): Promise<number> {
  say(`$ railfence ${words.join(" ")}`);
  const code = await main(words);
  say("");
  return code;
}

function say(text: string): void {
  console.log(text);
}
