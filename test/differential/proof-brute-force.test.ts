/**
 * The prover against counting: every packet of a small space (addresses at the edges of prefixes, ports about the ones
 * that the policy names, every protocol and fragment that is treated apart, every port of the bridge) is decided by the
 * policy and followed through the tables, one at a time. Where a packet differs, the prover must not say equal.
 */

import { describe, expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { Address } from "../../src/net/address.js";
import type { Mac } from "../../src/net/mac.js";
import { parseMac } from "../../src/net/mac.js";
import type { Frame, Transport } from "../../src/net/packet.js";
import { evaluate } from "../../src/openflow/evaluate.js";
import type { Flow } from "../../src/openflow/flow.js";
import { localPort, type Port } from "../../src/openflow/match.js";
import { fieldsOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { printFlow } from "../../src/openflow/print.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { decide } from "../../src/policy/decide.js";
import type { Port as BridgePort, Decision } from "../../src/policy/decision.js";
import type { Inventory } from "../../src/policy/inventory.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { Random } from "../support/random.js";
import { address, bridgeMac, leafMac } from "../support/tiny-rail.js";

const macs = ["0a:58:0a:01:00:01", "0a:58:0a:01:00:02"] as const;

const policy = policyOf(`rail pf1
tenant red { namespace red }
tenant store { network 10.200.0.0/31, fd00:200::/127 }
service roce = 4791/udp
service web = 4790/tcp
allow red <-> red : roce
allow red -> store : web
`);

type Mode = "routed" | "bridged";

const inventoryAs = (mode: Mode) =>
  inventoryOf({
    version: 1,
    rails: { pf1: { mode, subnets: ["10.1.0.0/30", "fd00:1::/126"], gateways: [] } },
    nodes: {
      n1: {
        rails: { pf1: { bridge: "br", uplink: "p0", mac: bridgeMac, nextHop: leafMac } },
      },
    },
    endpoints: [1, 2].map((host) => ({
      ...{ namespace: "red", pod: `p${host}`, node: "n1", rail: "pf1", representor: `v${host}` },
      ...{ ips: [`10.1.0.${host}`, `fd00:1::${host}`], mac: macs[host - 1] },
    })),
  });

const addresses: readonly Address[] = [
  ...["10.1.0.0", "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"],
  ...["10.199.255.255", "10.200.0.0", "10.200.0.1", "10.200.0.2"],
  ...["fd00:1::", "fd00:1::1", "fd00:1::2", "fd00:1::3", "fd00:1::4"],
  ...["fd00:1ff::ffff", "fd00:200::", "fd00:200::1", "fd00:200::2"],
].map(address);

const place = { node: "n1", rail: "pf1" } as const;

const portNumbers = new Map([
  ["p0", 1],
  ["v1", 2],
  ["v2", 3],
]);
const arrivals: readonly (readonly [BridgePort, Port, Mac])[] = [
  ["host", localPort, mac(bridgeMac)],
  ["uplink", 1, mac(leafMac)],
  [{ representor: "v1" }, 2, mac(macs[0])],
  [{ representor: "v2" }, 3, mac(macs[1])],
];

/** Where frames go that are for an address: on a routed rail to the bridge, on a bridged one to its owner, or elsewhere. */
function destinationsOf(mode: Mode, to: Address): readonly Mac[] {
  if (mode === "routed") return [mac(bridgeMac)];
  const host = Number(to.value & 0xffffn);
  return [mac(macs[host - 1] ?? leafMac), mac(macs[0]), mac("ff:ff:ff:ff:ff:ff")];
}

function mac(text: string): Mac {
  return parseMac(text) as Mac;
}

const ports = [0, 4790, 4791, 4792, 65535];

/** Every upper part of a packet that is not fragmented. */
const transports: readonly (readonly [protocol: number, transport: Transport | undefined])[] = [
  ...[1, 58].flatMap((protocol) =>
    [0, 3, 8, 128, 129, 133, 137].map(
      (type) => [protocol, { kind: "icmp", type, code: 0 } as const] as const,
    ),
  ),
  ...[6, 17, 132].flatMap((protocol) =>
    ports.flatMap((source) =>
      ports.flatMap((destination) =>
        (protocol === 6 ? [0x02, 0x10] : [undefined]).map(
          (tcpFlags) =>
            [
              protocol,
              { kind: "ports", source, destination, ...(tcpFlags && { tcpFlags }) } as const,
            ] as const,
        ),
      ),
    ),
  ),
  [47, undefined],
];

interface Case {
  readonly inPort: Port;
  readonly packet: PacketFields;
  /** What the policy has it be. */
  readonly expected: string;
}

function casesOf(mode: Mode, inventory: Inventory): Case[] {
  const cases: Case[] = [];
  for (const [port, inPort, source] of arrivals)
    for (const from of addresses)
      for (const to of addresses)
        if (from.family === to.family)
          for (const destination of new Set(destinationsOf(mode, to)))
            for (const [protocol, transport] of transports)
              for (const fragment of ["no", "first", "later"] as const) {
                // of fragments, those that would pass whole and some that would not
                if (fragment !== "no" && !isShown(transport)) continue;
                const frame: Frame = {
                  source,
                  destination,
                  body: {
                    ...{ kind: "ip", source: from, destination: to, protocol, fragment },
                    ...{ timeToLive: 64, typeOfService: 0 },
                    ...(transport === undefined || fragment === "later" ? {} : { transport }),
                  },
                };
                const decision = decide(policy, inventory, { ...place, port, frame });
                cases.push({
                  inPort,
                  packet: fieldsOf(frame),
                  expected: ofDecision(decision, inPort),
                });
              }
  return cases;
}

function isShown(transport: Transport | undefined): boolean {
  return transport?.kind === "ports" && transport.source === 0 && transport.destination >= 4790;
}

function ofDecision(decision: Decision, inPort: Port): string {
  if (decision.kind === "drop") return "";
  if (decision.kind === "answer") return outcome(inPort, fieldsOf(decision.frame));
  const { to } = decision;
  const port = to === "host" ? localPort : portNumbers.get(to === "uplink" ? "p0" : to.representor);
  return outcome(port as Port, fieldsOf(decision.frame));
}

function outcome(port: Port, fields: PacketFields): string {
  return `${port} ${fields.get("dl_src")} ${fields.get("dl_dst")}`;
}

/** Whether the tables treat any of these packets otherwise than the policy does. */
function differ(cases: readonly Case[], flows: readonly Flow[]): boolean {
  const tables = tablesOf(flows, portNumbers);
  return cases.some(({ inPort, packet, expected }) => {
    const { outputs, doubt } = evaluate(tables, packet, { inPort });
    return (
      doubt !== undefined ||
      expected !== outputs.map(({ port, fields }) => outcome(port, fields)).join()
    );
  });
}

/** Most of those that the packets of the space can meet; the drops of wrong strides are many, and alike. */
function speaksOfIp({ match }: Flow): boolean {
  return match.fields.some(({ field }) =>
    /^(nw_src|nw_dst|ipv6_src|ipv6_dst|tp_src|tp_dst)$/.test(field),
  );
}

const seed = 20261124;
const breaks = 24;

describe.each(["routed", "bridged"] as const)("a %s rail", (mode) => {
  const inventory = inventoryAs(mode);
  const cases = casesOf(mode, inventory);
  const { flows } = compileRail(policy, inventory, place);
  const proved = (changed: readonly Flow[]): string =>
    proveRail({ ...place, policy, inventory, flows: changed, portNumbers }).verdict;

  test("the intact tables", { timeout: 120_000 }, () => {
    const passing = cases.filter(({ expected }) => expected !== "").length;
    expect(cases.length).toBeGreaterThan(50_000);
    expect(passing).toBeGreaterThan(1000);
    expect(differ(cases, flows)).toBe(false);
    expect(proved(flows)).toBe("equal");
  });

  test(`flows for IP packets taken away, one at a time (seed ${seed})`, {
    timeout: 300_000,
  }, () => {
    const random = new Random(seed);
    const candidates = flows.filter((flow) => speaksOfIp(flow) && flow.actions.length > 0);
    let counting = 0;
    let proving = 0;
    for (let turn = 0; turn < breaks; turn++) {
      const gone = random.pick(candidates);
      const changed = flows.filter((one) => one !== gone);
      const differs = differ(cases, changed);
      const verdict = proved(changed);
      // the prover sees packets beyond the space, too: what it finds there is confirmed one by one (confirm.ts)
      if (differs) expect(verdict, printFlow(gone)).toBe("different");
      if (differs) counting++;
      if (verdict === "different") proving++;
    }
    expect(counting).toBeGreaterThan(2);
    expect(proving).toBeGreaterThanOrEqual(counting);
  });
});
