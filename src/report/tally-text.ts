/** Counts of megaflows and masks in words. */

import type { Tally } from "../verify/cost/cost.js";

/** `284 megaflows in 12 masks`. */
export function tallyText({ megaflows, masks }: Tally): string {
  return `${counted(megaflows, "megaflow")} in ${counted(masks, "mask")}`;
}

export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
