/** How far a NIC and a GPU stand from each other in the PCIe tree: what GPUDirect RDMA costs. */

import type { PciDevice } from "./hardware-facts.js";

export type PciDistance =
  /** They are branches of one bridge: data goes from one to the other and never through the CPU. */
  | { readonly kind: "same-switch"; readonly bridge: string }
  /** Only the root bus is common: data crosses the CPU's root complex. */
  | { readonly kind: "same-root-complex" }
  | { readonly kind: "same-numa-node"; readonly numaNode: number }
  /** Data crosses the link between the sockets. */
  | { readonly kind: "other-socket"; readonly numaNodes: readonly [number, number] }
  | { readonly kind: "not-known" };

export function distanceOf(one: PciDevice, other: PciDevice): PciDistance {
  const shared = sharedPath(one.path, other.path);
  const last = shared.at(-1);
  // the root bus itself is the first part of a path
  if (last !== undefined && shared.length > 1) return { kind: "same-switch", bridge: last };
  if (last !== undefined) return { kind: "same-root-complex" };
  if (one.numaNode === undefined || other.numaNode === undefined) return { kind: "not-known" };
  return one.numaNode === other.numaNode
    ? { kind: "same-numa-node", numaNode: one.numaNode }
    : { kind: "other-socket", numaNodes: [one.numaNode, other.numaNode] };
}

/** Lower is nearer: first by kind, within one switch by the number of bridges between. */
export function rankOf(one: PciDevice, other: PciDevice): number {
  const distance = distanceOf(one, other);
  const kinds = ["same-switch", "same-root-complex", "same-numa-node", "not-known", "other-socket"];
  const shared = sharedPath(one.path, other.path).length;
  return kinds.indexOf(distance.kind) * 1000 + one.path.length + other.path.length - 2 * shared;
}

/** The ports of the common bridge, and what is below them, on the way between the two. */
export function bridgesBetween(one: PciDevice, other: PciDevice): readonly string[] {
  const shared = sharedPath(one.path, other.path).length;
  return [...one.path.slice(shared, -1), ...other.path.slice(shared, -1)];
}

function sharedPath(one: readonly string[], other: readonly string[]): readonly string[] {
  const end = one.findIndex((part, index) => part !== other[index]);
  // a device is no bridge above itself
  return one.slice(0, Math.min(end < 0 ? one.length : end, one.length - 1, other.length - 1));
}
