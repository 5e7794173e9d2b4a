/** Flows read back from a switch as text. */

import { beforeAll, expect, test } from "vitest";
import { type FlowText, printFlowText, readFlowTexts } from "../../src/switch/flow-text.js";
import { inquiryAbout } from "../../src/switch/inquiry.js";
import { type Bundle, OpenVswitch } from "../../src/switch/open-vswitch.js";
import { FlowPrinter } from "../../src/switch/print-rail.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { confirmBundle, isProven } from "../../src/switch/read-back.js";
import { manyFlows, railOf } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const some: FlowText = {
  table: 3,
  match: "priority=10,ip,nw_dst=10.0.0.1",
  cookie: "0x7266010000000001",
  actions: "output:1",
  extras: "",
};

test("a dumped flow is read with its time-outs and flags, a header is passed over", () => {
  const dump = `OFPST_FLOW reply (OF1.4) (xid=0x2):
 cookie=0x7266010000000001, table=3, priority=10,ip,nw_dst=10.0.0.1 actions=output:1
 cookie=0x5, idle_timeout=5, send_flow_rem priority=7,arp actions=NORMAL
 actions=drop
 priority=0 actions=drop
 ip actions=resubmit(,3)\r
`;
  expect(readFlowTexts(dump)).toEqual([
    some,
    {
      table: 0,
      match: "priority=7,arp",
      cookie: "0x5",
      actions: "NORMAL",
      extras: "idle_timeout=5, send_flow_rem",
    },
    { table: 0, match: "", cookie: "0x0", actions: "drop", extras: "" },
    { table: 0, match: "priority=0", cookie: "0x0", actions: "drop", extras: "" },
    { table: 0, match: "ip", cookie: "0x0", actions: "resubmit(,3)", extras: "" },
  ]);
});

test("a flow prints as ovs-ofctl takes it", () => {
  expect(printFlowText(some)).toBe(
    "cookie=0x7266010000000001,table=3,priority=10,ip,nw_dst=10.0.0.1 actions=output:1",
  );
});

describeWithOpenVswitch("reading back", () => {
  let own: PrivateSwitch;
  let ovs: OpenVswitch;
  beforeAll(async () => {
    own = await testSwitch({ bridges: [{ name: "br-pf1", ports: ["p0", "pf0vf0"] }] });
    ovs = new OpenVswitch({ runDirectory: own.runDirectory });
  });

  test.each([10, 5_000])("notices every difference among %i flows", async (count) => {
    const wanted = new FlowPrinter(await ovs.portNumbers("br-pf1")).print(railOf(manyFlows(count)));
    await own.ofctl("del-flows", "br-pf1");
    await ovs.sendBundle("br-pf1", { adds: wanted, deletes: [] });
    const last = wanted.at(-1) ?? expect.fail();
    const confirm = (adds: readonly FlowText[], deletes: readonly FlowText[], all = wanted) =>
      confirmBundle(ovs, "br-pf1", { adds, deletes }, all);
    await confirm([last], []);
    const differs = expect.objectContaining({ kind: "read-back" });
    await expect(confirm([], [last], wanted.slice(0, -1))).rejects.toEqual(differs);
    const elsewhere = { ...last, actions: "output:2" };
    await expect(confirm([elsewhere], [], [...wanted.slice(0, -1), elsewhere])).rejects.toEqual(
      differs,
    );
    const { table, match } = last;
    await own.ofctl("--strict", "del-flows", "br-pf1", `table=${table},${match}`);
    await expect(confirm([last], [])).rejects.toEqual(differs);
  });

  test("what came back after a commit proves that bundle and no other", async () => {
    const all = new FlowPrinter(await ovs.portNumbers("br-pf1")).print(railOf(manyFlows(300)));
    const [first = expect.fail(), second = expect.fail(), ...others] = all;
    await own.ofctl("del-flows", "br-pf1");
    await ovs.sendBundle("br-pf1", { adds: [first, ...others], deletes: [] });
    const bundle = { adds: [second], deletes: [first] };
    const wanted = [second, ...others];
    const outcome = { wanted, tables: new Map([[3, 299]]) };
    const talk = ovs.talkTo("br-pf1") ?? expect.fail();
    try {
      const ask = (about: Bundle) => () => inquiryAbout(about, wanted);
      const done = await talk.commit(bundle, ask(bundle));
      const reply = done?.reply ?? expect.fail();
      expect(isProven(reply, outcome)).toBe(true);
      expect(isProven({ ...reply, ours: 300 }, outcome)).toBe(false);
      expect(isProven(reply, { wanted, tables: new Map([[3, 300]]) })).toBe(false);
      expect(isProven(reply, { wanted, tables: new Map([...outcome.tables, [4, 1]]) })).toBe(false);
    } finally {
      talk.close();
    }
    const again = ovs.talkTo("br-pf1") ?? expect.fail();
    try {
      // as if it had been another bundle
      const elsewhere = { ...second, actions: "output:2" };
      const other = { adds: [elsewhere], deletes: [] };
      const done = await again.commit({ adds: [], deletes: [] }, () =>
        inquiryAbout(other, [elsewhere, ...others]),
      );
      expect(isProven(done?.reply ?? expect.fail(), outcome)).toBe(false);
    } finally {
      again.close();
    }
  });
});
