/** Random valid flows: every field, mask and action that railfence can write, with what each needs. */

import fc from "fast-check";
import type { Family } from "../../src/net/address.js";
import { type Prefix, prefixAround } from "../../src/net/prefix.js";
import { protocol } from "../../src/net/protocol.js";
import type { Action } from "../../src/openflow/action.js";
import { type FieldName, fieldOf } from "../../src/openflow/field.js";
import type { Flow } from "../../src/openflow/flow.js";
import { inPort, localPort, type Port } from "../../src/openflow/match.js";
import {
  type ArpSpec,
  type IpSpec,
  type MaskedBits,
  type MatchSpec,
  matchOf,
} from "../../src/openflow/match-spec.js";

export const arbitraryPort: fc.Arbitrary<Port> = fc.oneof(
  fc.integer({ min: 1, max: 0xfeff }),
  fc.constant(localPort),
);

export function arbitraryBits(width: number): fc.Arbitrary<bigint> {
  return fc.oneof(
    fc.bigInt(0n, (1n << BigInt(width)) - 1n),
    fc.constantFrom(0n, 1n, (1n << BigInt(width)) - 1n),
  );
}

export function arbitraryPrefix(family: Family): fc.Arbitrary<Prefix> {
  const width = family === 4 ? 32 : 128;
  return fc
    .tuple(arbitraryBits(width), fc.oneof(fc.integer({ min: 0, max: width }), fc.constant(width)))
    .map(([value, length]) => prefixAround({ family, value }, length));
}

const arbitraryMaskedMac: fc.Arbitrary<MaskedBits> = fc
  .tuple(arbitraryBits(48), fc.oneof(arbitraryBits(48), fc.constant(0xffffffffffffn)))
  .map(([value, mask]) => ({ value: value & mask, mask }));

const arbitraryMaskedPort = fc
  .tuple(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0xffff, 0xfff0, 0x8000, 0x0f0f, 0))
  .map(([value, mask]) => ({ value: value & mask, mask }));

const arbitraryFlags = fc
  .tuple(fc.integer({ min: 0, max: 0xfff }), fc.constantFrom(0x10, 0x17, 0xfff, 0xe00))
  .map(([value, mask]) => ({ value: value & mask, mask }));

const byte = fc.integer({ min: 0, max: 255 });

const optional = { requiredKeys: [] };

export const arbitraryArp: fc.Arbitrary<ArpSpec> = fc.record(
  {
    operation: byte,
    senderAddress: arbitraryPrefix(4),
    targetAddress: arbitraryPrefix(4),
    senderMac: arbitraryMaskedMac,
    targetMac: arbitraryMaskedMac,
  },
  optional,
);

const ports = { sourcePort: arbitraryMaskedPort, destinationPort: arbitraryMaskedPort };

function arbitraryUpper(family: Family) {
  const linkLayer = { target: arbitraryPrefix(6) };
  return fc.oneof(
    fc.constant({}),
    byte.map((number) => ({ transport: { protocol: number } })),
    fc
      .record({ ...ports, flags: arbitraryFlags }, optional)
      .map((rest) => ({ transport: { protocol: protocol.tcp, ...rest } })),
    fc
      .tuple(fc.constantFrom(protocol.udp, protocol.sctp), fc.record(ports, optional))
      .map(([number, rest]) => ({ transport: { protocol: number, ...rest } })),
    fc.record({ type: byte, code: byte }, optional).map((icmp) => ({ icmp })),
    ...(family === 4
      ? []
      : [
          fc
            .record({ ...linkLayer, sourceLinkLayer: arbitraryMaskedMac }, optional)
            .map((rest) => ({ neighbour: { message: "solicitation" as const, ...rest } })),
          fc
            .record({ ...linkLayer, targetLinkLayer: arbitraryMaskedMac }, optional)
            .map((rest) => ({ neighbour: { message: "advertisement" as const, ...rest } })),
        ]),
  );
}

export function arbitraryIp(family: Family): fc.Arbitrary<IpSpec> {
  return fc
    .tuple(
      fc.record(
        { source: arbitraryPrefix(family), destination: arbitraryPrefix(family) },
        optional,
      ),
      fc.option(fc.constantFrom("no", "yes", "first", "later", "not_later"), { nil: undefined }),
      arbitraryUpper(family),
    )
    .map(([addresses, fragment, upper]) => {
      const named = fragment === undefined || (fragment === "later" && hasSelector(upper));
      return { family, ...addresses, ...(named ? {} : { fragment }), ...upper } as IpSpec;
    });
}

function hasSelector(upper: object): boolean {
  return !("transport" in upper) || Object.keys(upper.transport as object).length > 1;
}

