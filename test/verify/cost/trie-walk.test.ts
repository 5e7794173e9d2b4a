/** Every end of a walk along unknown bits, against what the trie answers for each single address. */

import { expect, test } from "vitest";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { PrefixTrie } from "../../../src/datapath/unwildcard/prefix-trie.js";
import { walkTrie } from "../../../src/verify/cost/trie-walk.js";
import { packetsWith } from "../../support/packet-classes.js";
import { Random } from "../../support/random.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20269);
const word = wordOf.ipv4Destination;
/** Addresses differ in their first bits alone. */
const bits = 6;

test(`each address is in one end, which says what the trie says of it (seed ${seed})`, () => {
  const random = new Random(seed);
  let excluded = 0;
  for (let run = 0; run < 60; run++) {
    const root = new PrefixTrie();
    const lengths = new Set<number>();
    for (let count = 1 + random.below(6); count > 0; count--) {
      const length = 1 + random.below(bits);
      lengths.add(length);
      const value = packetsWith({
        nw_dst: BigInt(random.below(1 << length)) << BigInt(32 - length),
      });
      root.add(value.value, word, length);
    }
    const trie = { root, word, width: 32, etherType: 0x0800 };
    for (const length of lengths) {
      const ends = walkTrie(trie, length, packetsWith({}));
      for (let address = 0; address < 1 << bits; address++) {
        const value = (address << (32 - bits)) | 0;
        const own = ends.filter(
          ({ path, bits: told }) =>
            told === 0 || ((path[0] as number) ^ value) >>> (32 - told) === 0,
        );
        expect(own).toHaveLength(1);
        const packet = packetsWith({ nw_dst: BigInt(value >>> 0) }).value;
        const found = new Uint8Array(33);
        const told = root.lookUp(packet, word, 32, found);
        // with more bits than the subtable's own prefix has, nothing is gained (check_tries())
        const excludes = found[length] !== 1 && told <= length;
        expect([own[0]?.excludes, excludes ? own[0]?.bits : told]).toEqual([excludes, told]);
        if (excludes) excluded++;
      }
    }
  }
  expect(excluded).toBeGreaterThan(300);
});

test("bits that are known leave the other branches out", () => {
  const root = new PrefixTrie();
  root.add(packetsWith({ nw_dst: 0x0a000000n }).value, word, 8);
  root.add(packetsWith({ nw_dst: 0xc0000000n }).value, word, 8);
  const trie = { root, word, width: 32, etherType: 0x0800 };
  expect(walkTrie(trie, 8, packetsWith({})).length).toBeGreaterThan(2);
  const ends = walkTrie(trie, 8, packetsWith({ nw_dst: 0x0a000001n }));
  expect(ends).toEqual([{ path: [0x0a000000], bits: 8, excludes: false, isLookedAt: false }]);
});

test("longer prefixes exclude only where their bits were looked at before", () => {
  const root = new PrefixTrie();
  root.add(packetsWith({ nw_dst: 0x0a000000n }).value, word, 16);
  const trie = { root, word, width: 32, etherType: 0x0800 };
  const unseen = walkTrie(trie, 8, packetsWith({ nw_dst: 0x0a800000n }));
  expect(unseen.some(({ excludes }) => excludes)).toBe(false);
  const before = packetsWith({ nw_dst: 0x0a800000n });
  before.looked[word] = -1;
  expect(walkTrie(trie, 8, before)).toMatchObject([{ excludes: true, isLookedAt: true, bits: 9 }]);
});
