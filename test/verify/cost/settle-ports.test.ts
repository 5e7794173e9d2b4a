import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../../src/datapath/unwildcard/classifier.js";
import { readField } from "../../../src/datapath/unwildcard/flow-words.js";
import type { Subtable } from "../../../src/datapath/unwildcard/subtable.js";
import { readFlows } from "../../../src/openflow/read.js";
import { settlePorts } from "../../../src/verify/cost/settle-ports.js";
import { packetsWith } from "../../support/packet-classes.js";

function subtableOf(match: string): Subtable {
  const { flows } = readFlows({ name: "flows", text: `${match} actions=drop` });
  return (classifyTables(flows).byNumber.get(0) as Classifier).subtables[0] as Subtable;
}

const byPort = subtableOf("tcp,tp_dst=80");
const byBody = subtableOf("icmp6,icmpv6_type=135,nd_target=fd00::1");
const ipv4 = { dl_type: 0x0800n, nw_frag: 0n };
const ipv6 = { dl_type: 0x86ddn, nw_frag: 0n, nw_proto: 58n };

test("what has ports may have any", () => {
  const tcp = packetsWith({ ...ipv4, nw_proto: 6n });
  expect(settlePorts(byPort, tcp)).toEqual([tcp]);
});

test("what has none has zeros, and a protocol that is not known may have some", () => {
  const [gre, ...others] = settlePorts(byPort, packetsWith({ ...ipv4, nw_proto: 47n }));
  expect(others).toEqual([]);
  expect(readField(gre?.known ?? new Int32Array(46), "tp_dst")).toBe(0xffffn);
  const unknown = packetsWith(ipv4);
  expect(settlePorts(byPort, unknown)).toEqual([unknown]);
});

test("a port that no such packet has is no packet", () =>
  expect(settlePorts(byPort, packetsWith({ ...ipv4, nw_proto: 47n, tp_dst: 80n }))).toEqual([]));

test("an ICMPv6 message has a body only as a solicitation or an advertisement", () => {
  const of = (type: bigint) =>
    settlePorts(byBody, packetsWith({ ...ipv6, icmpv6_type: type, icmpv6_code: 0n })).map(
      ({ known }) => readField(known, "nd_target"),
    );
  expect(of(135n)).toEqual([0n]);
  expect(of(128n)).toEqual([(1n << 128n) - 1n]);
});

test("a first fragment has the body of its message, whose type no lookup sees", () => {
  const first = packetsWith({ ...ipv6, nw_frag: 1n, tp_src: 0n, tp_dst: 0n });
  expect(settlePorts(byBody, first).map(({ known }) => readField(known, "nd_target"))).toEqual([
    0n,
  ]);
});

test("where a lookup asks for the body of any message, what is counted is a bound", () => {
  const left = settlePorts(byBody, packetsWith(ipv6));
  expect(left.length).toBeGreaterThan(2);
  expect(left.every(({ isRough }) => isRough)).toBe(true);
  const unasked = settlePorts(subtableOf("icmp6,icmpv6_type=135"), packetsWith(ipv6));
  expect(unasked.map(({ isRough }) => isRough)).toEqual([false]);
});
