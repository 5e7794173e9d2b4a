/** The private switch itself: it starts, answers, and leaves nothing. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { parseAddress } from "../../src/net/address.js";
import { parseMac } from "../../src/net/mac.js";
import type { Frame } from "../../src/net/packet.js";
import { printTraceFrame } from "../../src/switch/frame-text.js";
import { type PrivateSwitch, startPrivateSwitch } from "../../src/switch/private-switch.js";
import { startTimeOf } from "../../src/switch/process-identity.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const bridges = [
  { name: "br-pf1", ports: ["p0", "pf0vf0"] },
  { name: "br-pf2", ports: ["p1"] },
];

const address = (text: string) => parseAddress(text) ?? expect.fail(text);
const mac = (text: string) => parseMac(text) ?? expect.fail(text);

const roce: Frame = {
  source: mac("0a:58:0a:65:00:05"),
  destination: mac("0a:58:0a:65:00:06"),
  body: {
    kind: "ip",
    source: address("10.101.0.5"),
    destination: address("10.101.0.6"),
    protocol: 17,
    fragment: "no",
    timeToLive: 64,
    typeOfService: 0,
    transport: { kind: "ports", source: 51234, destination: 4791 },
  },
};

const frames: Readonly<Record<string, Frame>> = {
  roce,
  "a tagged frame": { ...roce, vlan: 7 },
  "a later fragment": {
    ...roce,
    body: {
      kind: "ip",
      source: address("10.101.0.5"),
      destination: address("10.101.0.6"),
      protocol: 17,
      fragment: "later",
      timeToLive: 3,
      typeOfService: 0x20,
    },
  },
  "a TCP answer": {
    ...roce,
    body: {
      ...(roce.body as Extract<Frame["body"], { kind: "ip" }>),
      protocol: 6,
      transport: { kind: "ports", source: 2049, destination: 900, tcpFlags: 0x12 },
    },
  },
  "a neighbour solicitation": {
    ...roce,
    body: {
      kind: "ip",
      source: address("fd00::1"),
      destination: address("ff02::1:ff00:2"),
      protocol: 58,
      fragment: "no",
      timeToLive: 255,
      typeOfService: 0,
      transport: {
        kind: "icmp",
        type: 135,
        code: 0,
        neighbour: { target: address("fd00::2"), sourceLinkLayer: mac("0a:58:0a:65:00:05") },
      },
    },
  },
  "an ARP request": {
    ...roce,
    body: {
      kind: "arp",
      operation: 1,
      senderMac: mac("0a:58:0a:65:00:05"),
      senderAddress: address("10.101.0.5"),
      targetMac: 0n,
      targetAddress: address("10.101.0.1"),
    },
  },
  LLDP: { ...roce, body: { kind: "other", etherType: 0x88cc } },
};

describeWithOpenVswitch("a private switch", () => {
  let own: PrivateSwitch;
  beforeAll(async () => {
    own = await testSwitch({ bridges });
  });

  test("gives each port the number of its place", async () => {
    expect(await own.ofctl("dump-ports-desc", "br-pf1")).toMatch(/ 1\(p0\)[\s\S]* 2\(pf0vf0\)/);
  });

  test("makes a megaflow of an injected packet", async () => {
    await own.ofctl("add-flow", "br-pf1", "in_port=2,udp,tp_dst=4791 actions=output:1");
    await own.inject("pf0vf0", roce);
    await expect
      .poll(() => own.dumpMegaflows())
      .toMatch(/in_port\(pf0vf0\).*udp\(.*dst=4791\).*actions:p0/);
  });

  test.each(Object.entries(frames))("the two texts of %s are one packet", async (_, frame) => {
    // the flow matches every field of the packet, so it carries the injected one only if both texts say the same
    const traced = await own.trace("br-pf1", printTraceFrame(frame, 2));
    const exact = /^Flow: (.*)$/m.exec(traced)?.[1]?.replace(/,?vlan_tci1=\S+?(?=,)/, "") ?? "";
    await own.ofctl("del-flows", "br-pf1");
    await own.ofctl("add-flow", "br-pf1", `${exact} actions=output:1`);
    await own.inject("pf0vf0", frame);
    const dump = () => own.ofctl("dump-flows", "br-pf1");
    await expect.poll(dump, { message: `${exact}` }).toContain("n_packets=1,");
  });

  test("answers a thousand traces over one connection", async () => {
    const flow = printTraceFrame(roce, 2);
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => own.trace("br-pf1", flow)),
    );
    expect(new Set(answers).size).toBe(1);
  });

  test("says what ovs-vswitchd did not like", async () => {
    await expect(own.trace("nobridge", "in_port=1")).rejects.toMatchObject({
      kind: "command-failed",
      message: expect.stringContaining("ofproto/trace"),
    });
  });

  test("leaves nothing behind, even when the process is interrupted", async () => {
    const another = await startPrivateSwitch({ bridges: [] });
    const pid = Number(
      spawnSync("cat", [`${another.runDirectory}/ovs-vswitchd.pid`]).stdout.toString(),
    );
    another.stopNow();
    expect(existsSync(another.runDirectory)).toBe(false);
    await expect.poll(() => startTimeOf(pid)).toBeUndefined();
    await another.stop();
  });
});
