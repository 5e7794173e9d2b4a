/**
 * What the tables do with all packets that agree in some bits, such as those of one megaflow: the second way to know it
 * beside `verify/walk.ts`, with which it shares no code.
 */

import { fieldOf } from "../../openflow/field.js";
import type { Port } from "../../openflow/match.js";
import type { Cube } from "../cube.js";
import { everything, type Node, nothing } from "./diagram.js";
import { isScratchField } from "./header-bits.js";
import type { HeaderSets } from "./header-sets.js";
import { dropped, type Sent, unknown } from "./outcome.js";
import { carePackets, constantsOf, type PacketKindName, packetKinds } from "./packet-kind.js";
import type { TableWalk } from "./table-walk.js";

export interface CubeOutcome {
  readonly kind: PacketKindName;
  /** Those of the cube that are treated so. */
  readonly packets: Node;
  /** `unknown`, or the copies that leave. */
  readonly sent: readonly Sent[] | "unknown";
}

/** One for each way in which packets of the cube are treated; none where there is no such packet. */
export function outcomesWithin(
  sets: HeaderSets,
  walks: ReadonlyMap<PacketKindName, TableWalk>,
  inPort: Port,
  cube: Cube,
): CubeOutcome[] {
  return packetKinds.flatMap((kind) => {
    const walk = walks.get(kind);
    const packets = walk === undefined ? nothing : packetsOf(sets, kind, cube);
    if (walk === undefined || packets === nothing) return [];
    const { operations } = sets;
    // every outcome one further, so that zero is left for packets outside
    const found = operations.mapValues(
      walk.outcomesFor(inPort),
      (id) => walk.outcomes.resolve(id, inPort) + 1,
    );
    const inside = operations.choose(packets, found, nothing);
    return operations.valuesOf(inside).values.flatMap((value) => {
      if (value === 0) return [];
      const id = value - 1;
      const sent =
        id === unknown ? ("unknown" as const) : id === dropped ? [] : walk.outcomes.sentIn(id);
      return [{ kind, packets: operations.whereValue(inside, value), sent }];
    });
  });
}

function packetsOf(sets: HeaderSets, kind: PacketKindName, cube: Cube): Node {
  const constants = constantsOf(kind);
  let packets: Node = everything;
  for (const [name, { value, mask }] of cube) {
    const { index } = fieldOf(name);
    if (isScratchField(index) || mask === 0n) continue;
    const constant = constants.get(index);
    if (constant === undefined) packets = sets.and(packets, sets.masked(name, value, mask));
    else if (((constant ^ value) & mask) !== 0n) return nothing;
  }
  return packets === nothing ? nothing : sets.and(packets, carePackets(sets, kind));
}
