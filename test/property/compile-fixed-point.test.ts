/** Valid text only: what is printed comes back unchanged from Open vSwitch, which else might have widened it. */

import { expect, test } from "vitest";
import { printFlow } from "../../src/openflow/print.js";
import { writeFlowModification } from "../../src/openflow/wire/flow-mod.js";
import { WireWriter } from "../../src/openflow/wire/writer.js";
import { compiledWorlds, worldText } from "../support/compiled-world.js";
import { asParsedFlows, parseFlows } from "../support/parse-flows.js";
import { parseMessages } from "../support/parse-messages.js";
import { describeWithOpenVswitch } from "../support/private-switch.js";
import { Random } from "../support/random.js";
import { worldRepresentors } from "../support/random-world.js";

const seed = 20_261_201;

describeWithOpenVswitch("Open vSwitch", () => {
  test(`gives every flow of 30 random worlds back unchanged, and reads the same in their bytes (seed ${seed})`, async () => {
    for await (const world of compiledWorlds(new Random(seed), 30)) {
      const { flows, ports } = world.compiled;
      // ports have names on a switch only; without one, numbers
      const names = [ports.uplink, ...worldRepresentors];
      const numbers = new Map(names.map((name, index) => [name, index + 1]));
      const text = flows.map((flow) => `${printFlow(flow, numbers)}\n`).join("");
      expect(parseFlows(text), worldText(world)).toBe(text);
      const messages = flows.map((flow) => {
        const writer = new WireWriter();
        // none may be left to ovs-ofctl: that is slow
        expect(writeFlowModification(writer, 1, { command: "add", flow }, numbers)).toBe(true);
        return writer.take();
      });
      expect(asParsedFlows(parseMessages(messages)), worldText(world)).toBe(text);
    }
  });
});
