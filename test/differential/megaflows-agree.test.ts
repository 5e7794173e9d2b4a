/**
 * Verify against megaflows that a real Open vSwitch made: it must find nothing wrong with any of them, whatever the
 * policy and the packets, and must notice when one is changed.
 */

import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { readFlows } from "../../src/openflow/read.js";
import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { portNamesOf } from "../../src/verify/port-names.js";
import type { RailVerdict } from "../../src/verify/verdict.js";
import { type VerifyInput, verifyRail } from "../../src/verify/verify-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { type ArrivalPort, randomArrival } from "../support/random-frame.js";
import { randomWorld, worldRepresentors } from "../support/random-world.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261123);
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 20);
const framesPerRail = 60;

describeWithOpenVswitch("megaflows of a real switch", () => {
  test(`are as the policy says, in ${worlds} worlds, until one is changed (seed ${seed})`, {
    timeout: 900_000,
  }, async () => {
    const random = new Random(seed);
    let seen = 0;
    let changed = 0;
    for (let index = 0; index < worlds; index++) {
      const world = await randomWorld(random);
      for (const rail of world.inventory.rails.keys()) {
        const { policy, inventory, node } = world;
        const compiled = compileRail(policy, inventory, { node, rail });
        const { bridge, uplink } = compiled.ports;
        const started = await testSwitch({
          bridges: [{ name: bridge, ports: [uplink, ...worldRepresentors] }],
        });
        const ovs = new OpenVswitch({ runDirectory: started.runDirectory });
        await install(ovs, compiled);
        for (let count = 0; count < framesPerRail; count++) {
          const { port, frame } = randomArrival(random, world, rail);
          await started.inject(nameOf(port, compiled), frame);
        }
        const dump = await started.dumpMegaflows();
        const { flows } = readFlows({ name: "flows", text: await ovs.dumpFlows(bridge) });
        const portNames = portNamesOf(await ovs.portNumbers(bridge));
        await started.stop();
        const verdictOf = (text: string): RailVerdict => {
          const { source, megaflows, problems } = readMegaflows({ name: "dump", text });
          const unreadable = problems.map((problem) => ({ ...problem, source }));
          const input: VerifyInput = {
            policy,
            inventory,
            compiled,
            flows,
            portNames,
            megaflows,
            unreadable,
          };
          return verifyRail(input);
        };
        const { findings } = verdictOf(dump);
        expect(findings, `${world.policyText}\n${world.inventoryText}\n${dump}`).toEqual([]);
        const lines = dump.split("\n");
        for (const [at, line] of lines.entries()) {
          if (!line.startsWith("ufid:") || line.includes("userspace(")) continue;
          seen++;
          const other = line.replace(/actions:[^ ]*/, (actions) =>
            actions.endsWith(":drop,") ? "actions:v5," : "actions:drop,",
          );
          if (other === line || line.includes("in_port(v5)")) continue;
          changed++;
          const verdict = verdictOf(lines.with(at, other).join("\n"));
          expect(verdict.findings, other).toHaveLength(1);
        }
      }
    }
    expect(seen).toBeGreaterThan(worlds * 20);
    expect(changed).toBeGreaterThan(worlds * 20);
  });
});

function nameOf(port: ArrivalPort, { ports }: CompiledRail): string {
  if (port === "host") return ports.bridge;
  return port === "uplink" ? ports.uplink : port.representor;
}
