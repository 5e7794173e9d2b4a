/** Megaflows that the cost model predicts, and those of a dump, in one form to compare. */

import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import type { Words } from "../../src/datapath/unwildcard/flow-words.js";
import { wordCount, wordOf } from "../../src/datapath/unwildcard/flow-words.js";
import { matchOf } from "../../src/datapath/unwildcard/unwildcard.js";
import type { Frame } from "../../src/net/packet.js";
import { frameOf } from "../../src/openflow/packet-fields.js";
import type { FoundMegaflow } from "../../src/verify/cost/megaflow-set.js";

/** `portName` gives back the name of a number that the model uses. */
export function printPredicted(
  { example, mask }: FoundMegaflow,
  portName: (number: number) => string,
): string {
  const fields = matchOf(example, mask.mask);
  return printed(portName(example[wordOf.inPort] as number), fields);
}

export function readDump(text: string): string[] {
  const { megaflows, problems } = readMegaflows({ name: "dump", text });
  if (problems.length > 0) throw new Error(text);
  return megaflows.map(({ match }) => {
    const known = match.fields.filter(({ mask }) => mask !== 0n);
    const fields = known.flatMap(({ name, field, value, mask }) => {
      if (field !== undefined) return [{ field, value, mask }];
      if (name === "recirc_id" || name.startsWith("packet_type")) return [];
      throw new Error(`${name} in ${text}`);
    });
    return printed(String(match.inPort), fields);
  });
}

/** Fragment bits are always exact, and every reader has its own way to write them. */
function printed(
  inPort: string,
  fields: readonly { field: string; value: bigint; mask: bigint }[],
): string {
  const texts = fields
    .filter(({ field }) => field !== "nw_frag")
    .map(
      ({ field, value, mask }) => `${field}=${(value & mask).toString(16)}/${mask.toString(16)}`,
    );
  return [inPort, ...texts.sort()].join(" ");
}

export function frameOfWords(words: Words): Frame {
  const everything = new Int32Array(wordCount).fill(-1);
  const fields = matchOf(words, everything);
  return frameOf(new Map(fields.map(({ field, value }) => [field, value])));
}
