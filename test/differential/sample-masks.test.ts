/**
 * Masks of the sample fleet, in a real switch. Each mask is a hash table in the datapath and a matcher in the NIC: RoCE
 * is to need few of them, and the other services no more than their kinds of fields do (README.md in src/compile): no mask
 * has a bit that an allowed packet could do without, so fewer masks would be more megaflows.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  readField,
  setField,
  type Words,
  wordOf,
} from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { matchOf } from "../../src/datapath/unwildcard/unwildcard.js";
import { protocol } from "../../src/net/protocol.js";
import type { FieldName } from "../../src/openflow/field.js";
import { printFlow } from "../../src/openflow/print.js";
import { type Arrival, decide } from "../../src/policy/decide.js";
import { explore } from "../../src/verify/cost/explore.js";
import { legitimateTraffic } from "../../src/verify/cost/legitimate-traffic.js";
import { type FoundMegaflow, MegaflowSet } from "../../src/verify/cost/megaflow-set.js";
import { railModelOf } from "../../src/verify/cost/rail-model.js";
import { countMegaflows } from "../support/count-megaflows.js";
import { frameOfWords } from "../support/predicted-megaflows.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode } from "../support/sample.js";
import { sampleRail } from "../support/sample-rail.js";

const isRoce = ({ example }: FoundMegaflow) =>
  ((example[wordOf.internet] as number) & 0xff) === protocol.udp;

describeWithOpenVswitch("the sample fleet", () => {
  test.each([
    ["pf1", 0, 2, 12, 284],
    ["pf2", 1, 4, 20, 244],
  ] as const)(
    "makes on %s (bridge %i) %i masks of RoCE alone, and %i of all its services, in %i megaflows",
    async (rail, bridge, roceMasks, allMasks, megaflows) => {
      const { model, known } = await sampleMegaflows(rail);
      const { ports } = sampleBridges[bridge] as (typeof sampleBridges)[number];
      const ovs = await testSwitch({ bridges: [{ name: "br", ports }] });
      await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=600000");
      const numbers = new Map(ports.map((port, index) => [port, index + 1]));
      const file = join(ovs.runDirectory, "flows");
      const { flows } = model.compiled;
      writeFileSync(file, flows.map((flow) => `${printFlow(flow, numbers)}\n`).join(""));
      await ovs.ofctl("--bundle", "replace-flows", `unix:${ovs.runDirectory}/br.mgmt`, file);
      const byNumber = new Map(ports.map((port) => [model.tables.portNumber(port), port]));
      const arrivals = (some: readonly FoundMegaflow[]) =>
        some.map(
          ({ example }) =>
            [
              byNumber.get(example[wordOf.inPort] as number) as string,
              frameOfWords(example),
            ] as const,
        );
      const roce = known.all.filter(isRoce);
      expect(roce.length).toBeGreaterThan(20);
      const alone = await countMegaflows(ovs, arrivals(roce));
      expect(alone.drops).toBe(0);
      expect(alone.megaflows).toBe(roce.length);
      expect(alone.masks).toBe(roceMasks);
      expect(alone.masks).toBeLessThanOrEqual(6);
      const whole = await countMegaflows(ovs, arrivals(known.all));
      expect(whole.drops).toBe(0);
      expect(whole.megaflows).toBe(known.all.length);
      expect(whole.megaflows).toBe(megaflows);
      expect(whole.masks).toBe(allMasks);
    },
  );
});

/** Their bits part packets by what the policy says of them: who, to whom, which service. */
const decided: ReadonlySet<FieldName> = new Set([
  "nw_src",
  "nw_dst",
  "ipv6_src",
  "ipv6_dst",
  "nw_proto",
  "tp_src",
  "tp_dst",
  "tcp_flags",
]);

describe("every mask of the sample fleet", () => {
  test.each([
    ["pf1", 0, 12],
    ["pf2", 1, 20],
  ] as const)("on %s (bridge %i) is needed whole by a packet", async (rail, bridge, masks) => {
    const { policy, inventory, model, known } = await sampleMegaflows(rail);
    const [uplink, ...representors] = (sampleBridges[bridge] as (typeof sampleBridges)[number])
      .ports;
    const portOf = new Map<number, Arrival["port"]>([
      [model.tables.portNumber(uplink as string), "uplink"],
      ...representors.map((representor): [number, Arrival["port"]] => [
        model.tables.portNumber(representor),
        { representor },
      ]),
    ]);
    const leadsTo = (words: Words) => {
      const port = portOf.get(words[wordOf.inPort] as number) as Arrival["port"];
      const arrival = { node: sampleNode, rail, port, frame: frameOfWords(words) };
      const decision = decide(policy, inventory, arrival);
      return JSON.stringify(decision.kind === "deliver" ? decision.to : decision.kind);
    };
    const needed = new Map<string, boolean>();
    for (const { example, mask } of known.all) {
      const fields = matchOf(example, mask.mask);
      const there = leadsTo(example);
      expect(there).not.toBe('"drop"');
      const whole = fields.filter(isDecided).every(({ field, mask: bits }) =>
        bitsOf(bits).every((bit) => {
          const other = example.slice();
          const value = readField(example, field) ^ bit;
          setField(other, field, value, bit);
          return leadsTo(other) !== there;
        }),
      );
      const name = fields.map(({ field, mask: bits }) => `${field}/${bits.toString(16)}`).join(" ");
      needed.set(name, whole || needed.get(name) === true);

      /** A connection passes by its destination port, so that one is looked at before an answer's source port is. */
      function isDecided({ field }: { readonly field: FieldName }): boolean {
        const isAnswer = fields.some(({ field: beside }) => beside === "tcp_flags");
        return decided.has(field) && !(isAnswer && field === "tp_dst");
      }
    }
    expect(needed.size).toBe(masks);
    expect([...needed].filter(([, whole]) => !whole)).toEqual([]);
  });
});

async function sampleMegaflows(rail: string) {
  const name = "policies/acp/acp.policy";
  const { policy, inventory } = await sampleRail(name, sampleInventory, sampleNode, rail);
  const model = railModelOf(policy, inventory, { node: sampleNode, rail });
  const known = new MegaflowSet();
  const translator = new Translator(model.tables);
  for (const { box } of legitimateTraffic(model.view, model.tables.portNumber, "one"))
    explore(translator, box, known, () => {});
  return { policy, inventory, model, known };
}

function bitsOf(mask: bigint): bigint[] {
  const bits: bigint[] = [];
  for (let bit = 1n; bit <= mask; bit <<= 1n) if ((mask & bit) !== 0n) bits.push(bit);
  return bits;
}
