/** What can be wrong with an inventory. Places are in its text. */

export type InventoryFinding =
  /** `problem` in the words of the JSON reader. */
  | { readonly code: "inventory-json"; readonly problem: string }
  /** Label `first-here`. */
  | { readonly code: "duplicate-key"; readonly key: string }
  | {
      readonly code: "inventory-shape";
      /** As `endpoints[3].ips[0]`; empty for the whole. */
      readonly path: string;
      /** The value found, as JSON; absent where nothing stands. */
      readonly value?: string;
      readonly problem: string;
    }
  /** Label `first-here`; endpoints are called `namespace/pod`. */
  | {
      readonly code: "duplicate-address";
      readonly address: string;
      readonly endpoint: string;
      readonly otherEndpoint: string;
    }
  | {
      readonly code: "duplicate-representor";
      readonly representor: string;
      readonly node: string;
      readonly endpoint: string;
      readonly otherEndpoint: string;
    }
  | {
      readonly code: "duplicate-mac";
      readonly mac: string;
      readonly rail: string;
      readonly endpoint: string;
      readonly otherEndpoint: string;
    }
  | {
      readonly code: "address-outside-subnets";
      readonly address: string;
      /** An endpoint, or `gateway`. */
      readonly of: string;
      readonly rail: string;
    }
  | { readonly code: "unknown-node"; readonly node: string; readonly suggestion?: string }
  | {
      readonly code: "unknown-inventory-rail";
      readonly rail: string;
      /** Where it is missing: in the policy, in the inventory's `rails`, or on the node. */
      readonly missingFrom: "policy" | "inventory" | "node";
      readonly node?: string;
      readonly suggestion?: string;
    }
  | {
      readonly code: "endpoint-incomplete";
      /** An endpoint `namespace/pod`, or a node's rail `gpu-001/pf1`. */
      readonly of: string;
      readonly missing: readonly ("mac" | "representor" | "nextHop" | "gateways")[];
      readonly because: "compiled-node" | "routed-rail";
    }
  | {
      readonly code: "unclaimed-namespace";
      readonly namespace: string;
      readonly endpoints: number;
    };
