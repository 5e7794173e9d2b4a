/** What actions do to a class of packets; the same as they do to one in datapath/unwildcard/translation.ts. */

import { addField, readField, wordOf } from "../../datapath/unwildcard/flow-words.js";
import {
  isMetBy,
  laterFragment,
  writesLookAtProtocol,
} from "../../datapath/unwildcard/presence.js";
import type { Action } from "../../openflow/action.js";
import { type FieldName, fieldOf } from "../../openflow/field.js";
import { type Need, needOf } from "../../openflow/prerequisite.js";
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
      const { field, value, mask = fieldOf(action.field).full } = action;
      after = write(lookAtField(after, field, mask), field, mask, mask, value);
    } else if (action.kind === "move") {
      const { from: source, to } = action;
      const { full } = fieldOf(to);
      const seen = lookAtField(lookAtField(after, source, fieldOf(source).full), to, full);
      const known = readField(seen.known, source);
      after = write(seen, to, full, known, readField(seen.value, source));
    }
  }
  return { after };
}

/** Taken to be there: to look at what a packet may lack only makes the bound larger. */
function lookAtField(from: PacketClass, field: FieldName, mask: bigint): PacketClass {
  const bits = noWords();
  addField(bits, field, mask);
  const need: Need = needOf(field);
  if (writesLookAtProtocol.has(field) || needsProtocol.has(need))
    bits[wordOf.internet] = (bits[wordOf.internet] as number) | 0xff;
  if (isMessage.has(need)) bits[wordOf.ports] = (bits[wordOf.ports] as number) | 0x00ff00ff;
  const words = [...bits.keys()].filter((word) => bits[word] !== 0);
  return look(
    isSurelyThere(need, from) ? from : rough(from),
    words,
    words.map((word) => bits[word] as number),
  );
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

function write(
  from: PacketClass,
  field: FieldName,
  mask: bigint,
  knownBits: bigint,
  newValue: bigint,
): PacketClass {
  const bits = noWords();
  const sure = noWords();
  const fresh = noWords();
  addField(bits, field, mask);
  addField(sure, field, mask & knownBits);
  addField(fresh, field, newValue & mask & knownBits);
  const over = (words: ClassWords, by: ClassWords) =>
    words.map((old, word) => (old & ~(bits[word] as number)) | (by[word] as number));
  return {
    ...from,
    known: over(from.known, sure),
    value: over(from.value, fresh),
    written: from.written.map((old, word) => old | (bits[word] as number)),
  };
}
