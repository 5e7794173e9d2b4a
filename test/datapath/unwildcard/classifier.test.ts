/** What one lookup looks at, in cases small enough to work out by hand. */

import { expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { ClassifierOptions } from "../../../src/datapath/unwildcard/classifier.js";
import { unwildcard } from "../../../src/datapath/unwildcard/unwildcard.js";
import { printMatch } from "../../../src/openflow/print.js";
import { readFlow } from "../../../src/openflow/read.js";

function megaflow(packet: string, flows: readonly string[], options?: ClassifierOptions): string {
  const read = flows.map((text) => readFlow(text) as NonNullable<ReturnType<typeof readFlow>>);
  const { match } = readFlow(`${packet} actions=drop`) as NonNullable<ReturnType<typeof readFlow>>;
  const fields = new Map(match.fields.map(({ field, value }) => [field, value] as const));
  const found = unwildcard(classifyTables(read, new Map(), options), fields, { inPort: 1 });
  return `${found.tied ? "tied " : ""}${printMatch({ fields: found.fields.filter(({ field }) => field !== "nw_frag") })}`;
}

const web = "tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=1000,tp_dst=80";

test("a hit looks at its whole match", () => {
  expect(megaflow(web, ["tcp,nw_dst=10.0.0.2,tp_dst=80 actions=drop"])).toBe(
    "tcp,nw_dst=10.0.0.2,tp_dst=80",
  );
});

test("a miss by address looks at the bits that prove it, and not at ports", () => {
  expect(megaflow(web, ["tcp,nw_dst=10.0.0.6,tp_dst=80 actions=drop"])).toBe(
    "ip,nw_dst=10.0.0.0/30",
  );
});

test("without a trie for the field, a miss looks at the whole of it, and at the protocol beside it", () => {
  const flows = ["tcp,nw_dst=10.0.0.6,tp_dst=80 actions=drop"];
  expect(megaflow(web, flows, { prefixFields: [] })).toBe("tcp,nw_dst=10.0.0.2");
});

test("a miss by port looks at the port's first bits", () => {
  expect(megaflow(web, ["tcp,nw_dst=10.0.0.2,tp_dst=16464 actions=drop"])).toBe(
    "tcp,nw_dst=10.0.0.2,tp_dst=0x0/0xc000",
  );
});

test("a miss by EtherType looks at nothing else", () => {
  expect(megaflow(web, ["arp,arp_tpa=10.0.0.6,dl_src=0a:00:00:00:00:01 actions=drop"])).toBe(
    "ip,dl_src=00:00:00:00:00:00",
  );
});

test("what stands behind a match of higher priority is not looked at", () => {
  expect(
    megaflow(web, ["priority=9,ip actions=drop", "priority=8,tcp,tp_dst=22 actions=drop"]),
  ).toBe("ip");
});

test("an order of OVS's own choice is told where it matters, and only there", () => {
  const byPort = "priority=9,tcp,tp_dst=80 actions=drop";
  expect(megaflow(web, [byPort, "priority=9,ip,nw_src=10.0.0.1 actions=drop"])).toMatch(/^tied /);
  expect(megaflow(web, [byPort, "priority=9,ip,nw_src=10.9.0.1 actions=drop"])).toMatch(/^tied /);
  expect(megaflow(web, [byPort, "priority=9,arp,arp_tpa=10.0.0.1 actions=drop"])).toBe(
    "tcp,tp_dst=80",
  );
});

test("a rewrite looks at what it overwrites", () => {
  expect(megaflow(web, ["ip actions=set_field:0a:00:00:00:00:01->eth_dst,output:2"])).toBe(
    "ip,dl_dst=00:00:00:00:00:00",
  );
});

test("registers leave no trace", () => {
  expect(
    megaflow(web, [
      "table=0,ip actions=set_field:0x7->reg0,goto_table:1",
      "table=1,ip,reg0=7 actions=drop",
    ]),
  ).toBe("ip");
});

const dimensions = [
  "priority=9,tcp,nw_dst=10.0.0.2 actions=conjunction(1,1/2)",
  "priority=9,tcp,tp_dst=80 actions=conjunction(1,2/2)",
];

test("a conjunctive match looks at every dimension, and a second time at all", () => {
  const end = "priority=9,conj_id=1,tcp,nw_src=10.0.0.1 actions=output:2";
  expect(megaflow(web, [...dimensions, end])).toBe("tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_dst=80");
});

test("one that nothing ends, or of which a dimension is missing, leaves what is below it", () => {
  const below = "priority=5,ip actions=output:2";
  expect(megaflow(web, [...dimensions, below])).toBe("tcp,nw_dst=10.0.0.2,tp_dst=80");
  expect(megaflow(web.replace("tp_dst=80", "tp_dst=81"), [...dimensions, below])).toBe(
    "tcp,nw_dst=10.0.0.2,tp_dst=81",
  );
});

test("which of two conjunctive matches is taken is not foretold", () => {
  const others = dimensions.map((line) => line.replace("conjunction(1", "conjunction(2"));
  const both = dimensions.map((line, at) => `${line},${others[at]?.split("actions=")[1]}`);
  const read = both.map((text) => readFlow(text) as NonNullable<ReturnType<typeof readFlow>>);
  const { match } = readFlow(`${web} actions=drop`) as NonNullable<ReturnType<typeof readFlow>>;
  const fields = new Map(match.fields.map(({ field, value }) => [field, value] as const));
  expect(unwildcard(classifyTables(read), fields, { inPort: 1 }).doubt).toBe("unclear-conjunction");
});

test("a resubmit looks a packet up as of the port that it names", () => {
  expect(
    megaflow(web, [
      "table=0,ip actions=resubmit(7,1)",
      "table=1,priority=9,in_port=7,tcp,tp_dst=80 actions=output:2",
      "table=1,priority=8,in_port=1,ip,nw_src=10.0.0.1 actions=drop",
    ]),
  ).toBe("tcp,tp_dst=80");
});
