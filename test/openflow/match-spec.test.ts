/** A match comes with its prerequisites, or not at all. */

import { expect, test } from "vitest";
import { parsePrefix } from "../../src/net/prefix.js";
import { type MatchSpec, matchOf } from "../../src/openflow/match-spec.js";
import { printMatch } from "../../src/openflow/print.js";

function prefix(text: string) {
  const parsed = parsePrefix(text);
  if (parsed.kind === "malformed") throw new Error(text);
  return parsed.prefix;
}

test("a match says what its fields need", () => {
  const spec: MatchSpec = {
    inPort: "pf0vf0",
    registers: { 3: 7, 0: 1 },
    untagged: true,
    ip: {
      family: 4,
      destination: prefix("10.0.0.0/8"),
      transport: { protocol: 17, destinationPort: { value: 4791, mask: 0xffff } },
    },
  };
  expect(printMatch(matchOf(spec))).toBe(
    "udp,reg0=0x1,reg3=0x7,in_port=pf0vf0,vlan_tci=0x0000/0x1000,nw_dst=10.0.0.0/8,tp_dst=4791",
  );
});

test("a field of no bits is no field", () => {
  const everything = matchOf({ ip: { family: 6, source: prefix("::/0") } });
  expect(printMatch(everything)).toBe("ipv6");
});

test.each<[string, MatchSpec]>([
  ["an IPv6 prefix in an IPv4 match", { ip: { family: 4, source: prefix("fd00::/8") } }],
  ["neighbour discovery in IPv4", { ip: { family: 4, neighbour: { message: "solicitation" } } }],
  ["bits outside the mask", { ethernetSource: { value: 3n, mask: 1n } }],
  ["an ARP operation OVS would cut to 44", { arp: { operation: 300 } }],
  ["a register that is not there", { registers: { 16: 1 } }],
  ["a register of 33 bits", { registers: { 0: 0x1_0000_0000 } }],
  [
    "ports of later fragments",
    {
      ip: {
        family: 4,
        fragment: "later",
        transport: { protocol: 6, destinationPort: { value: 1, mask: 0xffff } },
      },
    },
  ],
])("%s is a defect", (_, spec) => {
  expect(() => matchOf(spec)).toThrow();
});
