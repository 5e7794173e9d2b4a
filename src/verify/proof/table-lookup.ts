/** Which flow of a table takes which packets: one diagram, whose values are choices of actions. */

import type { Action } from "../../openflow/action.js";
import { conjoined } from "../../openflow/conjunction.js";
import { fieldOf } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import type { Port } from "../../openflow/match.js";
import type { PortNumbers } from "../../openflow/print.js";
import { resolvePort } from "../../openflow/tables.js";
import { type Choice, Choices, noFlow } from "./choice.js";
import { cubesToDiagram, type VariableBit } from "./cubes.js";
import { type Node, terminalOf } from "./diagram.js";
import {
  bucketKey,
  type FlowGroup,
  type FlowTable,
  type GroupedFlow,
  type MatchedField,
} from "./flow-groups.js";
import { levelOfBit } from "./header-bits.js";
import type { HeaderSets } from "./header-sets.js";
import type { Substitution, Substitutions } from "./substitution.js";

/** Packets as they come to a table. */
export interface Arriving {
  /** What the lookup takes for the port they came in by. */
  readonly port: Port;
  readonly fields: Substitution;
}

const conjunctionId = fieldOf("conj_id");
/** Of flows whose part in a conjunctive match cannot be foreseen. */
const uninterpreted: readonly Action[] = [{ kind: "unknown", text: "conjunction" }];
const fragment = fieldOf("nw_frag").index;
const transport = new Set(
  (["tp_src", "tp_dst", "icmp_type", "icmp_code", "icmpv6_type", "icmpv6_code"] as const).map(
    (name) => fieldOf(name).index,
  ),
);

export class TableLookup {
  readonly choices: Choices;
  readonly #sets: HeaderSets;
  readonly #substitutions: Substitutions;
  readonly #unfragmented: Node;

  constructor(sets: HeaderSets, substitutions: Substitutions) {
    this.#sets = sets;
    this.#substitutions = substitutions;
    this.choices = new Choices(sets.operations);
    this.#unfragmented = sets.equal("nw_frag", 0n);
  }

  /** Values are numbers of `choices`; a packet that no flow takes is dropped. */
  find(table: FlowTable, arriving: Arriving): Node {
    return this.#stack([...this.#taken(table, arriving, true), this.choices.end]);
  }

  /** The packets that some flow of the table takes, or may take. */
  matched(table: FlowTable, arriving: Arriving): Node {
    const taken = this.#stack(this.#taken(table, arriving, true));
    return this.#sets.operations.mapValues(taken, (value) => (value === noFlow ? 0 : 1));
  }

