/** The reference meaning, sentence by sentence. */

import { describe, expect, test } from "vitest";
import { broadcastMac, parseMac } from "../../src/net/mac.js";
import type { ArpBody, Frame, IpBody, Transport } from "../../src/net/packet.js";
import { decide } from "../../src/policy/decide.js";
import type { Decision, Port } from "../../src/policy/decision.js";
import type { Endpoint, Inventory } from "../../src/policy/inventory.js";
import { addressOf, prefixOfText } from "../support/small-fleet.js";
import { policyOf } from "../support/small-policy.js";

const bridgeMac = macOf("0c:42:a1:00:01:01");
const leafMac = macOf("0c:42:a1:ff:00:01");
const podMac = macOf("0a:58:00:00:00:05");
const otherPodMac = macOf("0a:58:00:00:00:06");

const policy = policyOf(`
  rail pf1, pf2
  tenant red  { namespace red-* }
  tenant blue { namespace blue }
  tenant storage { network 10.200.0.0/16 }
  service roce = 4791/udp
  service web  = 80/tcp
  service ping = icmp echo
  allow each tenant <-> itself : roce, ping
  allow red -> blue : web on pf1
  allow red/red-open -> storage : all
  allow red <-> any : roce across rails
  deny  red/red-shut <-> any : all
`);

/** Local on pf1: .5 red-a, .6 red-b, .7 blue, .8 red-open, .9 red-shut; remote .15 red-a, .17 blue. */
function fleet(mode: "routed" | "bridged", uplinkSource: "verify" | "trust" = "verify"): Inventory {
  const at = (namespace: string, node: string, host: number): Endpoint => ({
    namespace,
    pod: "p",
    node,
    rail: "pf1",
    addresses: [addressOf(`10.101.0.${host}`), addressOf(`fd00:101::${host}`)],
    mac: host === 5 ? podMac : macOf(`0a:58:00:00:00:${String(host).padStart(2, "0")}`),
    representor: `vf${host}`,
  });
  const there: Endpoint = {
    ...{ namespace: "red-a", pod: "q", node: "n2", rail: "pf2" },
    addresses: [addressOf("10.102.0.5")],
  };
  const subnets = ["10.101.0.0/24", "fd00:101::/64"].map(prefixOfText);
  const gateways = ["10.101.0.1", "fd00:101::1"].map(addressOf);
  const nodeRail = { bridge: "br", uplink: "p0", mac: bridgeMac, nextHop: leafMac, uplinkSource };
  return {
    rails: new Map([
      ["pf1", { name: "pf1", mode, subnets, gateways }],
      ["pf2", { name: "pf2", mode, subnets: [prefixOfText("10.102.0.0/24")], gateways: [] }],
    ]),
    nodes: new Map([["n1", { name: "n1", rails: new Map([["pf1", nodeRail]]) }]]),
    endpoints: [
      at("red-a", "n1", 5),
      at("red-b", "n1", 6),
      at("blue", "n1", 7),
      at("red-open", "n1", 8),
      at("red-shut", "n1", 9),
      at("red-a", "n2", 15),
      at("blue", "n2", 17),
      there,
    ],
  };
}

