/** What a rule asks for that the eSwitch cannot do, found at the policy line instead of on the switch. */

import { protocol } from "../net/protocol.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Diagnostic } from "../text/diagnostic.js";

/**
 * Of one rail, or of all: no inventory is needed to tell.
 * mlx5: "Only UDP and TCP transports are supported for L4 matching" (Linux 6.1, en_tc.c).
 */
export function findNotOffloadable(policy: CheckedPolicy, rail?: string): Diagnostic[] {
  return policy.rules
    .filter((rule) => rail === undefined || rule.rails.includes(rail))
    .flatMap((rule) =>
      rule.services
        .filter((name) => policy.services.get(name)?.[4].protocols.has(protocol.sctp))
        .map(
          (service): Diagnostic => ({
            code: "not-offloadable",
            service,
            feature: "sctp-port",
            span: rule.span,
          }),
        ),
    );
}
