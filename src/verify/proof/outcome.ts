/** What becomes of packets: nothing, copies sent by ports with some fields rewritten, or an unknown. */

import { fieldsInOrder } from "../../openflow/field.js";
import { inPort as backToSender, type Port } from "../../openflow/match.js";
import { everything, type Node, nothing } from "./diagram.js";
import { isScratchField, levelOfBit } from "./header-bits.js";
import type { Operations } from "./operations.js";
import type { FieldBits, Substitution, Substitutions } from "./substitution.js";

/** A copy of the packet as it leaves. */
export interface Sent {
  /** A number where it is known, LOCAL's too. */
  readonly port: Port;
  readonly fields: Substitution;
}

/** Equal outcomes have equal numbers. */
export type OutcomeId = number;

export const dropped: OutcomeId = 0;
/** Whatever the tables do, it cannot be concluded from what is known of them. */
export const unknown: OutcomeId = 1;
/** Open vSwitch gives up and drops it, whatever was sent before (lookup-limit.ts). */
export const abandoned: OutcomeId = 2;

/** What a set of differing packets may cost; one that is named in full has a few hundred. */
const mostNodes = 1 << 12;

export class Outcomes {
  readonly #operations: Operations;
  readonly #substitutions: Substitutions;
  readonly #all: (readonly Sent[])[] = [[], [], []];
  readonly #known = new Map<string, OutcomeId>([["", dropped]]);
  readonly #resolved = new Map<string, OutcomeId>();

  constructor(operations: Operations, substitutions: Substitutions) {
    this.#operations = operations;
    this.#substitutions = substitutions;
  }

  sentIn(id: OutcomeId): readonly Sent[] {
    return this.#all[id] as readonly Sent[];
  }

  of(sent: readonly Sent[]): OutcomeId {
    const key = sent.map(keyOf).sort().join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#all.length;
    this.#all.push([...sent].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)));
    this.#known.set(key, id);
    return id;
  }

  /** That copy, and all that the other outcome sends. */
  also(sent: Sent, id: OutcomeId): OutcomeId {
    return id === unknown || id === abandoned ? id : this.of([sent, ...this.sentIn(id)]);
  }

  /** As packets leave as nothing but what they carry: registers are not sent. */
  sending(port: Port, fields: Substitution): Sent {
    return { port, fields: this.#substitutions.forget(fields, isScratchField) };
  }

  /** For packets of that port: none goes back to where it came from unless told so (OpenFlow 1.4, section 7.2.1). `counted` is always the same set: the others' copies are left out. */
  resolve(id: OutcomeId, inPort: Port, counted?: ReadonlySet<Port>): OutcomeId {
    if (id === dropped || id === unknown) return id;
    if (id === abandoned) return dropped;
    const key = `${id} ${inPort}${counted === undefined ? "" : " some"}`;
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const sent = this.sentIn(id)
      .filter(({ port }) => port !== inPort)
      .map((one) => (one.port === backToSender ? { ...one, port: inPort } : one))
      .filter(({ port }) => counted?.has(port) ?? true);
    const resolved = this.of(sent);
    this.#resolved.set(key, resolved);
    return resolved;
  }

  /**
   * Of those packets, the ones to which the two are not the same: a field set to what it was already makes no difference.
   * None only if there is none; but not always all, for packets in which one field is the copy of another are a set that
   * grows with every bit (`mostNodes`).
   */
  whereDifferent(one: OutcomeId, other: OutcomeId, within: Node): Node {
    if (one === other) return nothing;
    if (!this.areOfOneShape(one, other)) return within;
    const left = this.sentIn(one);
    const right = this.sentIn(other);
    let different: Node = nothing;
    const most = this.#operations.diagrams.size + mostNodes;
    for (const [index, sent] of left.entries())
      for (const bit of this.#differentBits(sent.fields, (right[index] as Sent).fields)) {
        different = this.#operations.or(different, this.#operations.and(within, bit));
        if (different === within) return within;
        if (different !== nothing && this.#operations.diagrams.size > most) return different;
      }
    return different;
  }

  /** Known, and as many copies by the same ports: only what they carry can make a difference. */
  areOfOneShape(one: OutcomeId, other: OutcomeId): boolean {
    if (one === unknown || other === unknown) return one === other;
    const left = this.sentIn(one);
    const right = this.sentIn(other);
    return (
      left.length === right.length && left.every(({ port }, index) => port === right[index]?.port)
    );
  }

  /** Bit by bit: the packets in which it is not the same. */
  *#differentBits(one: Substitution, other: Substitution): Generator<Node, void, undefined> {
    if (one.id === other.id) return;
    for (const field of new Set([...one.changed.keys(), ...other.changed.keys()])) {
      const left = this.#substitutions.bitsOf(one, field);
      const right = this.#substitutions.bitsOf(other, field);
      const { full } = fieldsInOrder[field] as { full: bigint };
      for (let bit = 0; full >> BigInt(bit) !== 0n; bit++)
        if (((full >> BigInt(bit)) & 1n) === 1n) yield this.#differentBit(left, right, bit);
    }
  }

  #differentBit(one: FieldBits, other: FieldBits, bit: number): Node {
    const left = this.#bit(one, bit);
    const right = this.#bit(other, bit);
    return this.#operations.choose(left, this.#operations.not(right), right);
  }

  #bit({ value, mask, from }: FieldBits, bit: number): Node {
    const at = BigInt(bit);
    if (((mask >> at) & 1n) === 1n) return ((value >> at) & 1n) === 1n ? everything : nothing;
    return this.#operations.diagrams.node(levelOfBit(from, bit), nothing, everything);
  }
}

function keyOf({ port, fields }: Sent): string {
  return `${typeof port === "number" ? `#${port}` : JSON.stringify(port)}~${fields.id}`;
}
