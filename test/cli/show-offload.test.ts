import { expect, test } from "vitest";
import { viewOfMegaflow } from "../../src/cli/show-megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";

const plain = "recirc_id(0),in_port(1), packets:3, bytes:4, used:never, actions:2";

function offloadOf(attributes: string) {
  const text = plain.replace(", actions", `${attributes}, actions`);
  const { megaflows } = readMegaflows({ name: "dump", text });
  return megaflows.map((megaflow) => {
    const { object } = viewOfMegaflow(megaflow);
    return object.kind === "megaflow" ? [object.offload, object.layer] : undefined;
  });
}

test("a dump made without -m says nothing about offload, and so does show", () => {
  expect(offloadOf("")).toEqual([["unknown", null]]);
});

test("with -m, no word on offload means that the NIC does not have it", () => {
  expect(offloadOf(", dp:tc")).toEqual([["no", "tc"]]);
  expect(offloadOf(", offloaded:yes, dp:tc")).toEqual([["yes", "tc"]]);
  expect(offloadOf(", offloaded:partial, dp:ovs")).toEqual([["partial", "ovs"]]);
});
