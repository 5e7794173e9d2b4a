/**
 * Every megaflow that a set of packets makes, without sending each of them: one packet is translated, the bits it was
 * looked at tell which others share its megaflow, and the rest is cut into boxes that are explored in turn.
 */

import { type Words, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Translator } from "../../datapath/unwildcard/translation.js";
import { everyNumber, type IntervalSet } from "../../net/interval-set.js";
import type { FoundMegaflow, MegaflowSet } from "./megaflow-set.js";

/** Packets alike but for their free bits; of the transport's ports, only those of the two sets. */
export interface Box {
  readonly packet: Words;
  readonly free: Words;
  readonly sourcePorts: IntervalSet;
  readonly destinationPorts: IntervalSet;
}

export function boxOf(packet: Words): Box {
  return {
    packet,
    free: new Int32Array(wordCount),
    sourcePorts: everyNumber,
    destinationPorts: everyNumber,
  };
}

/** Calls `found` for each megaflow of the box, perhaps more than once; `known` collects them. */
export function explore(
  translator: Translator,
  start: Box,
  known: MegaflowSet,
  found: (megaflow: FoundMegaflow) => void,
): void {
  const waiting: Box[] = [start];
  for (let box = waiting.pop(); box !== undefined; box = waiting.pop()) {
    if (!choosePorts(box)) continue;
    const { packet, free } = box;
    const covered = known.find(packet, free);
    if (covered !== undefined) {
      found(covered);
      continue;
    }
    const { looked, slow, doubt } = translator.translate(packet);
    if (doubt !== undefined) throw new Error(`a compiled flow is not understood: ${doubt}`);
    found(known.add(packet, looked, slow));
    split(box, looked, waiting);
  }
}

/** For each free bit that was looked at: the packets that differ there, and nowhere before. */
function split({ packet, free, ...ports }: Box, looked: Words, waiting: Box[]): void {
  const left = free.slice();
  for (let word = 0; word < wordCount; word++) {
    let bits = (free[word] as number) & (looked[word] as number);
    while (bits !== 0) {
      const bit = 1 << (31 - Math.clz32(bits));
      bits &= ~bit;
      left[word] = (left[word] as number) & ~bit;
      const other = packet.slice();
      other[word] = (other[word] as number) ^ bit;
      waiting.push({ packet: other, free: left.slice(), ...ports });
    }
  }
}

/** Fills the free bits of the ports so that both are in their sets; false if no packet of the box is. */
function choosePorts({ packet, free, sourcePorts, destinationPorts }: Box): boolean {
  const ports = packet[wordOf.ports] as number;
  const freePorts = free[wordOf.ports] as number;
  const source = pick(ports >>> 16, freePorts >>> 16, sourcePorts);
  const destination = pick(ports & 0xffff, freePorts & 0xffff, destinationPorts);
  if (source === undefined || destination === undefined) return false;
  packet[wordOf.ports] = (source << 16) | destination;
  return true;
}

/** The least number of the set that has the value's bits where they are not free. */
function pick(value: number, free: number, set: IntervalSet): number | undefined {
  const fixed = value & ~free;
  for (const { first, last } of set) {
    const least = leastFrom(first, fixed, free);
    if (least !== undefined && least <= last) return least;
  }
  return undefined;
}

function leastFrom(from: number, fixed: number, free: number): number | undefined {
  if ((from & ~free & 0xffff) === fixed) return from;
  // the first bit, from below, at which a matching number can rise above `from`
  for (let bit = 0; bit < 16; bit++) {
    const at = 1 << bit;
    const above = ~(2 * at - 1) & 0xffff;
    const canBeSet = (free & at) !== 0 || (fixed & at) !== 0;
    if ((from & at) !== 0 || !canBeSet || (from & above & ~free) !== (fixed & above)) continue;
    return (from & above) | at | (fixed & (at - 1));
  }
  return undefined;
}
