/** One rail of one node, compiled and made ready for the model. */

import { compileRail } from "../../compile/compile-rail.js";
import type { CompiledRail } from "../../compile/compiled-rail.js";
import { Fleet } from "../../compile/fleet.js";
import { pipelineOf } from "../../compile/pipeline.js";
import { RailView } from "../../compile/rail-view.js";
import {
  type ClassifiedTables,
  classifyTables,
} from "../../datapath/unwildcard/classified-tables.js";
import type { ClassifierOptions } from "../../datapath/unwildcard/classifier.js";
import type { CheckedPolicy } from "../../policy/checked-policy.js";
import type { Inventory } from "../../policy/inventory.js";

export interface RailModel {
  readonly compiled: CompiledRail;
  readonly view: RailView;
  readonly tables: ClassifiedTables;
  /** Where packets come in: the rail's first table, whatever others have before it. */
  readonly start: number;
}

export function railModelOf(
  policy: CheckedPolicy,
  inventory: Inventory,
  { node, rail }: { readonly node: string; readonly rail: string },
  options: ClassifierOptions = {},
): RailModel {
  const compiled = compileRail(policy, inventory, { node, rail });
  return modelOfCompiled(policy, inventory, compiled, options);
}

/** Of a rail that was compiled already, from the same policy and inventory. */
export function modelOfCompiled(
  policy: CheckedPolicy,
  inventory: Inventory,
  compiled: CompiledRail,
  options: ClassifierOptions = {},
): RailModel {
  const { node, rail, tables } = compiled;
  const known = inventory.rails.get(rail);
  const start = tables[0]?.number;
  if (known === undefined || start === undefined)
    throw new RangeError(`there is no rail ${rail} in the inventory`);
  const fleet = new Fleet(policy, inventory, node, rail);
  const pipeline = pipelineOf(known.mode, start);
  return {
    compiled,
    view: new RailView(policy, inventory, known, compiled.ports, fleet, pipeline),
    tables: classifyTables(compiled.flows, new Map(), options),
    start,
  };
}