describe("IP from a pod", () => {
  const from5 = (frame: Frame) => said(fleet("routed"), { representor: "vf5" }, frame);
  const to = (destination: string, change: Partial<IpBody> = {}) =>
    from5(ip("10.101.0.5", destination, change));

  test("goes to a local pod by its representor, with addresses rewritten", () => {
    const decision = decideIn(
      fleet("routed"),
      { representor: "vf5" },
      ip("10.101.0.5", "10.101.0.6"),
    );
    expect(decision).toMatchObject({
      kind: "deliver",
      to: { representor: "vf6" },
      frame: { source: bridgeMac, destination: otherPodMac },
    });
    expect(decision.kind === "deliver" && decision.rules.map(({ text }) => text)).toEqual(
      expect.arrayContaining(["allow each tenant <-> itself : ping, roce"]),
    );
  });

  test("goes elsewhere by the uplink, to the next hop", () => {
    expect(
      decideIn(fleet("routed"), { representor: "vf5" }, ip("10.101.0.5", "10.101.0.15")),
    ).toMatchObject({ to: "uplink", frame: { source: bridgeMac, destination: leafMac } });
  });

  test("is what it was on a bridged rail", () => {
    const frame = ip("10.101.0.5", "10.101.0.15", {}, { destination: otherPodMac });
    expect(decideIn(fleet("bridged"), { representor: "vf5" }, frame)).toMatchObject({ frame });
  });

  test("ends where no rule allows", () =>
    expect(to("10.101.0.7", icmp(8, 0))).toBe("drop no-rule"));
  test("ends where a rule denies, whatever allows", () =>
    expect(to("10.101.0.9")).toBe("drop no-rule"));
  test("ends where the port is another", () =>
    expect(to("10.101.0.6", { transport: ports(9, 4790) })).toBe("drop no-rule"));
  test("reaches strangers that only `any` covers", () => expect(to("192.0.2.1")).toBe("uplink"));
  test("crosses rails where a rule says so", () => expect(to("10.102.0.5")).toBe("uplink"));
  test("crosses to an unknown address of another rail, too", () =>
    expect(to("10.102.0.77")).toBe("uplink"));
  test("does not cross rails for a rule that does not say so", () =>
    expect(to("10.102.0.5", icmp(8, 0))).toBe("drop no-rule"));

  test.each(["10.101.0.255", "255.255.255.255", "224.0.0.251"])("never goes to %s", (address) =>
    expect(to(address)).toBe("drop no-rule"),
  );

  test("must carry the pod's own addresses", () => {
    expect(from5(ip("10.101.0.6", "10.101.0.15"))).toBe("drop source-address");
    expect(from5(ip("10.101.0.5", "10.101.0.15", {}, { source: otherPodMac }))).toBe(
      "drop ethernet-source",
    );
    expect(from5(ip("10.101.0.5", "10.101.0.15", {}, { destination: leafMac }))).toBe(
      "drop ethernet-destination",
    );
    expect(to("10.101.0.5")).toBe("drop own-address");
  });

  test("must not be tagged, nor anything but IP, ARP and ND", () => {
    expect(from5(ip("10.101.0.5", "10.101.0.6", {}, { vlan: 0 }))).toBe("drop tagged");
    const lldp: Frame = {
      source: podMac,
      destination: bridgeMac,
      body: { kind: "other", etherType: 0x88cc },
    };
    expect(from5(lldp)).toBe("drop ether-type");
  });

  test("answers a TCP connection that the other side may open, and only answers", () => {
    const answer = (flags: number, source = 80) =>
      said(
        fleet("routed"),
        { representor: "vf7" },
        ip(
          "10.101.0.7",
          "10.101.0.5",
          { protocol: 6, transport: { ...ports(source, 50_000), tcpFlags: flags } },
          { source: macOf("0a:58:00:00:00:07") },
        ),
      );
    expect(answer(0x12)).toBe("vf5");
    expect(answer(0x02)).toBe("drop no-rule");
    expect(answer(0x12, 81)).toBe("drop no-rule");
  });

  test("answers an echo with the code it was asked", () => {
    expect(to("10.101.0.6", icmp(0, 0))).toBe("vf6");
    expect(to("192.0.2.1", icmp(0, 0))).toBe("drop no-rule");
  });

  test("passes as a later fragment only where everything is open", () => {
    const later = { fragment: "later" as const, transport: undefined } as unknown as IpBody;
    expect(to("10.101.0.6", later)).toBe("drop no-rule");
    const open = ip("10.101.0.8", "10.200.0.1", later, { source: macOf("0a:58:00:00:00:08") });
    expect(said(fleet("routed"), { representor: "vf8" }, open)).toBe("uplink");
  });
});

describe("IP from the uplink", () => {
  const arrive = (source: string, destination: string, mode: "verify" | "trust" = "verify") =>
    said(fleet("routed", mode), "uplink", ip(source, destination));

  test("reaches a pod that its source may reach", () =>
    expect(arrive("10.101.0.15", "10.101.0.5")).toBe("vf5"));
  test("is checked again with `verify`", () =>
    expect(arrive("10.101.0.17", "10.101.0.9")).toBe("drop no-rule"));
  test("passes with `trust` where anyone might have sent it", () => {
    expect(arrive("10.101.0.9", "10.101.0.5", "trust")).toBe("vf5");
    expect(arrive("10.101.0.5", "10.101.0.9", "trust")).toBe("drop no-rule");
  });
  test("is the host's where it is for no pod", () =>
    expect(arrive("192.0.2.1", "10.101.0.1")).toBe("host"));
  test("is the host's where it is tagged", () => {
    const frame = ip("10.101.0.15", "10.101.0.5", {}, { vlan: 7 });
    expect(said(fleet("routed"), "uplink", frame)).toBe("host");
  });
});

