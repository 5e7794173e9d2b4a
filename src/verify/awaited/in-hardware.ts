/** Whether awaited connections are in hardware: each needs a megaflow, and all that it has must be offloaded. */

import type { Address } from "../../net/address.js";
import { type IntervalSet, masksOf } from "../../net/interval-set.js";
import { protocol } from "../../net/protocol.js";
import { selectorsOf, type Traffic } from "../../net/traffic.js";
import type { FieldName } from "../../openflow/field.js";
import { bitsOf, type Cube } from "../cube.js";
import { cubeOf } from "../megaflow-cube.js";
import type { ConnectionVerdict, RailVerdict, RuleVerdict } from "../verdict.js";
import type { AwaitedConnection } from "./awaited.js";

/** What is still missing. */
export type Missing =
  | {
      readonly awaited: AwaitedConnection;
      /** Those that are not in hardware; none: nobody has seen a packet of it. */
      readonly software: readonly ConnectionVerdict[];
    }
  /** Where no connection was named, every rule is awaited. */
  | { readonly rule: RuleVerdict };

export function missingOf(
  verdicts: readonly RailVerdict[],
  awaited: readonly AwaitedConnection[],
): readonly Missing[] {
  if (awaited.length === 0)
    return verdicts.flatMap(({ rules }) =>
      rules.filter(({ state }) => state !== "offloaded").map((rule) => ({ rule })),
    );
  return awaited.flatMap((one): Missing[] => {
    const verdict = verdicts.find(({ rail }) => rail === one.rail);
    const connections = (verdict?.rules ?? []).flatMap((rule) => rule.connections);
    const forward = connections.filter((connection) => isForward(connection, one));
    const all = [...forward, ...connections.filter((connection) => isAnswer(connection, one))];
    const software = all.filter(({ state }) => state !== "offloaded");
    return forward.length > 0 && software.length === 0 ? [] : [{ awaited: one, software }];
  });
}

function isForward({ megaflow }: ConnectionVerdict, awaited: AwaitedConnection): boolean {
  const { opener, answerer, traffic } = awaited;
  const cube = cubeOf(megaflow);
  return isBetween(cube, opener, answerer) && meetsTraffic(cube, traffic, "tp_dst");
}

/** UDP and ICMP have no answers of their own: what comes back is a connection the other way. */
function isAnswer({ megaflow }: ConnectionVerdict, awaited: AwaitedConnection): boolean {
  const { opener, answerer, traffic } = awaited;
  const cube = cubeOf(megaflow);
  const number = bitsOf(cube, "nw_proto");
  if (number.mask !== 0xffn || number.value !== BigInt(protocol.tcp)) return false;
  return isBetween(cube, answerer, opener) && meetsTraffic(cube, traffic, "tp_src");
}

function isBetween(cube: Cube, source: Address, destination: Address): boolean {
  const [from, to, type] =
    source.family === 4
      ? (["nw_src", "nw_dst", 0x0800n] as const)
      : (["ipv6_src", "ipv6_dst", 0x86ddn] as const);
  return (
    meets(cube, "dl_type", type) &&
    meets(cube, from, source.value) &&
    meets(cube, to, destination.value)
  );
}

/** Whether some of the traffic is among the packets. */
function meetsTraffic(cube: Cube, traffic: Traffic, port: "tp_src" | "tp_dst"): boolean {
  const numbers = traffic.rest
    ? Array.from({ length: 256 }, (_, number) => number)
    : [...traffic.protocols.keys()];
  return numbers.some((number) => {
    if (!meets(cube, "nw_proto", BigInt(number))) return false;
    const selectors = selectorsOf(traffic, number);
    if (number === protocol.icmp) return meetsTypes(cube, selectors, "icmp_type", "icmp_code");
    if (number === protocol.icmpv6)
      return meetsTypes(cube, selectors, "icmpv6_type", "icmpv6_code");
    const { value, mask } = bitsOf(cube, port);
    return masksOf(selectors).some(
      (one) => ((BigInt(one.value) ^ value) & BigInt(one.mask) & mask) === 0n,
    );
  });
}

function meetsTypes(cube: Cube, selectors: IntervalSet, type: FieldName, code: FieldName): boolean {
  const [types, codes] = [bitsOf(cube, type), bitsOf(cube, code)];
  const value = (types.value << 8n) | codes.value;
  const mask = (types.mask << 8n) | codes.mask;
  return masksOf(selectors).some(
    (one) => ((BigInt(one.value) ^ value) & BigInt(one.mask) & mask) === 0n,
  );
}

function meets(cube: Cube, field: FieldName, wanted: bigint): boolean {
  const { value, mask } = bitsOf(cube, field);
  return ((value ^ wanted) & mask) === 0n;
}
