/** Random worlds compiled: what the laws of the compiler are held against. */

import { compileRail } from "../../src/compile/compile-rail.js";
import type { CompiledRail } from "../../src/compile/compiled-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import type { Random } from "./random.js";
import { randomWorld, type World } from "./random-world.js";

export interface CompiledWorld extends World {
  readonly compiled: CompiledRail;
}

/** One of each rail of each world. */
export async function* compiledWorlds(
  random: Random,
  count: number,
): AsyncGenerator<CompiledWorld, void, undefined> {
  for (let index = 0; index < count; index++) {
    const world = await randomWorld(random);
    for (const rail of world.inventory.rails.keys())
      yield { ...world, compiled: compiledRailOf(world, rail) };
  }
}

export function compiledRailOf(world: Omit<World, "policyText" | "inventoryText">, rail: string) {
  return compileRail(world.policy, world.inventory, { node: world.node, rail });
}

/** As the switch gets it, but for ports, which are names. */
export function flowText(flows: readonly Flow[]): string {
  return flows.map((flow) => `${printFlow(flow)}\n`).join("");
}

/** What to reproduce a failure with. */
export function worldText({ policyText, inventoryText, compiled }: CompiledWorld): string {
  return `rail ${compiled.rail} (${compiled.mode}) of\n${policyText}\n${inventoryText}`;
}
