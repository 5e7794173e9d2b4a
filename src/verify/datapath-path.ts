/**
 * Megaflows that hand packets on by `recirc(N)`, joined to those that take them up: together they are one path, and
 * it is in hardware only if every step is.
 */

import type { DatapathAction, Megaflow } from "../datapath/megaflow.js";
import type { Cube } from "./cube.js";
import { narrow } from "./cube.js";
import { cubeOf } from "./megaflow-cube.js";
import { type OffloadState, statesFromBest } from "./verdict.js";

export interface DatapathPath {
  /** The first comes from a port, each next one from a recirculation. */
  readonly steps: readonly [Megaflow, ...Megaflow[]];
  readonly packets: Cube;
  readonly actions: readonly DatapathAction[];
  /** The worst of its steps; undefined if one does not say. */
  readonly state?: OffloadState;
}

/** Longer chains are cut: OVS itself recirculates a packet at most 6 times in the datapath. */
const longestPath = 8;

export interface DatapathPaths {
  readonly paths: readonly DatapathPath[];
  /** Take packets up from a recirculation that no megaflow of the dump makes. */
  readonly orphans: readonly Megaflow[];
}

export type StateOf = (megaflow: Megaflow) => OffloadState | undefined;

export function pathsOf(megaflows: readonly Megaflow[], stateOf: StateOf): DatapathPaths {
  const roots = megaflows.filter(({ match }) => match.recircId === 0);
  if (roots.length === megaflows.length)
    return { paths: roots.map((root) => singlePath(root, stateOf)), orphans: [] };
  const children = new Map<number, Megaflow[]>();
  for (const megaflow of megaflows) {
    const { recircId } = megaflow.match;
    if (recircId !== 0) children.set(recircId, [...(children.get(recircId) ?? []), megaflow]);
  }
  const paths = roots.flatMap((root) => extend(singlePath(root, stateOf), children, stateOf));
  const reached = new Set(paths.flatMap(({ steps }) => steps));
  return { paths, orphans: megaflows.filter((megaflow) => !reached.has(megaflow)) };
}

function singlePath(megaflow: Megaflow, stateOf: StateOf): DatapathPath {
  const state = stateOf(megaflow);
  return {
    steps: [megaflow],
    packets: cubeOf(megaflow),
    actions: megaflow.actions,
    ...(state === undefined ? {} : { state }),
  };
}

function extend(
  path: DatapathPath,
  children: ReadonlyMap<number, Megaflow[]>,
  stateOf: StateOf,
): DatapathPath[] {
  const last = path.actions.at(-1);
  if (last?.kind !== "recirculate" || path.steps.length > longestPath) return [path];
  const next = (children.get(last.id) ?? []).filter(
    ({ match }) => match.inPort === path.steps[0].match.inPort,
  );
  const extended = next.flatMap((megaflow) => {
    const joined = join(path, megaflow, stateOf);
    return joined === undefined ? [] : extend(joined, children, stateOf);
  });
  return extended.length === 0 ? [path] : extended;
}

function join(path: DatapathPath, megaflow: Megaflow, stateOf: StateOf): DatapathPath | undefined {
  let packets = path.packets;
  const before = path.actions.slice(0, -1);
  // bits that were rewritten on the way say nothing of the packet as it came
  const rewritten = new Set(
    before.flatMap((action) =>
      action.kind === "set" ? action.fields.map(({ field }) => field) : [],
    ),
  );
  for (const [field, bits] of cubeOf(megaflow)) {
    if (rewritten.has(field)) continue;
    const known = packets.get(field);
    if (known !== undefined && ((known.value ^ bits.value) & known.mask & bits.mask) !== 0n)
      return undefined;
    packets = narrow(packets, field, bits.value, bits.mask);
  }
  const state = worseOf(path.state, stateOf(megaflow));
  return {
    steps: [...path.steps, megaflow],
    packets,
    // a hash only chooses among the next steps
    actions: [...before.filter(({ kind }) => kind !== "hash"), ...megaflow.actions],
    ...(state === undefined ? {} : { state }),
  };
}

function worseOf(
  one: OffloadState | undefined,
  other: OffloadState | undefined,
): OffloadState | undefined {
  if (one === undefined || other === undefined) return undefined;
  return statesFromBest.indexOf(one) >= statesFromBest.indexOf(other) ? one : other;
}
