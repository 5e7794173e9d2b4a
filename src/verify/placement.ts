/** Where each megaflow of a rail does its work, by everything that is known; and why not in the NIC. */

import type { Megaflow } from "../datapath/megaflow.js";
import type { Rule } from "../policy/checked-policy.js";
import type { DatapathPath } from "./datapath-path.js";
import { type Confirmation, confirmationOf } from "./evidence/confirmation.js";
import type { Evidence } from "./evidence/evidence.js";
import { offloadStateOf } from "./offload-state.js";
import { datapathPortName, type PortNames } from "./port-names.js";
import type { Reason } from "./reason/cause.js";
import { type Compared, Comparison } from "./reason/comparison.js";
import { reasonOf } from "./reason/reason.js";
import type { Circumstances } from "./reason/suspect.js";
import type { OffloadState, TableFull } from "./verdict.js";

interface Placement {
  readonly state: OffloadState;
  readonly confirmation?: Confirmation;
}

export class Placements {
  readonly #evidence: Evidence;
  readonly #bridge: string;
  readonly #names: PortNames;
  readonly #placements = new Map<Megaflow, Placement | undefined>();
  readonly #rulesWithoutRoom = new Set<Rule>();
  #comparison: Comparison | undefined;
  #withoutRoom = 0;

  /** Of all megaflows of one rail: one is told by the others. */
  constructor(
    megaflows: readonly Megaflow[],
    evidence: Evidence,
    bridge: string,
    names: PortNames,
  ) {
    this.#evidence = evidence;
    this.#bridge = bridge;
    this.#names = names;
    for (const megaflow of megaflows) this.#placements.set(megaflow, this.#place(megaflow));
  }

  stateOf(megaflow: Megaflow): OffloadState | undefined {
    return this.#placements.get(megaflow)?.state;
  }

  /** Of a path that is offloaded: its steps are confirmed together, or the first that is not speaks for them. */
  confirmationOf({ steps }: DatapathPath): Confirmation | undefined {
    const all = steps.map((step) => this.#placements.get(step)?.confirmation);
    return all.find((one) => one?.kind !== "confirmed") ?? all[0];
  }

  /** Why a path that is not in hardware is not: of the step that is worst off. `rules` are those that suffer. */
  reasonOf(path: DatapathPath, rules: Iterable<Rule>): Reason | undefined {
    const { state, steps } = path;
    if (state === undefined) return undefined;
    const worst = steps.find((step) => this.stateOf(step) === state) ?? steps[0];
    const confirmation = this.#placements.get(worst)?.confirmation;
    const reason = reasonOf(worst, state, this.#circumstances(this.#compared()), confirmation);
    if (reason?.code === "table-full") {
      this.#withoutRoom++;
      for (const rule of rules) this.#rulesWithoutRoom.add(rule);
    }
    return reason;
  }

  /** How full the NIC is, once every path has been asked for its reason. */
  tableFull(): TableFull | undefined {
    if (this.#withoutRoom === 0) return undefined;
    const rules = [...this.#rulesWithoutRoom];
    return { kind: "table-full", fit: this.countInHardware(), refused: this.#withoutRoom, rules };
  }

  #place(megaflow: Megaflow): Placement | undefined {
    const state = offloadStateOf(megaflow);
    if (state !== "offloaded") return state === undefined ? undefined : { state };
    const inPort = datapathPortName(megaflow.match.inPort ?? "", this.#names);
    const confirmation = confirmationOf(megaflow, inPort, this.#evidence);
    if (confirmation.kind === "contradicted") return { state: "accepted-only", confirmation };
    if (confirmation.kind === "denied") return { state: "software-tc", confirmation };
    return { state, confirmation };
  }

  countInHardware(): number {
    const states = [...this.#placements.values()].map((placement) => placement?.state);
    return states.filter(isTaken).length;
  }

  #circumstances(comparison?: Comparison): Circumstances {
    return {
      evidence: this.#evidence,
      bridge: this.#bridge,
      names: this.#names,
      ...(comparison === undefined ? {} : { comparison }),
    };
  }

  #compared(): Comparison {
    this.#comparison ??= new Comparison(
      [...this.#placements].flatMap(([megaflow, placement]): Compared[] => {
        if (placement === undefined) return [];
        if (isTaken(placement.state)) return [{ megaflow, isInHardware: true }];
        // what has a reason of its own says nothing of the others
        const reason = reasonOf(megaflow, placement.state, this.#circumstances());
        return reason === undefined || !isGuess(reason) ? [] : [{ megaflow, isInHardware: false }];
      }),
      (port) => this.#isOrdinary(port),
    );
    return this.#comparison;
  }

  /** Known to take tc filters, and to belong to a NIC's switch. */
  #isOrdinary(port: string): boolean {
    const { features, switchIds } = this.#evidence;
    return features?.get(port)?.isOn === true && (switchIds?.get(port) ?? "") !== "";
  }
}

function isTaken(state: OffloadState | undefined): boolean {
  return state === "offloaded" || state === "accepted-only";
}

/** Whether others may tell more: a reason that lies in the megaflow alone, and does not say where. */
function isGuess(reason: Reason): boolean {
  if (reason.code === "nic-silent" || reason.code === "tc-silent") return true;
  if (reason.code !== "nic-refuses") return false;
  const source = reason.evidence.at(-1)?.source;
  return reason.part === undefined || source === "refusal-list" || source === "kernel-log";
}
