/** A megaflow in OpenFlow's fields, where Open vSwitch looks at less than the packet holds. */

import { expect, test } from "vitest";
import type { Megaflow } from "../../src/datapath/megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import type { FieldName } from "../../src/openflow/field.js";
import { cubeOf } from "../../src/verify/megaflow-cube.js";

const names: readonly FieldName[] = ["nw_frag", "tp_src", "tp_dst", "tcp_flags"];

test.each([
  ["frag=no", [0n, 443n, 4791n, 0x10n]],
  // rule_dpif_lookup_from_table() of ofproto/ofproto-dpif.c clears the ports of both kinds, and nothing else
  ["frag=first", [1n, 0n, 0n, 0x10n]],
  ["frag=later", [3n, 0n, 0n, 0n]],
])("what lookups see of ipv4(%s)", (fragment, seen) => {
  const text = `recirc_id(0),in_port(p0),eth_type(0x0800),ipv4(proto=6,${fragment}),tcp(src=443,dst=4791),tcp_flags(ack), packets:0, bytes:0, used:never, actions:drop\n`;
  const { megaflows } = readMegaflows({ name: "dump", text });
  const cube = cubeOf(megaflows[0] as Megaflow);
  expect(names.map((name) => cube.get(name)?.value)).toEqual(seen);
});
