/** The lines that a bridge should hold, and in what they differ from those before. */

import type { FlowText } from "./flow-text.js";

/** All of ours that the bridge should hold, and what sets them apart from the lines before. */
export interface Wanted {
  readonly lines: readonly FlowText[];
  readonly step?: Step & { readonly from: readonly FlowText[] };
}

export interface Step {
  readonly fresh: readonly FlowText[];
  readonly gone: readonly FlowText[];
}

/** Most flows are the same objects as before: only the others are compared as text. */
export function between(installed: readonly FlowText[], wanted: readonly FlowText[]): Step {
  const before = new Set(installed);
  const after = new Set(wanted);
  return {
    fresh: wanted.filter((line) => !before.has(line)),
    gone: installed.filter((line) => !after.has(line)),
  };
}