test("the host's own traffic is never fenced", () => {
  expect(said(fleet("routed"), "host", ip("10.101.0.1", "10.101.0.9"))).toBe("uplink");
});

test("a port that stands for nobody is not spoken for", () => {
  expect(said(fleet("routed"), { representor: "vf99" }, ip("10.101.0.5", "10.101.0.6"))).toBe(
    "drop unknown-port",
  );
});

describe("ARP", () => {
  const ask = (
    target: string,
    change: Partial<ArpBody> = {},
    mode: "routed" | "bridged" = "routed",
  ) => said(fleet(mode), { representor: "vf5" }, arp("10.101.0.5", target, change));

  test("is answered on a routed rail, by the bridge for everyone that the pod may meet", () => {
    const frame = arp("10.101.0.5", "10.101.0.15");
    expect(decideIn(fleet("routed"), { representor: "vf5" }, frame)).toEqual({
      kind: "answer",
      frame: {
        source: bridgeMac,
        destination: podMac,
        body: {
          kind: "arp",
          operation: 2,
          senderMac: bridgeMac,
          senderAddress: addressOf("10.101.0.15"),
          targetMac: podMac,
          targetAddress: addressOf("10.101.0.5"),
        },
      },
    });
  });

  test("finds the gateway and whoever may open to the pod, nobody else", () => {
    expect(ask("10.101.0.1")).toBe("answer");
    expect(ask("10.101.0.7")).toBe("answer");
    expect(ask("10.101.0.9")).toBe("drop neighbour-target");
    expect(ask("10.101.0.5")).toBe("drop neighbour-target");
    expect(ask("10.102.0.5")).toBe("drop neighbour-target");
  });

  test("says what it is, or is dropped", () => {
    expect(ask("10.101.0.6", { senderMac: otherPodMac })).toBe("drop ethernet-source");
    expect(ask("10.101.0.6", { senderAddress: addressOf("10.101.0.8") })).toBe(
      "drop source-address",
    );
    expect(ask("10.101.0.6", { operation: 2 })).toBe("drop neighbour-message");
    expect(ask("10.101.0.6", { targetMac: otherPodMac })).toBe("drop neighbour-message");
  });

  test("is carried on a bridged rail", () => {
    expect(ask("10.101.0.6", {}, "bridged")).toBe("vf6");
    expect(ask("10.101.0.15", { operation: 2 }, "bridged")).toBe("uplink");
    expect(ask("10.101.0.9", {}, "bridged")).toBe("drop neighbour-target");
    expect(said(fleet("bridged"), "uplink", arp("10.101.0.15", "10.101.0.5"))).toBe("vf5");
    expect(said(fleet("bridged"), "uplink", arp("10.101.0.17", "10.101.0.6"))).toBe("vf6");
    expect(said(fleet("bridged"), "uplink", arp("10.101.0.15", "10.101.0.9"))).toBe(
      "drop neighbour-target",
    );
    expect(said(fleet("bridged"), "uplink", arp("10.101.0.15", "10.101.0.1"))).toBe("host");
    expect(said(fleet("routed"), "uplink", arp("10.101.0.15", "10.101.0.5"))).toBe("host");
  });
});

