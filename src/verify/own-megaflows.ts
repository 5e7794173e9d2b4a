/** Which megaflows of a datapath are the business of one rail's fence. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { Megaflow } from "../datapath/megaflow.js";
import { fencedPorts } from "./compare-flows.js";
import { strangerFinding } from "./datapath-findings.js";
import { datapathPortName, type PortNames } from "./port-names.js";
import type { VerdictBuilder } from "./verdict-builder.js";

interface Rail {
  readonly compiled: CompiledRail;
  readonly bridge: string;
  readonly names: PortNames;
  readonly builder: VerdictBuilder;
}

/** Megaflows of packets that the fence decides about, without those that cannot be reasoned about. */
export function ownMegaflows(rail: Rail, megaflows: readonly Megaflow[]): Megaflow[] {
  const { builder, names, compiled, bridge } = rail;
  const fenced = fencedPorts(compiled, names);
  const inside = new Set(fenced);
  inside.delete(bridge);
  inside.delete(compiled.ports.uplink);
  return megaflows.filter((megaflow) => {
    const { inPort } = megaflow.match;
    if (typeof inPort === "number" && !names.datapath.has(inPort)) {
      builder.addFinding({ kind: "unnamed-port", megaflow });
      return false;
    }
    const name = inPort === undefined ? undefined : datapathPortName(inPort, names);
    if (name !== undefined && !fenced.has(name)) {
      // somebody else's port: none of the fence's business unless it reaches one of its pods
      if (reaches(megaflow, inside, names)) builder.addFinding(strangerFinding(megaflow, name));
      else builder.countElsewhere();
      return false;
    }
    const { notUnderstood } = megaflow;
    if (notUnderstood.length === 0 && name !== undefined) return true;
    builder.addFinding({ kind: "not-understood", megaflow, parts: notUnderstood });
    return false;
  });
}

function reaches(megaflow: Megaflow, ports: ReadonlySet<string>, names: PortNames): boolean {
  return megaflow.actions.some(
    (action) => action.kind === "output" && ports.has(datapathPortName(action.port, names)),
  );
}
