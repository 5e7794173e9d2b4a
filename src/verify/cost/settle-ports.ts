/**
 * What the packet's protocol leaves empty is known to be zero: ports of what has none, and the body of neighbour
 * discovery in every ICMPv6 message but two, with code 0 (parse_icmpv6() in lib/flow.c).
 */

import { wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Subtable } from "../../datapath/unwildcard/subtable.js";
import { fragmentBits } from "../../openflow/field.js";
import { assume, exclude, type PacketClass, rough } from "./packet-class.js";

/** Classes of the packets, as the last stage of that subtable may tell them apart. */
export function settlePorts(subtable: Subtable, from: PacketClass): PacketClass[] {
  if (((from.known[wordOf.internet] as number) & 0xff) !== 0xff) return [from];
  const upper = (from.value[wordOf.internet] as number) & 0xff;
  const type = from.value[wordOf.etherType];
  if (type === 0x0800 && upper === 1) return withZeros(from, [wordOf.ports], 0xff00ff00 | 0);
  if (type !== 0x86dd || upper !== 58)
    return [6, 17, 132].includes(upper) ? [from] : withZeros(from, [wordOf.ports], -1);
  const [one] = withZeros(from, [wordOf.ports], 0xff00ff00 | 0);
  if (one === undefined) return [];
  const asksBody = bodyWords.some((word) => subtable.mask[word] !== 0);
  // a lookup sees no type of a first fragment, but the body that it has; the megaflow shows both
  if (((one.value[wordOf.internet] as number) & firstFragment) !== 0)
    return [asksBody ? rough(one) : one];
  const message = (one.value[wordOf.ports] as number) >>> 16;
  const isMessage =
    (message === 135 || message === 136) && ((one.value[wordOf.ports] as number) & 0xff) === 0;
  if (((one.known[wordOf.ports] as number) & 0x00ff00ff) === 0x00ff00ff)
    return isMessage ? [one] : withZeros(one, bodyWords, -1);
  if (!asksBody) return [one];
  // whether there is a body at all depends on bits that a lookup for the body need not show
  const messages = [135, 136].flatMap((each) => {
    const left = assume(one, [wordOf.ports], [-1], [each << 16]);
    return left === undefined ? [] : [left];
  });
  const others = exclude(one, [wordOf.ports], [0x00ff00ff], [[135 << 16], [136 << 16]]);
  return [...messages, ...others.flatMap((each) => withZeros(each, bodyWords, -1))].map(rough);
}

/** Of a later one there is nothing behind the fragment header, and the protocol says so. */
const firstFragment = Number(fragmentBits.any) << 24;

/** The target and the link-layer options. */
const bodyWords = [36, 37, 38, 39, 40, 41, 42] as const;

function withZeros(from: PacketClass, words: readonly number[], mask: number): PacketClass[] {
  const left = assume(
    from,
    words,
    words.map(() => mask),
    words.map(() => 0),
  );
  return left === undefined ? [] : [left];
}
