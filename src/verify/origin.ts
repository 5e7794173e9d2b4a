/**
 * How a megaflow came to do what the tables do not: by what can be seen of it now. Nobody notes down where a megaflow is
 * from, so each is called by the first of these that is certain, and `stale` is what is left.
 */

import type { Megaflow } from "../datapath/megaflow.js";
import { bitsOf } from "./cube.js";
import type { Judgement } from "./judge-path.js";
import { cubeOf } from "./megaflow-cube.js";
import type { PossibleEffects } from "./possible-effects.js";

export type Origin =
  /** The tables treat its packets in several ways, and it is right for some of them. */
  | { readonly kind: "wider" }
  /** Not of Open vSwitch's own making, as far as the switch's flows tell. */
  | { readonly kind: "hand-made"; readonly evidence: HandMadeEvidence }
  /** It does what the tables might do, and do not do with these packets. */
  | { readonly kind: "stale" };

export type HandMadeEvidence =
  /** ovs-vswitchd gives each megaflow an identifier (ofproto-dpif-upcall.c); `dpctl/add-flow` without one does not. */
  | "no-ufid"
  /** ovs-vswitchd matches the EtherType in every megaflow (xlate_wc_init() in ofproto-dpif-xlate.c). */
  | "no-ether-type"
  /** No packet of the port gets such actions; a mirror or sampling of the bridge, which no flow tells of, may add some. */
  | "actions";

export interface OriginClues {
  /** Whether the megaflows of the dump have identifiers. */
  readonly hasUfids: boolean;
  readonly effects: PossibleEffects;
}

type Wrong = Exclude<Judgement, { kind: "agrees" }>;

/** Undefined where the tables themselves cannot be interpreted. */
export function originOf(
  megaflow: Megaflow,
  inPort: string,
  judgement: Wrong,
  { hasUfids, effects }: OriginClues,
): Origin | undefined {
  if (judgement.treatment.opaque !== undefined) return undefined;
  if (judgement.isWider) return { kind: "wider" };
  if (hasUfids && megaflow.ufid === undefined) return { kind: "hand-made", evidence: "no-ufid" };
  if (bitsOf(cubeOf(megaflow), "dl_type").mask === 0n)
    return { kind: "hand-made", evidence: "no-ether-type" };
  if (!effects.isPossible(inPort, judgement.actual))
    return { kind: "hand-made", evidence: "actions" };
  return { kind: "stale" };
}
