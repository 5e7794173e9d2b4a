/** Two policies that differ somewhat, and connections that can tell them apart. */

import fc from "fast-check";
import type { Address } from "../../src/net/address.js";
import { nameOfBoth } from "../../src/policy/glob.js";
import { addressesOfSmallFleet, addressOf } from "./small-fleet.js";
import { ruleSentences } from "./small-policy.js";

/** Tenants as they are first, and with claims that move, meet in part and vanish, and networks that are cut. */
const tenants = fc.constantFrom(
  ...[0, 0, 1, 2, 3].map(
    (choice) =>
      [
        [
          "tenant a { namespace a-*, shared }",
          "tenant b { namespace b-one, b-two, b*b }",
          "tenant c { network 10.200.0.0/16, fd00:200::/48 }",
          "tenant d { namespace d-* network 10.201.0.1, fd00:201::/64 }",
        ],
        [
          "tenant a { namespace a-x*, a-y network 10.200.0.2 }",
          "tenant b { namespace b-one, b-two, b*b }",
          "tenant c { network 10.200.0.0/31, fd00:200::2 }",
          "tenant d { namespace d-* network 10.201.0.1, fd00:201::/64 }",
        ],
        [
          "tenant a { namespace a-*, b-one network 10.201.0.0/24 }",
          "tenant b { namespace b-two, bob network 192.0.2.0/24 }",
          "tenant c { network 10.200.0.0/16, fd00:200::/48 }",
          "tenant d { namespace d-*, nobody }",
        ],
        [
          "tenant b { namespace a-*, shared }",
          "tenant a { namespace b*e, b-two, b*b }",
          "tenant d { namespace c-* network 10.200.0.0/16 }",
          "tenant c { network 10.201.0.1, fd00:201::/64 }",
        ],
      ][choice] as string[],
  ),
);

const definitions = fc
  .tuple(
    fc.constantFrom("rail pf1, pf2", "rail pf1, pf2", "rail pf2"),
    tenants,
    fc.constantFrom("service roce = 4791/udp", "service roce = 4791-4792/udp"),
    fc.constantFrom(
      "service web  = 80/tcp, 443/tcp",
      "service web  = 80/tcp, 443/tcp",
      "service web  = 443/tcp",
    ),
    fc.constantFrom("service gone = icmp 3/4, 80/sctp", "service gone = icmp unreachable"),
  )
  .map((lines) => [
    ...lines.flat(),
    ...[1, 2, 3, 4].map((number) => `tenant n${number} { network 10.202.${number}.0/24 }`),
    "group ab = a, b",
    "service low  = 1-100/tcp",
    "service ping = icmp echo",
  ]);

/** Names that a tenant may have lost are replaced by what it is sure to have. */
function fitting(rules: readonly string[], lines: readonly string[]): string[] {
  const names = new Map(
    lines.map((line) => [line.split(" ")[1], /namespace ([^ ,]+)/.exec(line)?.[1]] as const),
  );
  return rules
    .map((rule) => (lines[0] === "rail pf2" ? rule.replace(/ on pf\d(, pf\d)?/, "") : rule))
    .map((rule) =>
      rule.replaceAll(/\b([abd])\/([^ ,]+)/g, (written, tenant: string, namespace: string) => {
        const claims = lines.find((line) => line.startsWith(`tenant ${tenant} `)) ?? "";
        const isThere = /namespace ([^}]+?)(?: network| })/
          .exec(claims)?.[1]
          ?.split(", ")
          .some((claim) => nameOfBoth(claim, namespace) !== undefined);
        return isThere === true ? written : `${tenant}/${names.get(tenant) ?? namespace}`;
      }),
    );
}

const until = fc.constantFrom("", " until 2026-12-31", " until 2027-06-30");

const datedRules = fc
  .tuple(ruleSentences, fc.array(until, { minLength: 6, maxLength: 6 }))
  .map(([rules, ends]) => rules.map((rule, index) => `${rule}${ends[index]}`));

/** Two policies: rules of their own, or most of those before: most of a change is no change. */
export const twoTexts = fc
  .tuple(definitions, definitions, datedRules, datedRules, fc.nat(5), fc.nat(3))
  .map(([old, young, rules, others, kept, added]): [string, string] => {
    const after = added === 0 ? others : [...rules.slice(0, kept), ...others.slice(0, added)];
    // opened to everybody, but for those who had it
    if (added === 3) rules.push("allow each tenant <-> itself : web");
    if (added === 3) after.push("allow any <-> any : web");
    return [
      [...old, ...fitting(rules, old)].join("\n"),
      [...young, ...fitting(after, young)].join("\n"),
    ];
  });

/** Traffic at both sides of every edge that those services have. */
export const probes: readonly (readonly [family: 4 | 6, protocol: number, selector: number])[] = [
  ...([4, 6] as const).flatMap((family) => [
    ...[4790, 4791, 4792, 4793].map((port) => [family, 17, port] as const),
    ...[0, 1, 79, 80, 81, 100, 101, 443].map((port) => [family, 6, port] as const),
    ...[79, 80].map((port) => [family, 132, port] as const),
    [family, 47, 0] as const,
  ]),
  ...[0x0800, 0x0801, 0x0300, 0x0304, 0x0305, 0x0b00].map((each) => [4, 1, each] as const),
  ...[0x8000, 0x0100, 0x0104, 0x0200, 0x02ff, 0x0300].map((each) => [6, 58, each] as const),
];

/** Of endpoints, of networks, and of nobody. */
export const addresses: readonly Address[] = [
  ...addressesOfSmallFleet,
  ...["10.202.1.1", "10.202.1.2", "10.202.2.1", "10.202.3.1"].map(addressOf),
];