describe("neighbour discovery", () => {
  const ask = (type: number, target: string, destination: string, change = {}, code = 0) =>
    ip(
      "fd00:101::5",
      destination,
      {
        protocol: 58,
        transport: {
          kind: "icmp",
          type,
          code,
          neighbour: { target: addressOf(target), ...change },
        },
      },
      { destination: macOf("33:33:ff:00:00:15") },
    );
  const from5 = (mode: "routed" | "bridged", frame: Frame) =>
    said(fleet(mode), { representor: "vf5" }, frame);

  test("a solicitation is answered on a routed rail", () => {
    const frame = ask(135, "fd00:101::15", "ff02::1:ff00:15", { sourceLinkLayer: podMac });
    expect(decideIn(fleet("routed"), { representor: "vf5" }, frame)).toMatchObject({
      kind: "answer",
      frame: {
        source: bridgeMac,
        destination: podMac,
        body: {
          source: addressOf("fd00:101::15"),
          destination: addressOf("fd00:101::5"),
          transport: {
            type: 135,
            neighbour: { target: addressOf("fd00:101::5"), sourceLinkLayer: bridgeMac },
          },
        },
      },
    });
  });

  test("a solicitation must tell the truth about its sender and ask for someone it may meet", () => {
    const other = { sourceLinkLayer: otherPodMac };
    expect(from5("bridged", ask(135, "fd00:101::15", "ff02::1", other))).toBe(
      "drop ethernet-source",
    );
    expect(from5("bridged", ask(135, "fd00:101::9", "ff02::1"))).toBe("drop neighbour-target");
    expect(from5("bridged", ask(135, "fd00:101::6", "ff02::1"))).toBe("vf6");
    expect(from5("bridged", ask(135, "fd00:101::6", "ff02::1", {}, 1))).toBe(
      "drop neighbour-message",
    );
  });

  test("an advertisement speaks for its sender alone, on a bridged rail", () => {
    expect(from5("bridged", ask(136, "fd00:101::5", "fd00:101::6"))).toBe("vf6");
    expect(from5("bridged", ask(136, "fd00:101::8", "fd00:101::6"))).toBe("drop source-address");
    expect(from5("bridged", ask(136, "fd00:101::5", "ff02::1"))).toBe("drop neighbour-target");
    expect(from5("routed", ask(136, "fd00:101::5", "fd00:101::6"))).toBe("drop neighbour-message");
  });

  test.each([133, 134, 137])("type %i is no business of pods", (type) => {
    expect(from5("bridged", ask(type, "fd00:101::6", "fd00:101::6"))).toBe(
      "drop neighbour-message",
    );
    const arriving = ask(type, "fd00:101::6", "fd00:101::6");
    expect(said(fleet("bridged"), "uplink", arriving)).toBe("drop neighbour-message");
    const passing = ask(type, "fd00:101::6", "ff02::1");
    expect(said(fleet("bridged"), "uplink", passing)).toBe("host");
  });
});

function decideIn(inventory: Inventory, port: Port, frame: Frame): Decision {
  return decide(policy, inventory, { node: "n1", rail: "pf1", port, frame });
}

/** `drop REASON`, `answer`, or the port it leaves by. */
function said(inventory: Inventory, port: Port, frame: Frame): string {
  const decision = decideIn(inventory, port, frame);
  if (decision.kind === "drop") return `drop ${decision.reason}`;
  if (decision.kind === "answer") return "answer";
  return typeof decision.to === "string" ? decision.to : decision.to.representor;
}

/** RoCEv2 from pod .5 to the bridge, unless changed. */
function ip(
  source: string,
  destination: string,
  change: Partial<IpBody> = {},
  frame: Partial<Frame> = {},
): Frame {
  return {
    source: podMac,
    destination: bridgeMac,
    ...frame,
    body: {
      kind: "ip",
      source: addressOf(source),
      destination: addressOf(destination),
      protocol: 17,
      fragment: "no",
      timeToLive: 64,
      typeOfService: 0,
      transport: ports(50_000, 4791),
      ...change,
    },
  };
}

function ports(source: number, destination: number): Transport & { kind: "ports" } {
  return { kind: "ports", source, destination };
}

function icmp(type: number, code: number): Partial<IpBody> {
  return { protocol: 1, transport: { kind: "icmp", type, code } };
}

function arp(sender: string, target: string, change: Partial<ArpBody> = {}): Frame {
  return {
    source: podMac,
    destination: broadcastMac,
    body: {
      kind: "arp",
      operation: 1,
      senderMac: podMac,
      senderAddress: addressOf(sender),
      targetMac: 0n,
      targetAddress: addressOf(target),
      ...change,
    },
  };
}

function macOf(text: string): bigint {
  const mac = parseMac(text);
  if (mac === undefined) throw new Error(text);
  return mac;
}
