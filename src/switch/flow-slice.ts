/**
 * The narrowest question to ovs-ofctl that covers some flows: cookies are hashes, so what two of them share in their
 * bits leaves one flow in a million of the others, and three still one in a thousand.
 */

import type { FlowText } from "./flow-text.js";

export interface FlowSlice {
  /** For `ovs-ofctl dump-flows BRIDGE FILTER`. */
  readonly filter: string;
  readonly holds: (line: FlowText) => boolean;
}

/** All cookies that agree with these flows' cookies where those agree with each other. */
export function sliceAround(lines: readonly FlowText[]): FlowSlice {
  const cookies = [...new Set(lines.map((line) => line.cookie))].map(BigInt);
  const value = cookies[0] ?? 0n;
  let mask = 0xffffffffffffffffn;
  for (const cookie of cookies) mask &= ~(cookie ^ value);
  const verdicts = new Map<string, boolean>();
  return {
    filter: `cookie=0x${(value & mask).toString(16)}/0x${mask.toString(16)}`,
    holds({ cookie }) {
      const known = verdicts.get(cookie);
      if (known !== undefined) return known;
      const verdict = ((BigInt(cookie) ^ value) & mask) === 0n;
      verdicts.set(cookie, verdict);
      return verdict;
    },
  };
}
