/** Classes of packets for tests of the hostile count, and whether a packet is in one. */

import { addField, type Words, wordCount } from "../../src/datapath/unwildcard/flow-words.js";
import { type FieldName, fieldOf } from "../../src/openflow/field.js";
import { type ClassWords, noWords } from "../../src/verify/cost/class-words.js";
import type { PacketClass } from "../../src/verify/cost/packet-class.js";

/** All packets that have these fields; nothing was looked at. */
export function packetsWith(fields: { readonly [Name in FieldName]?: bigint }): PacketClass {
  const known = noWords();
  const value = noWords();
  for (const [name, bits] of Object.entries(fields) as [FieldName, bigint][]) {
    addField(known, name, fieldOf(name).full);
    addField(value, name, bits);
  }
  return {
    known,
    value,
    looked: noWords(),
    fixed: known.slice(),
    written: noWords(),
    exclusions: [],
    isRough: false,
  };
}

/** The bits of one field in a set of words. */
export function maskOf(field: FieldName, mask = fieldOf(field).full): ClassWords {
  const words = noWords();
  addField(words, field, mask);
  return words;
}

export function holds({ known, value, exclusions }: PacketClass, packet: Words): boolean {
  for (let word = 0; word < wordCount; word++)
    if ((((packet[word] as number) ^ (value[word] as number)) & (known[word] as number)) !== 0)
      return false;
  return exclusions.every(({ words, masks, values }) =>
    values.every((each) =>
      words.some(
        (word, at) => ((packet[word] as number) & (masks[at] as number)) !== (each[at] as number),
      ),
    ),
  );
}
