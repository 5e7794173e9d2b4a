import { expect, test } from "vitest";
import { everyFlow } from "../../src/switch/cookieless-dump.js";

const dump = `duration=5s, n_packets=0, n_bytes=0, priority=0,actions=NORMAL
table_id=3, duration=1s, n_packets=7, n_bytes=98, priority=100,ip,nw_dst=10.0.0.1,actions=set_field:1->reg0,output:1
table_id=4, duration=1s, n_packets=0, n_bytes=0, actions=drop
table_id=5, duration=1s, n_packets=0, n_bytes=0, priority=32768,arp,actions=drop
a line that is no flow
table_id=254, duration=5s, n_packets=0, n_bytes=0, priority=0,reg0=0x1,actions=drop
`;

test("every flow is read with its place, Open vSwitch's own are left out", () => {
  const seen: unknown[] = [];
  const wasEvery = everyFlow(dump, (place, actions) => seen.push([place, actions]) > 0);
  expect(wasEvery).toBe(true);
  expect(seen).toEqual([
    [{ table: 0, match: "priority=0" }, "NORMAL"],
    [{ table: 3, match: "priority=100,ip,nw_dst=10.0.0.1" }, "set_field:1->reg0,output:1"],
    [{ table: 4, match: "" }, "drop"],
    [{ table: 5, match: "arp" }, "drop"],
  ]);
});

test("it ends where the visitor says no", () => {
  let count = 0;
  expect(everyFlow(dump, () => ++count < 2)).toBe(false);
  expect(count).toBe(2);
});

test("a dump cut off anywhere does not stop the reader", () => {
  for (let length = 0; length < dump.length; length++)
    expect(everyFlow(dump.slice(0, length), () => true)).toBe(true);
});
