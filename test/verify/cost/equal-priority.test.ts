/** Whether a count is called exact where two subtables have one highest priority, against every order of the two. */

import { describe, expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../../src/datapath/unwildcard/classifier.js";
import { readFlows } from "../../../src/openflow/read.js";
import { lookUpClass } from "../../../src/verify/cost/class-lookup.js";
import { packetsWith } from "../../support/packet-classes.js";

type Fields = Parameters<typeof packetsWith>[0];

/** For each flow that is found, and last for those that find none: whether all that find it surely make its masks. */
function surely(lines: readonly string[], fields: Fields): (boolean | undefined)[] {
  const { flows } = readFlows({ name: "flows", text: lines.join("\n") });
  const classifier = classifyTables(flows).byNumber.get(0) as Classifier;
  const sure: (boolean | undefined)[] = [...lines, ""].map(() => undefined);
  lookUpClass(classifier, packetsWith(fields), ({ isRough }, rule) => {
    const at = rule?.index ?? lines.length;
    sure[at] = (sure[at] ?? true) && !isRough;
  });
  return sure;
}

const tcp: Fields = { dl_type: 0x0800n, nw_proto: 6n, nw_frag: 0n };

describe("of one highest priority", () => {
  test("either order looks at something else: neither is sure", () =>
    expect(
      surely(
        [
          "priority=5,dl_dst=02:00:00:00:00:01 actions=output:1",
          "priority=5,dl_src=02:00:00:00:00:02 actions=output:2",
        ],
        tcp,
      ),
    ).toEqual([false, false, true]));

  test("what one matches, the other looks at, too: those who find the wider one are not sure", () =>
    expect(
      surely(
        [
          "priority=5,tcp,tp_dst=80 actions=output:1",
          "priority=5,tcp,tp_dst=81,tcp_flags=+ack actions=output:2",
        ],
        tcp,
      ),
    ).toEqual([false, true, true]));

  test("the other ends at the EtherType, which every packet shows", () =>
    expect(
      surely(
        [
          "priority=5,tcp,tp_dst=80 actions=output:1",
          "priority=5,tcp6,ipv6_src=fd00::/64,tp_dst=80 actions=output:2",
        ],
        tcp,
      ),
    ).toEqual([true, undefined, true]));

  test("the other ends at a register, which no megaflow shows", () =>
    expect(
      surely(
        [
          "priority=5,reg0=1,tcp,tp_dst=80 actions=output:1",
          "priority=5,reg1=1,tcp,nw_tos=4 actions=output:2",
        ],
        { ...tcp, reg0: 1n, reg1: 2n },
      ),
    ).toEqual([true, undefined, true]));

  test("a lookup before both has looked at all that the other could", () =>
    expect(
      surely(
        [
          "priority=9,tcp,tp_dst=79,tcp_flags=+ack actions=output:9",
          "priority=5,tcp,tp_dst=80 actions=output:1",
          "priority=5,tcp,tp_dst=81,tcp_flags=+ack actions=output:2",
        ],
        tcp,
      ),
    ).toEqual([true, true, true, true]));

  test("a trie looks further than its subtable's mask", () =>
    expect(
      surely(
        [
          "priority=5,ip,nw_dst=10.0.0.0/8,nw_tos=4 actions=output:1",
          "priority=5,ip,nw_dst=10.1.0.0/16 actions=output:2",
        ],
        { ...tcp },
      ).slice(0, 2),
    ).toEqual([false, false]));
});

test("where one is above the other there is one order alone", () =>
  expect(
    surely(
      [
        "priority=6,dl_dst=02:00:00:00:00:01 actions=output:1",
        "priority=5,dl_src=02:00:00:00:00:02 actions=output:2",
      ],
      tcp,
    ),
  ).toEqual([true, true, true]));
