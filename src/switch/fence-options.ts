/** What a fence is opened with, and the bridges that follow from it. */

import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Inventory } from "../policy/inventory.js";
import { FenceError } from "./fence-error.js";
import { FenceRail } from "./fence-rail.js";
import type { OpenVswitch } from "./open-vswitch.js";

export interface FenceOptions {
  readonly policy: CheckedPolicy;
  /** The fleet as it is now; endpoints that come and go later are told by `attach` and `detach`. */
  readonly inventory: Inventory;
  readonly switch: OpenVswitch;
  readonly node: string;
  /** Those to fence; every rail of the node if absent. */
  readonly rails?: readonly string[];
  /** Number of the first table, where others' flows come first on the same bridges. */
  readonly tableBase?: number;
  /** How long another railfence process is waited for, in milliseconds. */
  readonly lockPatienceMs?: number;
}

/** By rail. @throws {FenceError} `unknown-node`, `unknown-rail` */
export function bridgesOf(options: FenceOptions): ReadonlyMap<string, FenceRail> {
  const node = options.inventory.nodes.get(options.node);
  if (node === undefined)
    throw new FenceError({
      kind: "unknown-node",
      message: `node \`${options.node}\` is not in the inventory`,
    });
  const names = options.rails ?? [...node.rails.keys()].sort();
  return new Map(
    names.map((name) => {
      const ports = node.rails.get(name);
      if (ports === undefined)
        throw new FenceError({
          kind: "unknown-rail",
          message: `node \`${options.node}\` has no rail \`${name}\` in the inventory`,
        });
      const bridge = new FenceRail(options.switch, ports.bridge, {
        lockPatienceMs: options.lockPatienceMs,
      });
      return [name, bridge];
    }),
  );
}
