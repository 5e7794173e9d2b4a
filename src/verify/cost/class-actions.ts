/** What actions do to a class of packets; the same as they do to one in datapath/unwildcard/translation.ts. */

import { addField, readField, wordOf } from "../../datapath/unwildcard/flow-words.js";
import {
  isMetBy,
  laterFragment,
  writesLookAtProtocol,
} from "../../datapath/unwildcard/presence.js";
import type { Action } from "../../openflow/action.js";
import type { FieldName } from "../../openflow/field.js";
import { type Need, needOf } from "../../openflow/prerequisite.js";
import { type MoveAction, type WordBits, writeOf } from "./action-words.js";
import { type ClassWords, noWords } from "./class-words.js";
import { look, type PacketClass, rough } from "./packet-class.js";

export interface Applied {
  readonly after: PacketClass;
  /** The table that the packets go on in. */
  readonly next?: number;
}

export function applyActions(from: PacketClass, actions: readonly Action[]): Applied {
  let after = from;
  for (const action of actions) {
    if (action.kind === "goto") return { after, next: action.table };
    if (action.kind === "set") {
      const write = writeOf(action);
      after = written(lookAtField(after, action.field, write), write, write.known, write.values);
    } else if (action.kind === "move") after = moved(after, action);
  }
  return { after };
}

/** What is known of the one field is known of the other. */
function moved(before: PacketClass, action: MoveAction): PacketClass {
  const { from, to } = action;
  const write = writeOf(action);
  const { words, source } = write;
  const seen = lookAtField(source ? lookAtField(before, from, source) : before, to, write);
  const copyOf = (of: ClassWords) => {
    const copy = noWords();
    addField(copy, to, readField(of, from));
    return words.map((word) => copy[word] as number);
  };
  return written(seen, write, copyOf(seen.known), copyOf(seen.value));
}

/** Taken to be there: to look at what a packet may lack only makes the bound larger. */
function lookAtField(from: PacketClass, field: FieldName, { words, masks }: WordBits): PacketClass {
  const need = needOf(field);
  let after = look(isSurelyThere(need, from) ? from : rough(from), words, masks);
  if (writesLookAtProtocol.has(field) || needsProtocol.has(need))
    after = look(after, [wordOf.internet], [0xff]);
  return isMessage.has(need) ? look(after, [wordOf.ports], [0x00ff00ff]) : after;
}

function isSurelyThere(need: Need, { known, value }: PacketClass): boolean {
  const internet = value[wordOf.internet] as number;
  const ports = value[wordOf.ports] as number;
  const isKnown = (word: number, bits: number) => ((known[word] as number) & bits) === bits;
  return isMetBy(need, {
    etherType: value[wordOf.etherType] as number,
    isWhole: (internet & laterFragment) === 0,
    protocol: () => (isKnown(wordOf.internet, 0xff) ? internet & 0xff : undefined),
    code: () => (isKnown(wordOf.ports, 0xff) ? ports & 0xff : undefined),
    type: () => (isKnown(wordOf.ports, 0xff0000) ? (ports >>> 16) & 0xff : undefined),
  });
}

const isMessage: ReadonlySet<Need> = new Set<Need>(["neighbour", "solicitation", "advertisement"]);
const needsProtocol: ReadonlySet<Need> = new Set<Need>([
  "ports",
  "tcp",
  "icmp",
  "icmpv6",
  ...isMessage,
]);

function written(
  from: PacketClass,
  { words, masks }: WordBits,
  knownBits: readonly number[],
  values: readonly number[],
): PacketClass {
  const known = from.known.slice();
  const value = from.value.slice();
  const written = from.written.slice();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    const mask = masks[at] as number;
    known[word] = ((known[word] as number) & ~mask) | (knownBits[at] as number);
    value[word] = ((value[word] as number) & ~mask) | (values[at] as number);
    written[word] = (written[word] as number) | mask;
  }
  return { ...from, known, value, written };
}
