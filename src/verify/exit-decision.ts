/** Whether a verdict is what the policy asks for: DESIGN's exit codes 0 and 3. */

import type { RailVerdict } from "./verdict.js";

/** 3 if the switch differs from the policy or a rule's traffic is not in hardware. Idle rules are no difference. */
export function exitCodeOf(verdicts: readonly RailVerdict[]): 0 | 3 {
  return verdicts.every(isAsIntended) ? 0 : 3;
}

export function isAsIntended({ rules, findings }: RailVerdict): boolean {
  return (
    findings.length === 0 && rules.every(({ state }) => state === "offloaded" || state === "idle")
  );
}
