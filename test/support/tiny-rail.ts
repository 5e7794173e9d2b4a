/**
 * One rail of one node with two red pods (`v0`, `v1`), one blue pod (`v2`) and a red peer elsewhere, compiled; and what
 * its flows do with a frame.
 */

import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import { parseAddress } from "../../src/net/address.js";
import { parseMac } from "../../src/net/mac.js";
import type { Body, Frame } from "../../src/net/packet.js";
import { evaluate } from "../../src/openflow/evaluate.js";
import { fieldsOf } from "../../src/openflow/packet-fields.js";
import { tablesOf } from "../../src/openflow/tables.js";
import { inventoryOf, policyOf } from "./checked.js";

export interface TinyChoice {
  readonly mode?: "routed" | "bridged";
  readonly uplinkSource?: "verify" | "trust";
  /** Sentences after the definitions. */
  readonly rules?: string;
}

export const bridgeMac = "0c:42:a1:00:01:01";
export const leafMac = "0c:42:a1:ff:00:01";
export const macs = ["0a:58:0a:01:00:05", "0a:58:0a:01:00:06", "0a:58:0a:01:00:07"] as const;

const definitions = `rail pf1
tenant red { namespace red }
tenant blue { namespace blue }
tenant store { network 10.200.0.0/16, fd00:200::/48 }
service roce = 4791/udp
service nfs = 2049/tcp
service ping = icmp echo
`;

export function tinyRail({ mode = "routed", uplinkSource, rules }: TinyChoice = {}): CompiledRail {
  const policy = policyOf(`${definitions}${rules ?? "allow red <-> red : roce"}`);
  const pod = (namespace: string, host: number, representor: string) => ({
    ...{ namespace, pod: representor, node: "n1", rail: "pf1", representor },
    ...{ ips: [`10.1.0.${host}`, `fd00:1::${host}`], mac: macs[host - 5] },
  });
  const inventory = inventoryOf({
    version: 1,
    rails: {
      pf1: {
        ...{ mode, subnets: ["10.1.0.0/24", "fd00:1::/64"] },
        gateways: ["10.1.0.1", "fd00:1::1"],
      },
    },
    nodes: {
      n1: {
        rails: {
          pf1: { bridge: "br", uplink: "p0", mac: bridgeMac, nextHop: leafMac, uplinkSource },
        },
      },
      n2: { rails: { pf1: { bridge: "br", uplink: "p0", mac: leafMac, nextHop: bridgeMac } } },
    },
    endpoints: [
      ...[pod("red", 5, "v0"), pod("red", 6, "v1"), pod("blue", 7, "v2")],
      { namespace: "red", pod: "far", node: "n2", rail: "pf1", ips: ["10.1.0.9", "fd00:1::9"] },
    ],
  });
  return compileRail(policy, inventory, { node: "n1", rail: "pf1" });
}

export function address(text: string) {
  const read = parseAddress(text);
  if (read === undefined) throw new Error(text);
  return read;
}

export function mac(text: string): bigint {
  const read = parseMac(text);
  if (read === undefined) throw new Error(text);
  return read;
}

/** A UDP datagram to port 4791 unless said otherwise. */
export function ip(source: string, destination: string, more: Partial<Body & { kind: "ip" }> = {}) {
  return {
    kind: "ip",
    source: address(source),
    destination: address(destination),
    protocol: 17,
    fragment: "no",
    timeToLive: 64,
    typeOfService: 0,
    transport: { kind: "ports", source: 49152, destination: 4791 },
    ...more,
  } as const;
}

export function frame(source: string, destination: string, body: Body, vlan?: number): Frame {
  const tag = vlan === undefined ? {} : { vlan };
  return { source: mac(source), destination: mac(destination), body, ...tag };
}

/** The port that the frame leaves by, or `drop`. */
export function sent(rail: CompiledRail, port: string, what: Frame): string {
  const { outputs, doubt } = evaluate(tablesOf(rail.flows), fieldsOf(what), { inPort: port });
  if (doubt !== undefined) throw new Error(doubt.kind);
  return (
    outputs.map((output) => (output.port === 0xfffe ? "LOCAL" : `${output.port}`)).join() || "drop"
  );
}

/** The fields with which it leaves. */
export function fieldsSent(rail: CompiledRail, port: string, what: Frame) {
  return evaluate(tablesOf(rail.flows), fieldsOf(what), { inPort: port }).outputs[0]?.fields;
}
