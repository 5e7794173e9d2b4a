/** A dump that cannot be of the node that is verified. */

import { expect, test } from "vitest";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { dumpOfElsewhere } from "../../src/verify/dump-of-elsewhere.js";
import { noPortNames } from "../../src/verify/port-names.js";
import { inventoryOf } from "../support/checked.js";
import { twoBridgedRails } from "../support/two-bridged-rails.js";

const inventory = inventoryOf({
  ...twoBridgedRails,
  nodes: {
    ...twoBridgedRails.nodes,
    "gpu-002": { rails: { pf1: { bridge: "br-other", uplink: "p7" } } },
  },
  endpoints: [
    {
      namespace: "blue",
      pod: "a",
      node: "gpu-001",
      rail: "pf2",
      ips: ["10.102.0.1"],
      mac: "0a:00:00:00:00:01",
      representor: "pf1vf0",
    },
  ],
});

const findingOf = (...ports: readonly (string | number)[]) => {
  const lines = ports.map((port) => `in_port(${port}),eth_type(0x88cc), actions:drop`);
  const { megaflows } = readMegaflows({ name: "dump", text: `${lines.join("\n")}\n` });
  return dumpOfElsewhere(megaflows, inventory, "gpu-001", noPortNames);
};

test("megaflows of ports that the node does not have are told with their ports", () => {
  expect(findingOf("p7", "br-other", "p7")).toMatchObject({
    kind: "dump-of-elsewhere",
    ports: ["br-other", "p7"],
  });
});

test.each(["br-pf1", "p0", "p1", "br-pf2", "pf1vf0"])("one at %s is enough to be of it", (port) => {
  expect(findingOf("p7", port)).toBeUndefined();
});

test("of an empty dump, and of ports by number, nothing is known", () => {
  expect(findingOf()).toBeUndefined();
  expect(findingOf("p7", 3)).toBeUndefined();
});