export const arbitrarySpec: fc.Arbitrary<MatchSpec> = fc
  .tuple(
    fc.record(
      {
        inPort: arbitraryPort,
        registers: fc.dictionary(
          fc.integer({ min: 0, max: 15 }).map(String),
          fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constant(0)),
          { maxKeys: 3, noNullPrototype: true },
        ),
        ethernetSource: arbitraryMaskedMac,
        ethernetDestination: arbitraryMaskedMac,
        untagged: fc.constant(true as const),
      },
      optional,
    ),
    fc.oneof(
      fc.constant({}),
      fc.constantFrom(0x0800, 0x0806, 0x86dd, 0x88cc, 0x8035, 0x0000, 0x8847).map((etherType) => ({
        etherType,
      })),
      arbitraryArp.map((arp) => ({ arp })),
      arbitraryIp(4).map((ip) => ({ ip })),
      arbitraryIp(6).map((ip) => ({ ip })),
    ),
  )
  .map(([common, layer]) => ({ ...common, ...layer }) as MatchSpec);

function arbitrarySet(name: FieldName, mayMask: boolean): fc.Arbitrary<Action> {
  const { full } = fieldOf(name);
  const width = full.toString(2).length;
  const whole = arbitraryBits(width).map(
    (value): Action => ({ kind: "set", field: name, value: value & full }),
  );
  if (!mayMask) return whole;
  const masked = fc.tuple(arbitraryBits(width), arbitraryBits(width)).map(
    ([value, mask]): Action => ({
      kind: "set",
      field: name,
      value: value & (mask === 0n ? 1n : mask),
      mask: mask === 0n ? 1n : mask,
    }),
  );
  return fc.oneof(whole, masked);
}

/** Fields that a packet of that match has and an action may write. */
function writable(spec: MatchSpec): FieldName[] {
  const names: FieldName[] = ["reg0", "reg7", "reg15", "metadata", "dl_src", "dl_dst"];
  if (spec.arp !== undefined) names.push("arp_spa", "arp_tpa", "arp_sha", "arp_tha", "arp_op");
  if (spec.ip === undefined) return names;
  if (spec.ip.family === 4) names.push("nw_src", "nw_dst", "nw_tos", "nw_ttl");
  else names.push("ipv6_src", "ipv6_dst", "ipv6_label");
  if (spec.ip.neighbour !== undefined) {
    names.push("nd_target", "nd_reserved", "nd_options_type", "icmpv6_type", "icmpv6_code");
    names.push(spec.ip.neighbour.message === "solicitation" ? "nd_sll" : "nd_tll");
  }
  return names;
}

// OVS masks these only in whole
const unmaskable: ReadonlySet<FieldName> = new Set([
  "arp_op",
  "nw_tos",
  "nw_ttl",
  "nd_reserved",
  "nd_options_type",
  "icmpv6_type",
  "icmpv6_code",
]);

const moves: readonly (readonly [FieldName, FieldName, "arp" | 4 | 6 | "any"])[] = [
  ["dl_src", "dl_dst", "any"],
  ["reg0", "reg1", "any"],
  ["arp_spa", "arp_tpa", "arp"],
  ["arp_sha", "arp_tha", "arp"],
  ["nw_src", "nw_dst", 4],
  ["ipv6_src", "ipv6_dst", 6],
];

function arbitraryActions(spec: MatchSpec, table: number): fc.Arbitrary<readonly Action[]> {
  const kinds: fc.Arbitrary<Action>[] = [
    arbitraryPort.map((port): Action => ({ kind: "output", port })),
    fc.constant<Action>({ kind: "output", port: inPort }),
    ...writable(spec).map((name) => arbitrarySet(name, !unmaskable.has(name))),
    ...moves
      .filter(([, , needs]) =>
        needs === "any" || needs === "arp"
          ? needs === "any" || spec.arp
          : spec.ip?.family === needs,
      )
      .map(([from, to]) => fc.constant<Action>({ kind: "move", from, to })),
  ];
  const onwards =
    table >= 254
      ? fc.constant([])
      : fc
          .option(fc.integer({ min: table + 1, max: 254 }), { nil: undefined })
          .map((to) => (to === undefined ? [] : [{ kind: "goto", table: to } as const]));
  return fc
    .tuple(fc.array(fc.oneof(...kinds), { maxLength: 5 }), onwards)
    .map(([actions, last]) => [...actions, ...last]);
}

export const arbitraryFlow: fc.Arbitrary<Flow> = fc
  .tuple(
    arbitrarySpec,
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 254 })),
    fc.oneof(fc.constantFrom(0, 32768, 65535), fc.integer({ min: 0, max: 65535 })),
    arbitraryBits(64),
  )
  .chain(([spec, table, priority, cookie]) =>
    arbitraryActions(spec, table).map((actions) => ({
      table,
      priority,
      // all ones is how OpenFlow says "no cookie"
      cookie: cookie === 0xffffffffffffffffn ? 1n : cookie,
      match: matchOf(spec),
      actions,
    })),
  );
