/** What becomes of packets by a list of actions: they leave, are rewritten, and go on to other places. */

import type { Action } from "../../openflow/action.js";
import { actionsOfSet } from "../../openflow/action-set.js";
import { discoveryFieldsOf, hasDiscoveryField } from "../../openflow/discovery-fields.js";
import { fieldOf } from "../../openflow/field.js";
import {
  deepens,
  deepestResubmit,
  lookupsAfter,
  mostLookups,
} from "../../openflow/lookup-limit.js";
import { inPort as backToSender, controllerPort, type Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort } from "../../openflow/tables.js";
import { withoutDone } from "./circle.js";
import { isTerminal, type Node, terminalOf, valueIn } from "./diagram.js";
import type { Operations } from "./operations.js";
import { abandoned, dropped, type OutcomeId, type Outcomes, unknown } from "./outcome.js";
import { type Place, Rests, WrittenSets } from "./place.js";
import type { Substitution, Substitutions } from "./substitution.js";
import type { TableLookup } from "./table-lookup.js";
import type { Next } from "./walked-place.js";

export interface Surroundings {
  readonly operations: Operations;
  readonly substitutions: Substitutions;
  readonly outcomes: Outcomes;
  readonly lookup: TableLookup;
  readonly portNumbers: PortNumbers;
  readonly enter: (place: Place) => Next;
  readonly nodeOf: (next: Next) => Node;
}

export class ActionSteps {
  readonly #around: Surroundings;
  readonly #rests = new Rests();
  readonly #sets = new WrittenSets();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** `list` is the number of the actions. */
  perform(list: number, place: Place): Next {
    const { actions } = this.#around.lookup.actionsOf(list);
    return this.#act(actions, 0, place);
  }

  #act(actions: readonly Action[], from: number, place: Place): Next {
    let { fields, written } = place;
    for (let at = from; at < actions.length; at++) {
      const action = actions[at] as Action;
      const presence = this.#presenceOf(action, fields);
      if (presence === "open") return terminalOf(unknown);
      if (presence === "absent") continue;
      switch (action.kind) {
        case "set":
          fields = this.#set(fields, action);
          break;
        case "move": {
          const [source, target] = [fieldOf(action.from).index, fieldOf(action.to).index];
          fields = this.#around.substitutions.move(fields, source, target);
          break;
        }
        case "write-actions":
          written = this.#sets.of([...(written?.actions ?? []), ...action.actions]);
          break;
        case "clear-actions":
          written = undefined;
          break;
        case "queue":
        case "note":
          break;
        case "output":
        case "controller": {
          const port = action.kind === "output" ? action.port : controllerPort;
          return this.#send(port, { ...place, fields, written }, actions, at + 1);
        }
        case "goto":
          // forward only (OpenFlow 1.4, section 5.1)
          if (action.table <= place.table) return terminalOf(unknown);
          if (depthOf(place) >= deepestResubmit) return terminalOf(abandoned);
          return this.#around.enter({
            ...place,
            table: action.table,
            asPort: place.inPort,
            fields,
            written,
            lookups: place.lookups === 0 ? 0 : place.lookups + 1,
          });
        case "resubmit":
          return this.#resubmit(action, { ...place, fields, written }, actions, at + 1);
        case "conjunction":
        case "unknown":
          return terminalOf(unknown);
      }
    }
    return this.#finish({ ...place, fields, written });
  }

  /** Whether packets that came so far have what the action writes or copies: see discovery-fields.ts. */
  #presenceOf(action: Action, fields: Substitution): "there" | "absent" | "open" {
    const asked = discoveryFieldsOf(action);
    if (asked.length === 0) return "there";
    const { substitutions } = this.#around;
    const [type, code] = (["icmpv6_type", "icmpv6_code"] as const).map((name) => {
      const { index, full } = fieldOf(name);
      const { value, mask, from } = substitutions.bitsOf(fields, index);
      return { value, isKnown: mask === full, isOwn: mask === 0n && from === index };
    }) as [HeaderByte, HeaderByte];
    if (type.isKnown && code.isKnown)
      return asked.every((name) => hasDiscoveryField(name, type.value, code.value))
        ? "there"
        : "absent";
    // packets of discovery are kinds of their own (packet-kind.ts), in which both are known
    return type.isOwn && code.isOwn ? "absent" : "open";
  }

  #set(fields: Substitution, action: Action & { readonly kind: "set" }): Substitution {
    const { index, full } = fieldOf(action.field);
    return this.#around.substitutions.set(fields, index, action.value, action.mask ?? full);
  }

  #send(port: Port, place: Place, actions: readonly Action[], from: number): Node {
    const { outcomes, operations, portNumbers, nodeOf } = this.#around;
    const sent = outcomes.sending(resolvePort(port, portNumbers), place.fields);
    const after = nodeOf(this.#act(actions, from, place));
    const also = (value: OutcomeId) => outcomes.also(sent, value);
    if (isTerminal(after)) return terminalOf(also(valueIn(after)));
    return operations.mapValues(after, also);
  }

  #resubmit(
    action: Action & { readonly kind: "resubmit" },
    place: Place,
    actions: readonly Action[],
    from: number,
  ): Next {
    const { table, rest: next } = place;
    if (depthOf(place) >= deepestResubmit) return terminalOf(abandoned);
    const lookups = lookupsAfter(place.lookups, table);
    if (lookups > mostLookups) return terminalOf(unknown);
    const target = action.table ?? table;
    const depth = depthOf(place) + (deepens(table, target) ? 1 : 0);
    const { portNumbers, lookup, enter } = this.#around;
    const asPort =
      action.port === undefined || action.port === backToSender
        ? place.inPort
        : resolvePort(action.port, portNumbers);
    const list = lookup.choices.listOf(table, actions);
    const rest = this.#rests.of(list, { actions, from, table, depth, ...(next && { next }) });
    return enter({ ...place, table: target, asPort, rest, lookups });
  }

  /** A list is done: what stands behind the `resubmit` that led to it comes next, and the action set last of all. */
  #finish(place: Place): Next {
    const { rest, written } = place;
    if (rest === undefined)
      return written === undefined
        ? terminalOf(dropped)
        : this.#act(actionsOfSet(written.actions), 0, { ...place, written: undefined });
    const { actions, from, table, next } = rest;
    const visited = withoutDone(place.visited, rest);
    return this.#act(actions, from, { ...place, table, rest: next, visited });
  }
}

interface HeaderByte {
  readonly value: bigint;
  readonly isKnown: boolean;
  readonly isOwn: boolean;
}

function depthOf({ rest }: Place): number {
  return rest?.depth ?? 0;
}
