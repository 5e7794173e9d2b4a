/** Connections of one family as sets: out of a diagram over protocol, destination port, ICMP type and code. */

import type { Family } from "../../net/address.js";
import { type Interval, type IntervalSet, intervalSetOf } from "../../net/interval-set.js";
import { hasPorts, protocol } from "../../net/protocol.js";
import type { Traffic } from "../../net/traffic.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import { type Diagrams, everything, isTerminal, type Node, nothing } from "../proof/diagram.js";
import { levelOfBit } from "../proof/header-bits.js";
import { restrict } from "../proof/rewrite-bits.js";

/** `project` leaves out every bit of a diagram but those of the levels, wherever one of their packets is in it. */
export type Project = (node: Node, levels: ReadonlySet<number>) => Node;

/** Levels of a field's bits, the highest bit first. */
export function levelsOf(field: FieldName): number[] {
  const { index, full } = fieldOf(field);
  const width = full.toString(2).length;
  return Array.from({ length: width }, (_, at) => levelOfBit(index, width - 1 - at));
}

export function serviceFields(family: Family): FieldName[] {
  return family === 4
    ? ["nw_proto", "tp_dst", "icmp_type", "icmp_code"]
    : ["nw_proto", "tp_dst", "icmpv6_type", "icmpv6_code"];
}

export function trafficIn(
  diagrams: Diagrams,
  project: Project,
  node: Node,
  family: Family,
): Traffic {
  const number = levelsOf("nw_proto");
  const bitOf = new Map(number.map((level, at) => [level, 7 - at]));
  const ofProtocol = (one: number) =>
    restrict(diagrams, node, (level) => {
      const bit = bitOf.get(level);
      return bit === undefined ? -1 : (one >> bit) & 1;
    });
  const icmp = family === 4 ? protocol.icmp : protocol.icmpv6;
  const [, , type, code] = serviceFields(family) as [FieldName, FieldName, FieldName, FieldName];
  const shares = new Map<number, IntervalSet>();
  let others = 0;
  for (let one = 0; one < 256; one++) {
    const share = ofProtocol(one);
    const levels = hasPorts(one)
      ? levelsOf("tp_dst")
      : one === icmp
        ? [...levelsOf(type), ...levelsOf(code)]
        : [];
    const set = runsOf(diagrams, project(share, new Set(levels)), levels);
    if (levels.length === 0 && set.length > 0) others++;
    shares.set(one, set);
  }
  // most protocols are named by no rule: whether they pass is the rest
  const rest = others > 126;
  const isWhole = (set: IntervalSet) => set[0]?.first === 0 && set[0].last === 0xffff;
  return {
    rest,
    protocols: new Map([...shares].filter(([, set]) => (rest ? !isWhole(set) : set.length > 0))),
  };
}

/** Without any level: all numbers or none. */
function runsOf(diagrams: Diagrams, node: Node, levels: readonly number[]): IntervalSet {
  const runs: Interval[] = [];
  const visit = (at: Node, depth: number, first: number): void => {
    if (at === nothing) return;
    const size = 2 ** (16 - depth);
    if (at === everything) {
      runs.push({ first, last: first + size - 1 });
      return;
    }
    if (isTerminal(at)) throw new Error("a set has two terminals");
    const isHere = diagrams.levelOf(at) === levels[depth];
    visit(isHere ? diagrams.lowOf(at) : at, depth + 1, first);
    visit(isHere ? diagrams.highOf(at) : at, depth + 1, first + size / 2);
  };
  visit(node, 0, 0);
  return intervalSetOf(runs);
}
