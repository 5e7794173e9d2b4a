/** Flows as bytes: Open vSwitch reads in them what it reads in their text. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Flow } from "../../../src/openflow/flow.js";
import { printFlow } from "../../../src/openflow/print.js";
import {
  type FlowModification,
  writeFlowModification,
} from "../../../src/openflow/wire/flow-mod.js";
import { WireWriter } from "../../../src/openflow/wire/writer.js";
import { addressFlow, flowTo } from "../../support/hand-made-rail.js";
import { asParsedFlows } from "../../support/parse-flows.js";
import { parseMessages } from "../../support/parse-messages.js";
import { arbitraryFlow } from "../arbitrary-flow.js";

const seed = 20271;

function bytesOf(modification: FlowModification, ports = new Map<string, number>()) {
  const writer = new WireWriter();
  const written = writeFlowModification(writer, 1, modification, ports);
  const bytes = writer.take();
  expect(written).toBe(bytes.length > 0);
  return written ? bytes : undefined;
}

/** OpenFlow 1.4 sets whole fields only. */
function setsPart({ actions }: Flow): boolean {
  return actions.some((action) => action.kind === "set" && action.mask !== undefined);
}

test(`every flow that sets whole fields reads as its text does (seed ${seed})`, () => {
  const batch = fc.array(arbitraryFlow, { minLength: 300, maxLength: 400, size: "max" });
  fc.assert(
    fc.property(batch, (flows) => {
      const whole = flows.filter((flow) => !setsPart(flow));
      expect(whole.length).toBeGreaterThan(100);
      const messages = whole.map((flow) => bytesOf({ command: "add", flow }) ?? expect.fail());
      const text = whole.map((flow) => printFlow(flow)).join("\n");
      expect(asParsedFlows(parseMessages(messages)).trimEnd()).toBe(text);
    }),
    { seed, numRuns: 15, endOnFailure: true },
  );
});

test("a port is sent by the number that the bridge gave it", () => {
  const flow = addressFlow(1, "p0");
  const bytes = bytesOf({ command: "add", flow }, new Map([["p0", 7]])) ?? expect.fail();
  expect(parseMessages([bytes])).toContain("actions=output:7\n");
});

test("what the bytes cannot say is left to ovs-ofctl", () => {
  const masked = { kind: "set", field: "reg0", value: 1n, mask: 1n } as const;
  const unsayable = [
    addressFlow(1, "p0"),
    flowTo(1, [masked]),
    flowTo(1, [{ kind: "unknown", text: "group:9" }]),
    flowTo(1, [{ kind: "resubmit", table: 4 }]),
    { ...addressFlow(1, 1), match: { fields: [], unknown: ["tun_id=5"] } },
  ];
  for (const flow of unsayable) expect(bytesOf({ command: "add", flow })).toBeUndefined();
});

test("a strict delete names its place and the bits of its cookie, and no actions", () => {
  const bytes = bytesOf({
    command: "delete-strict",
    flow: addressFlow(1, 7),
    cookie: 0x7266000000000000n,
    cookieMask: 0xffff000000000000n,
  });
  expect(parseMessages([bytes ?? expect.fail()])).toBe(
    "OFPT_FLOW_MOD (OF1.4) (xid=0x1): DEL_STRICT table:3 priority=100,ip,nw_dst=10.0.0.1 cookie:0x7266000000000000/0xffff000000000000 actions=drop\n",
  );
});
