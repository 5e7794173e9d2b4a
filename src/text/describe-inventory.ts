/** The words for an inventory that cannot be taken as it is. */

import type { Description } from "./description.js";
import type { InventoryFinding } from "./inventory-finding.js";

export function describeInventory(finding: InventoryFinding): Description {
  switch (finding.code) {
    case "inventory-json":
      return { message: `the inventory is not JSON: ${finding.problem}` };
    case "duplicate-key":
      return {
        message: `key \`${finding.key}\` is twice in one object of the inventory`,
        underline: "second time",
        help: "remove one of them: JSON does not say which one counts",
      };
    case "inventory-shape":
      return {
        message:
          finding.path === ""
            ? `the inventory is wrong: ${finding.problem}`
            : `\`${finding.path}\` of the inventory is wrong: ${finding.problem}`,
        ...(finding.value !== undefined && { underline: `found \`${finding.value}\`` }),
      };
    case "duplicate-address":
      return {
        message: `address \`${finding.address}\` of \`${finding.endpoint}\` belongs to \`${finding.otherEndpoint}\` too`,
        underline: "second time",
      };
    case "duplicate-representor":
      return {
        message: `representor \`${finding.representor}\` on node \`${finding.node}\` stands for \`${finding.endpoint}\` and for \`${finding.otherEndpoint}\``,
        underline: "second time",
      };
    case "duplicate-mac":
      return {
        message: `the MAC \`${finding.mac}\` of \`${finding.endpoint}\` belongs to \`${finding.otherEndpoint}\` too, on the bridged rail \`${finding.rail}\``,
        underline: "second time",
        help: "a bridged rail is one layer-2 network: its switches find a station by its MAC alone",
      };
    case "address-outside-subnets":
      return {
        message: `address \`${finding.address}\` of \`${finding.of}\` is in no subnet of rail \`${finding.rail}\``,
      };
    case "unknown-node":
      return {
        message: `node \`${finding.node}\` is not in the inventory`,
        ...helpWith(finding.suggestion),
      };
    case "unknown-inventory-rail":
      return {
        message: `rail \`${finding.rail}\` is not ${whereMissing(finding)}`,
        ...helpWith(finding.suggestion),
      };
    case "endpoint-incomplete":
      return {
        message: `\`${finding.of}\` has no ${finding.missing.map((key) => `\`${key}\``).join(", no ")}`,
        help:
          finding.because === "routed-rail"
            ? "a rail of mode `routed` rewrites MAC addresses and needs it"
            : "an endpoint on the node that is compiled needs it",
      };
    case "unclaimed-namespace":
      return {
        message: `no tenant claims namespace \`${finding.namespace}\` (${finding.endpoints} ${
          finding.endpoints === 1 ? "endpoint" : "endpoints"
        })`,
        help: "only rules with `any` cover it",
      };
  }
}

function whereMissing(finding: {
  missingFrom: "policy" | "inventory" | "node";
  node?: string;
}): string {
  switch (finding.missingFrom) {
    case "policy":
      return "declared in the policy";
    case "inventory":
      return "in the inventory";
    case "node":
      return `on node \`${finding.node ?? ""}\``;
  }
}

function helpWith(suggestion: string | undefined): { help?: string } {
  return suggestion === undefined ? {} : { help: `did you mean \`${suggestion}\`?` };
}
