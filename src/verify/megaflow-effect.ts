/** What a megaflow does with packets it covers, in the words of the tables: outputs and rewrites. */

import type { DatapathAction, DatapathField } from "../datapath/megaflow.js";
import { bitsOf, type Cube, changesBetween } from "./cube.js";
import { datapathPortName, type PortNames, toController } from "./port-names.js";
import { type Output, setBits } from "./walk.js";

export type Effect =
  | { readonly kind: "outputs"; readonly outputs: readonly Output[] }
  /** ovs-vswitchd runs the packet through the tables itself: it does what they say, on the CPU. */
  | { readonly kind: "as-tables" }
  /** Hands the packet on to something that no table of railfence asks for. */
  | { readonly kind: "opaque"; readonly action: DatapathAction };

export function effectOf(
  actions: readonly DatapathAction[],
  packets: Cube,
  names: PortNames,
): Effect {
  let now = packets;
  const outputs: Output[] = [];
  for (const action of actions) {
    switch (action.kind) {
      case "drop":
        break;
      case "output":
        outputs.push({
          port: datapathPortName(action.port, names),
          changes: changesBetween(packets, now),
        });
        break;
      case "set":
        // a queue makes packets wait, and leads none elsewhere (`set_queue`, ovs-actions(7))
        if (action.key === "skb_priority") break;
        for (const field of action.fields) {
          const changed = setField(now, field);
          if (changed === undefined) return { kind: "opaque", action };
          now = changed;
        }
        break;
      case "push-vlan": {
        if (!isUntagged(now)) return { kind: "opaque", action };
        const tag = BigInt((action.priority << 13) | 0x1000 | action.vlan);
        now = setBits(now, "vlan_tci", tag, undefined);
        break;
      }
      case "pop-vlan":
        now = setBits(now, "vlan_tci", 0n, undefined);
        break;
      case "userspace":
        if (action.reason === "controller") {
          outputs.push({ port: toController, changes: changesBetween(packets, now) });
          break;
        }
        if (action.reason !== "slow_path(action)") return { kind: "opaque", action };
        return { kind: "as-tables" };
      case "recirculate":
      case "conntrack":
      case "conntrack-clear":
      case "truncate":
      case "hash":
      case "meter":
      case "check-packet-length":
      case "clone":
      case "sample":
      case "tunnel-push":
      case "tunnel-pop":
      case "other":
      case "unknown":
        return { kind: "opaque", action };
    }
  }
  return { kind: "outputs", outputs };
}

function setField(cube: Cube, { field, value, mask }: DatapathField): Cube | undefined {
  if (field === undefined) return undefined;
  if (field !== "nw_tos") return setBits(cube, field, value, mask);
  const dscp = setBits(cube, "nw_tos", value & 0xfcn, mask & 0xfcn);
  return (mask & 3n) === 0n ? dscp : setBits(dscp, "nw_ecn", value & 3n, mask & 3n);
}

function isUntagged(cube: Cube): boolean {
  const tag = bitsOf(cube, "vlan_tci");
  return (tag.mask & 0x1000n) !== 0n && (tag.value & 0x1000n) === 0n;
}
