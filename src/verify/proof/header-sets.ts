/** Sets of packets by what stands in their headers, as decision diagrams. */

import { type FieldName, fieldOf } from "../../openflow/field.js";
import { cubesToDiagram, type VariableBit, wordsOf } from "./cubes.js";
import { everything as every, type Node, nothing } from "./diagram.js";
import { levelOfBit } from "./header-bits.js";
import { Operations } from "./operations.js";

export class HeaderSets {
  readonly operations: Operations;
  readonly everything: Node = every;

  constructor(operations: Operations = new Operations()) {
    this.operations = operations;
  }

  equal(field: FieldName, value: bigint): Node {
    return this.masked(field, value, fieldOf(field).full);
  }

  masked(field: FieldName, value: bigint, mask: bigint): Node {
    return this.table([[field, mask]], [{ values: [value], result: every }], nothing);
  }

  oneOf(field: FieldName, values: readonly bigint[]): Node {
    const rows = values.map((value) => ({ values: [value], result: every }));
    return this.table([[field, fieldOf(field).full]], rows, nothing);
  }

  /** Values of the field less than the limit. */
  below(field: FieldName, limit: bigint): Node {
    return this.range(field, 0n, limit - 1n);
  }

  /** Both ends are inside; nothing where `last` is less than `first`. */
  range(field: FieldName, first: bigint, last: bigint): Node {
    const { index, full } = fieldOf(field);
    const { diagrams } = this.operations;
    if (first > last) return nothing;
    let atLeast: Node = every;
    let atMost: Node = every;
    for (let bit = 0; full >> BigInt(bit) !== 0n; bit++) {
      const level = levelOfBit(index, bit);
      const isSet = (value: bigint) => ((value >> BigInt(bit)) & 1n) === 1n;
      atLeast = isSet(first)
        ? diagrams.node(level, nothing, atLeast)
        : diagrams.node(level, atLeast, every);
      atMost = isSet(last)
        ? diagrams.node(level, every, atMost)
        : diagrams.node(level, atMost, nothing);
    }
    return this.operations.and(atLeast, atMost);
  }

  and(one: Node, other: Node): Node {
    return this.operations.and(one, other);
  }

  allOf(...sets: readonly Node[]): Node {
    return sets.reduce((one, other) => this.operations.and(one, other), every);
  }

  /**
   * Each row's result for packets with its values under the masks, `otherwise` for the rest. The masks of one call are
   * the same for all rows; where two rows have the same values, the first counts.
   */
  table(
    masks: readonly (readonly [FieldName, bigint])[],
    rows: readonly { readonly values: readonly bigint[]; readonly result: Node }[],
    otherwise: Node,
  ): Node {
    const variables: VariableBit[] = masks.flatMap(([field, mask], slot) => {
      const { index } = fieldOf(field);
      const bits: VariableBit[] = [];
      for (let bit = 0; mask >> BigInt(bit) !== 0n; bit++)
        if (((mask >> BigInt(bit)) & 1n) === 1n)
          bits.push({ level: levelOfBit(index, bit), slot, bit });
      return bits;
    });
    return cubesToDiagram(this.operations.diagrams, {
      variables,
      words: rows.map(({ values }) => values.map(wordsOf)),
      result: (row) => (rows[row] as { result: Node }).result,
      otherwise,
    });
  }
}
