/** The head of a small inventory, for tests that bring their own endpoints: one node on two bridged rails. */

export const twoBridgedRails = {
  version: 1,
  rails: {
    pf1: { mode: "bridged", subnets: ["10.101.0.0/16"] },
    pf2: { mode: "bridged", subnets: ["10.102.0.0/16"] },
  },
  nodes: {
    "gpu-001": {
      rails: {
        pf1: { bridge: "br-pf1", uplink: "p0" },
        pf2: { bridge: "br-pf2", uplink: "p1" },
      },
    },
  },
} as const;