  /** By falling priority. */
  #taken(table: FlowTable, arriving: Arriving, withConjunctions: boolean): Node[] {
    const diagrams: Node[] = [];
    for (let at = 0; at < table.groups.length; ) {
      const { priority } = table.groups[at] as FlowGroup;
      let level: Node = terminalOf(noFlow);
      let dimensions: Node = terminalOf(noFlow);
      for (; table.groups[at]?.priority === priority; at++) {
        const group = table.groups[at] as FlowGroup;
        if (group.isConjunctive) {
          if (withConjunctions)
            dimensions = this.choices.beside(dimensions, this.#takenBy(group, arriving));
        } else {
          const hidden = withConjunctions ? undefined : table.hidden;
          level = this.choices.beside(level, this.#takenBy(group, arriving, hidden));
        }
      }
      if (dimensions !== terminalOf(noFlow))
        level = this.choices.beside(level, this.#conjoined(table, dimensions, arriving));
      if (level !== terminalOf(noFlow)) diagrams.push(level);
    }
    return diagrams;
  }

  /** Where flows of each dimension meet, the packets are looked up again as those of their id. */
  #conjoined(table: FlowTable, dimensions: Node, { port, fields }: Arriving): Node {
    return this.#sets.operations.compose(dimensions, (value) => {
      if (value === noFlow) return terminalOf(noFlow);
      const { actions } = this.choices.at(value);
      const met = conjoined(actions.flatMap((id) => this.choices.actionsOf(id).actions));
      if (met === "nothing") return terminalOf(noFlow);
      if (met === "unclear")
        return terminalOf(this.choices.ofFlow(table.number, uninterpreted, false));
      const asked = this.#substitutions.set(
        fields,
        conjunctionId.index,
        met.id,
        conjunctionId.full,
      );
      return this.#stack(this.#taken(table, { port, fields: asked }, false));
    });
  }

  #stack(diagrams: readonly Node[]): Node {
    return this.#stacked(diagrams, 0, diagrams.length);
  }

  /** Neighbours first: a table of many priorities has few packets in each. */
  #stacked(diagrams: readonly Node[], from: number, to: number): Node {
    if (from === to) return terminalOf(noFlow);
    if (to - from === 1) return diagrams[from] as Node;
    const middle = (from + to) >> 1;
    return this.choices.above(
      this.#stacked(diagrams, from, middle),
      this.#stacked(diagrams, middle, to),
    );
  }

  /**
   * With the fragment handling "normal", the default, no fragment has ports in a lookup, not even the first one
   * (rule_dpif_lookup_from_table() in ofproto/ofproto-dpif.c): they count as zero.
   */
  #takenBy(group: FlowGroup, arriving: Arriving, hidden?: ReadonlySet<Flow>): Node {
    let members = this.#membersFor(group, arriving);
    if (hidden !== undefined) members = members.filter(({ flow }) => !hidden.has(flow));
    if (members.length === 0) return terminalOf(noFlow);
    const bits = this.#substitutions.bitsOf(arriving.fields, fragment);
    const isOfWhole = bits.mask !== 0n && bits.value === 0n;
    if (isOfWhole || !group.free.some(({ field }) => transport.has(field)))
      return this.#cubes(group, members, arriving, group.free);
    const portless = members.filter(({ values }) =>
      group.free.every(
        ({ field }, at) => !transport.has(field) || values[group.keyed.length + at] === 0n,
      ),
    );
    // mostly: then one diagram does, whose flows take whole packets alone
    if (portless.length === 0 && bits.mask === 0n)
      return this.#cubes(group, members, arriving, group.free, bits.from);
    const whole = this.#cubes(group, members, arriving, group.free);
    const ofFragments = this.#cubes(
      group,
      portless,
      arriving,
      group.free.filter(({ field }) => !transport.has(field)),
    );
    return this.#sets.operations.choose(this.#unfragmented, whole, ofFragments);
  }

  #membersFor(group: FlowGroup, { port, fields }: Arriving): readonly GroupedFlow[] {
    const keys: bigint[] = [];
    for (const { field, mask } of group.keyed) {
      const bits = this.#substitutions.bitsOf(fields, field);
      // a register that holds bits of the packet, or an EtherType that is open
      if ((mask & ~bits.mask) !== 0n) return everyMember(group, port);
      keys.push(bits.value & mask);
    }
    return group.buckets.get(bucketKey(group, port, keys)) ?? [];
  }

  #cubes(
    group: FlowGroup,
    members: readonly GroupedFlow[],
    { fields }: Arriving,
    free: readonly MatchedField[],
    zeroField?: number,
  ): Node {
    const variables: VariableBit[] = [];
    const known: { slot: number; value: bigint; mask: bigint }[] = [];
    const matched = [...group.keyed, ...group.free];
    for (const [slot, { field, mask }] of matched.entries()) {
      if (slot >= group.keyed.length && !free.includes(matched[slot] as MatchedField)) continue;
      const bits = this.#substitutions.bitsOf(fields, field);
      const constant = mask & bits.mask;
      if (constant !== 0n) known.push({ slot, value: bits.value & constant, mask: constant });
      const open = mask & ~bits.mask;
      for (let bit = 0; open >> BigInt(bit) !== 0n; bit++)
        if (((open >> BigInt(bit)) & 1n) === 1n)
          variables.push({ level: levelOfBit(bits.from, bit), slot, bit });
    }
    if (zeroField !== undefined)
      for (const bit of [0, 1])
        variables.push({ level: levelOfBit(zeroField, bit), slot: matched.length, bit });
    const taken = known.length === 0 ? members : members.filter((one) => agrees(one, known));
    return cubesToDiagram(this.#sets.operations.diagrams, {
      variables,
      words: taken.map(({ words }) => (zeroField === undefined ? words : [...words, [0]])),
      result: (row) => {
        const { flow } = taken[row] as GroupedFlow;
        const { table, actions } = flow;
        if (group.isConjunctive && group.isOpen)
          return terminalOf(this.choices.ofFlow(table, uninterpreted, false));
        return terminalOf(this.choices.ofFlow(table, actions, group.isOpen));
      },
      merge: (one, other) => this.choices.beside(one, other),
      otherwise: terminalOf(noFlow),
    });
  }

  /** Whether some of those packets may match the flow. */
  concerns({ match }: Flow, { port, fields }: Arriving, portNumbers: PortNumbers): boolean {
    if (match.inPort !== undefined && resolvePort(match.inPort, portNumbers) !== port) return false;
    return match.fields.every(({ field, value, mask }) => {
      if (field === "conj_id") return true;
      const bits = this.#substitutions.bitsOf(fields, fieldOf(field).index);
      return ((bits.value ^ value) & bits.mask & mask) === 0n;
    });
  }

  choiceOf(value: number): Choice {
    return this.choices.at(value);
  }

  actionsOf(id: number): { readonly table: number; readonly actions: readonly Action[] } {
    return this.choices.actionsOf(id);
  }
}

function agrees(
  { values }: GroupedFlow,
  known: readonly { slot: number; value: bigint; mask: bigint }[],
): boolean {
  for (const { slot, value, mask } of known)
    if (((values[slot] as bigint) & mask) !== value) return false;
  return true;
}

function everyMember(group: FlowGroup, port: Port): readonly GroupedFlow[] {
  const members: GroupedFlow[] = [];
  for (const bucket of group.buckets.values())
    for (const one of bucket) if (!group.matchesPort || one.inPort === port) members.push(one);
  return members;
}
