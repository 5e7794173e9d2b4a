import { expect, test } from "vitest";
import { wordOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { BitsTable } from "../../../src/verify/cost/bits-behind.js";
import { noWords } from "../../../src/verify/cost/class-words.js";
import { maskOf } from "../../support/packet-classes.js";

test("equal bits are one, and a union of two is the same however it is asked for", () => {
  const table = new BitsTable();
  const source = table.of(maskOf("nw_src"), noWords());
  const ports = table.of(maskOf("tp_dst"), noWords());
  expect(table.of(maskOf("nw_src"), noWords())).toBe(source);
  const both = table.union(source, ports);
  expect(table.union(ports, source)).toBe(both);
  expect(table.union(both, ports)).toBe(both);
  expect(both.words).toEqual([wordOf.ipv4Source, wordOf.ports]);
  expect(table.union(table.none, ports)).toBe(ports);
});

test("what is matched is touched, and what is only touched is not matched", () => {
  const table = new BitsTable();
  const written = table.of(noWords(), maskOf("nw_dst"));
  const { matched, touched } = table.union(written, table.of(maskOf("nw_src"), noWords()));
  expect([matched[wordOf.ipv4Source], matched[wordOf.ipv4Destination]]).toEqual([-1, 0]);
  expect([touched[wordOf.ipv4Source], touched[wordOf.ipv4Destination]]).toEqual([-1, -1]);
  expect(written).not.toBe(table.of(maskOf("nw_dst"), noWords()));
});
