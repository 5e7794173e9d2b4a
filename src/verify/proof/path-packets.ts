/** All packets that every flow of a path takes, among which are those that go it. */

import { drop } from "../../openflow/action.js";
import type { Doubt } from "../../openflow/doubt.js";
import type { Evaluation } from "../../openflow/evaluate.js";
import { fieldOf } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import { mostLookups } from "../../openflow/lookup-limit.js";
import { inPort as backToSender, type Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort } from "../../openflow/tables.js";
import { everything, type Node } from "./diagram.js";
import { FlowTable } from "./flow-groups.js";
import type { HeaderSets } from "./header-sets.js";
import type { Substitution, Substitutions } from "./substitution.js";
import { TableLookup } from "./table-lookup.js";

export class PathPackets {
  readonly #sets: HeaderSets;
  readonly #substitutions: Substitutions;
  readonly #lookup: TableLookup;
  readonly #portNumbers: PortNumbers;
  #steps: Evaluation["path"] = [];
  #at = 0;
  #fields: Substitution;
  #packets: Node = everything;
  #inPort: Port = "";

  constructor(sets: HeaderSets, substitutions: Substitutions, portNumbers: PortNumbers) {
    this.#sets = sets;
    this.#substitutions = substitutions;
    this.#lookup = new TableLookup(sets, substitutions);
    this.#portNumbers = portNumbers;
    this.#fields = substitutions.unchanged;
  }

  /** Of a path that goes on and on, as far as the proof itself follows it: these may be more. */
  of({ path, doubt }: Pick<Evaluation, "path" | "doubt">, inPort: Port): Node {
    this.#steps = path.slice(0, mostLookups);
    this.#at = 0;
    this.#fields = this.#substitutions.unchanged;
    this.#packets = everything;
    this.#inPort = inPort;
    this.#enter(inPort, doubt);
    return this.#packets;
  }

  /** The tables again, by the flows that are known to match there. */
  #enter(asPort: Port, doubt: Doubt | undefined): void {
    const step = this.#steps[this.#at++];
    if (step === undefined) {
      for (const flow of doubtful(doubt)) this.#narrow(flow, asPort);
      return;
    }
    if (step.flow === undefined) return;
    this.#narrow(step.flow, asPort);
    for (const flow of step.conjunctive ?? []) this.#narrow(flow, asPort);
    for (const action of step.flow.actions) {
      if (this.#at > this.#steps.length) return;
      switch (action.kind) {
        case "set": {
          const { index, full } = fieldOf(action.field);
          const mask = action.mask ?? full;
          this.#fields = this.#substitutions.set(this.#fields, index, action.value, mask);
          break;
        }
        case "move": {
          const [from, to] = [fieldOf(action.from).index, fieldOf(action.to).index];
          this.#fields = this.#substitutions.move(this.#fields, from, to);
          break;
        }
        case "goto":
          if (action.table > step.table) this.#enter(this.#inPort, doubt);
          return;
        case "resubmit":
          this.#enter(this.#portOf(action.port), doubt);
          break;
        case "conjunction":
        case "unknown":
          return;
        // the action set changes a packet when no table looks at it any more
        case "write-actions":
        case "clear-actions":
        case "output":
        case "controller":
        case "queue":
        case "note":
          break;
      }
    }
  }

  #portOf(port: Port | undefined): Port {
    return port === undefined || port === backToSender
      ? this.#inPort
      : resolvePort(port, this.#portNumbers);
  }

  #narrow(flow: Flow, port: Port): void {
    const table = new FlowTable(flow.table, [{ ...flow, actions: drop }], this.#portNumbers);
    const [id] = flow.match.fields;
    const fields =
      id?.field === "conj_id"
        ? this.#substitutions.set(this.#fields, fieldOf(id.field).index, id.value, id.mask)
        : this.#fields;
    const taken = this.#lookup.matched(table, { port, fields });
    this.#packets = this.#sets.operations.and(this.#packets, taken);
  }
}

function doubtful(doubt: Doubt | undefined): readonly Flow[] {
  if (doubt === undefined) return [];
  if (doubt.kind === "ambiguous") return doubt.flows;
  return doubt.kind === "unknown-match" ? [doubt.flow] : [];
}
