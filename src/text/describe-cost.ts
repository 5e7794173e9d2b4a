/** Words for what costs more than the policy grants. */

import type { Description } from "./description.js";
import type { CostFinding } from "./diagnostic.js";

export function describeCost(found: CostFinding): Description {
  switch (found.code) {
    case "over-budget": {
      const { measure, node, rail, needed, atMost, rules } = found;
      const where = rail === undefined ? `node \`${node}\`` : `node \`${node}\`, rail \`${rail}\`,`;
      const most = rules.map(({ text, count }) => `${count} for \`${text}\``).join(", ");
      return {
        message: `${where} needs ${needed} ${measure} for one connection of each pair and service, ${needed - atMost} more than the ${atMost} that are granted`,
        underline: `grants ${atMost} ${measure}`,
        help: `most of them are ${most}; \`railfence cost --node ${node} --advice\` tries what would help`,
      };
    }
    case "unknown-test-node":
      return {
        message: `a test asks what node \`${found.node}\` costs, and the inventory has no such node`,
      };
  }
}
