/** Two nodes of a made-up inventory, alike in all but their names: the one under test, and all others. */

const ports = {
  bridge: "br",
  uplink: "uplink",
  mac: "0c:42:a1:00:01:01",
  nextHop: "0c:42:a1:ff:00:01",
};

/** `n1` is the node under test; the rail is `r`. */
export const twoNodes = { n1: { rails: { r: ports } }, n2: { rails: { r: ports } } } as const;
