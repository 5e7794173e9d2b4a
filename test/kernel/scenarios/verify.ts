/** What verify says in the box: of a healthy node, and then of one fault after the other. One boot for all. */

import type { Box } from "../guest/box.js";
import { type Fault, Laboratory, type Outcome } from "../guest/faults.js";
import type { Answer } from "../guest/railfence.js";
import { sh, shell } from "../guest/shell.js";
import { type Watched, watchThroughFault } from "../guest/watching.js";
import { makeWorld } from "../guest/world.js";

export interface Report {
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** What doctor says of the node, at some of the same times. */
  readonly doctor: Readonly<Record<string, Answer>>;
  readonly watched: Watched;
}

export async function scenario(box: Box): Promise<Report> {
  const world = await makeWorld(box);
  const laboratory = new Laboratory(box, world);
  await laboratory.install();
  const outcomes: Record<string, Outcome> = {};
  const doctor: Record<string, Answer> = {};
  outcomes["healthy"] = await laboratory.observe("healthy");
  doctor["healthy"] = await laboratory.askDoctor("healthy");
  const watched = await watchThroughFault(box, world);
  for (const [name, fault] of Object.entries(faultsOf(laboratory)))
    outcomes[name] = await laboratory.observe(name, fault);

  // the same refusal, seen by Open vSwitch this time
  await laboratory.restart({ "tc-policy": "skip_sw" });
  for (const module of ["netlink_socket", "dpif_netlink"])
    await box.appctl("vlog/set", `${module}:file:dbg`);
  outcomes["refused-key-skip-sw"] = await laboratory.observe("refused-key-skip-sw", {
    rail: "pf1",
    nic: { refused_keys: "ports" },
  });
  await laboratory.restart({ "hw-offload": "false", "tc-policy": "none" });
  doctor["hw-offload-off"] = await laboratory.askDoctor("hw-offload-off");
  outcomes["hw-offload-off"] = await laboratory.observe("hw-offload-off", { rail: "pf1" });

  await laboratory.restart({ "hw-offload": "true" });
  const inventory = await laboratory.seatOnOtherNic();
  outcomes["other-nic"] = await laboratory.observe("other-nic", { rail: "pf1", inventory });
  return { outcomes, doctor, watched };
}

function faultsOf(laboratory: Laboratory): Record<string, Fault> {
  const rail = "pf1";
  const flow = ["priority=65000,udp,in_port=pf1vf0,tp_dst=4791", "actions=output:pf1vf2"];
  return {
    idle: { rail, silent: true },
    "table-full": { rail, nic: { table_size: 12 } },
    "refused-key": { rail, nic: { refused_keys: "ports" } },
    "refused-action": { rail: "pf0", nic: { refused_actions: "rewrite" } },
    "port-offload-off": {
      rail,
      begin: () => sh("ethtool -K pf1vf0 hw-tc-offload off"),
      end: () => sh("ethtool -K pf1vf0 hw-tc-offload on"),
    },
    lying: { rail, nic: { lying: true }, needsTime: true },
    "frozen-counters": { rail, nic: { frozen_counters: true }, kinds: ["roce"] },
    "delayed-install": {
      rail,
      nic: { install_delay_ms: 600_000 },
      kinds: ["roce"],
      needsTime: true,
    },
    // the NIC compares less than it was asked to: nothing on the node can see that
    "wider-mask": { rail, nic: { ignored_keys: "ports" }, kinds: ["roce", "near-roce"] },
    "stealing-flow": {
      rail,
      begin: () => shell("ovs-ofctl", "add-flow", "br-pf1", flow.join(",")),
      end: () => shell("ovs-ofctl", "--strict", "del-flows", "br-pf1", flow[0] ?? ""),
    },
    "forged-megaflow": {
      rail,
      kinds: ["roce"],
      meddle: () =>
        laboratory.forgeMegaflow(
          "recirc_id(0),in_port(pf1vf0),eth(src=0a:58:0a:66:00:10,dst=0a:58:0a:66:00:12)," +
            "eth_type(0x0800),ipv4(src=10.102.0.16,dst=10.102.0.18,proto=6,frag=no),tcp(dst=22)",
          "pf1vf2",
        ),
      end: () => laboratory.forgetMegaflows(),
    },
    "stale-megaflow": {
      rail: "pf0",
      kinds: ["roce"],
      meddle: () =>
        laboratory.forgeMegaflow(
          "recirc_id(0),in_port(pf0vf0),eth(src=0a:58:0a:65:00:10,dst=0c:42:a1:00:00:01)," +
            "eth_type(0x0800),ipv4(src=10.101.0.16,dst=10.101.8.16,proto=6,frag=no),tcp(dst=50063)",
          "set(eth(src=0c:42:a1:00:00:01,dst=0c:42:a1:ff:00:99)),p0",
        ),
      end: () => laboratory.forgetMegaflows(),
    },
  };
}
