/**
 * A solicitation is sent to the group of whom it asks for (RFC 4861, section 7.2.2): the last 24 bits of its IPv6 and of
 * its Ethernet destination are those of the target. An answer rewrites all three, which makes them exact in its megaflow,
 * so no wrong group may come so far; and since a wrong one is wrong for every target anew, the ways to be wrong are few:
 * two bits are compared at a time, right after the target's own. For one neighbour that is 12 megaflows where all that
 * comes before its last four bits is shared, at most 72; strides of 8 bits after the whole target made 1,530.
 */

import type { Table } from "./compiled-rail.js";
import type { FlowSink } from "./flow-sink.js";
import type { RailView } from "./rail-view.js";
import { endsOf } from "./strides.js";

/** The bits of a target that its group holds (RFC 4291, section 2.7.1). */
export const groupBits = 24;
/** Compared at a time: 3 wrong values of 4. */
const width = 2;

const solicitation = "solicitation" as const;

/** How many tables follow each stride of a walk over targets: for each pair of bits one of IPv6, one of Ethernet. */
export function comparisonsAfter(strides: readonly number[]): number[] {
  const ends = endsOf(strides);
  const bits = ends.at(-1) as number;
  return ends.map((end, at) => {
    const low = Math.min(strides[at] as number, Math.max(0, end - (bits - groupBits)));
    return 2 * (low / width);
  });
}

export function addOwnGroup({ pipeline }: RailView, sink: FlowSink): void {
  const { neighbourTarget, neighbourOwnGroup } = pipeline;
  let above = groupBits;
  for (const [stride, tables] of neighbourOwnGroup.entries())
    for (const [at, table] of tables.entries()) {
      const isEthernet = at % 2 === 1;
      if (!isEthernet) above -= width;
      const next = tables[at + 1] ?? neighbourTarget.tables[stride + 1] ?? pipeline.neighbourReply;
      const shift = BigInt(above);
      const mask = ((1n << BigInt(width)) - 1n) << shift;
      for (let digit = 0n; digit < 1n << BigInt(width); digit++) {
        const bits = { value: digit << shift, mask };
        const neighbour = { message: solicitation, target: bits };
        const spec = isEthernet
          ? { ethernetDestination: bits, ip: { family: 6, neighbour } as const }
          : { ip: { family: 6, destination: bits, neighbour } as const };
        sink.add(table, 100, spec, [sink.goTo(next)], "the target's own group");
      }
    }
}

/** Where a solicitation that was sent to a group goes on after a stride of its target. */
export function afterStride({ pipeline }: RailView, stride: number): Table {
  const { neighbourTarget, neighbourOwnGroup, neighbourReply } = pipeline;
  return neighbourOwnGroup[stride]?.[0] ?? neighbourTarget.tables[stride + 1] ?? neighbourReply;
}
