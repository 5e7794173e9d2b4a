/** Flows read from the bytes of Open vSwitch's answers: what ovs-ofctl(8) reads in them, or nothing. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Flow } from "../../../src/openflow/flow.js";
import { matchOf } from "../../../src/openflow/match-spec.js";
import { printFlow } from "../../../src/openflow/print.js";
import { type Message, messageType } from "../../../src/openflow/wire/message.js";
import {
  everyCookie,
  everyFlow,
  type FlowQuestion,
  readFlowStatistics,
  writeFlowRequest,
} from "../../../src/openflow/wire/statistics.js";
import { readFlowTexts } from "../../../src/switch/flow-text.js";
import { OpenflowConnection } from "../../../src/switch/openflow-connection.js";
import { PrintedFlow } from "../../../src/switch/printed-flow.js";
import type { PrivateSwitch } from "../../../src/switch/private-switch.js";
import { compiledWorlds, worldText } from "../../support/compiled-world.js";
import { describeWithOpenVswitch, testSwitch } from "../../support/private-switch.js";
import { Random } from "../../support/random.js";
import { worldRepresentors } from "../../support/random-world.js";
import { arbitraryFlow } from "../arbitrary-flow.js";

const seed = 20274;

/** OpenFlow 1.4 sets whole fields only; table 254 is Open vSwitch's own. */
function isPlain({ table, actions }: Flow): boolean {
  return (
    table < 254 &&
    actions.every(
      (action) =>
        (action.kind !== "set" || action.mask === undefined) &&
        (action.kind !== "goto" || action.table < 254),
    )
  );
}

/** Type, flags and padding; and what comes before the match of a flow (OpenFlow 1.4, sections 7.3.5 and 7.3.5.2). */
const multipartHeader = 8;
const flowHeader = 48;

function readOne(entry: Uint8Array): Flow[] | undefined {
  const body = new Uint8Array(multipartHeader + entry.length);
  body[1] = 1;
  body.set(entry, multipartHeader);
  return readFlowStatistics([{ version: 5, type: messageType.multipartReply, xid: 1, body }]);
}

const text = (lines: readonly object[]) => lines.map((line) => JSON.stringify(line)).sort();

function readAsText(answer: readonly Message[]): string[] {
  const flows = readFlowStatistics(answer) ?? expect.fail("not understood");
  return text(flows.map((flow) => new PrintedFlow(flow, new Map())));
}

describeWithOpenVswitch("the flows of a bridge", () => {
  let own: PrivateSwitch;
  beforeAll(async () => {
    own = await testSwitch({ bridges: [{ name: "br-pf1", ports: ["p0"] }] });
  });
  beforeEach(async () => {
    await own.ofctl("del-flows", "br-pf1");
  });

  async function add(flows: readonly string[]): Promise<void> {
    const file = join(own.runDirectory, "some.flows");
    await writeFile(file, flows.map((line) => `${line}\n`).join(""));
    await own.ofctl("--bundle", "add-flows", "br-pf1", file);
  }
  const dump = async () =>
    readFlowTexts(await own.ofctl("--no-stats", "--no-names", "dump-flows", "br-pf1"));

  async function ask(question: FlowQuestion = everyFlow): Promise<readonly Message[]> {
    const connection = await OpenflowConnection.open(`${own.runDirectory}/br-pf1.mgmt`, 5_000);
    const xid = connection.nextXid();
    writeFlowRequest(connection.writer, xid, "flow", question, everyCookie);
    const answer = await connection.ask(xid);
    connection.close();
    return answer;
  }

  test(`read as ovs-ofctl prints them, whatever they are (seed ${seed})`, async () => {
    const batch = fc.array(arbitraryFlow, { minLength: 300, maxLength: 400, size: "max" });
    await fc.assert(
      fc.asyncProperty(batch, async (flows) => {
        await own.ofctl("del-flows", "br-pf1");
        await add(flows.filter(isPlain).map((flow) => printFlow(flow)));
        const printed = await dump();
        expect(printed.length).toBeGreaterThan(100);
        expect(readAsText(await ask())).toEqual(text(printed));
      }),
      { seed, numRuns: 10, endOnFailure: true },
    );
  });

  test(`every flow of 12 random worlds is read as it was compiled (seed ${seed})`, async () => {
    for await (const world of compiledWorlds(new Random(seed), 12)) {
      const { flows, ports } = world.compiled;
      const names = [ports.uplink, ...worldRepresentors];
      const numbers = new Map(names.map((name, index) => [name, index + 1]));
      await own.ofctl("del-flows", "br-pf1");
      await add(flows.map((flow) => printFlow(flow, numbers)));
      const printed = flows.map((flow) => new PrintedFlow(flow, numbers));
      expect(readAsText(await ask()), worldText(world)).toEqual(text(printed));
    }
  });

  test("only those that are asked for", async () => {
    await add([
      "table=3,priority=9,reg0=7,ip,nw_dst=10.0.0.0/8 actions=drop",
      "table=3,priority=8,reg0=7,ip,nw_dst=10.1.0.0/16 actions=drop",
      "table=3,priority=7,reg0=8,ip,nw_dst=10.1.0.0/16 actions=drop",
      "table=4,priority=6,reg0=7,ip,nw_dst=10.1.1.1 actions=drop",
      "table=4,priority=5,in_port=2 actions=drop",
    ]);
    const priorities = async (question: FlowQuestion) =>
      readFlowStatistics(await ask(question))
        ?.map(({ priority }) => priority)
        .sort();
    const registers = matchOf({ registers: { 0: 7 } });
    expect(await priorities({ match: registers })).toEqual([6, 8, 9]);
    expect(await priorities({ table: 3, match: registers })).toEqual([8, 9]);
    const destination = { family: 4, value: 0x0a010000n, length: 16 } as const;
    const narrow = matchOf({ registers: { 0: 7 }, ip: { family: 4, destination } });
    expect(await priorities({ table: 3, match: narrow })).toEqual([8]);
    expect(await priorities({ match: { inPort: 2, fields: [] } })).toEqual([5]);
  });

  test.each([
    "idle_timeout=60,actions=drop",
    "hard_timeout=60,actions=drop",
    "send_flow_rem,actions=drop",
    "importance=5,actions=drop",
    "actions=normal",
    "actions=controller",
    "actions=resubmit(,4)",
    "actions=conjunction(1,1/2)",
    "actions=write_actions(output:1)",
    "actions=load:1->NXM_NX_REG0[0..3]",
    "actions=move:NXM_NX_REG0[0..15]->NXM_NX_REG1[0..15]",
    "actions=move:NXM_NX_REG0[16..31]->NXM_NX_REG1[16..31]",
    "actions=push_vlan:0x8100,output:1",
    "ip,ct_state=+trk,actions=drop",
    "tun_id=5,actions=drop",
    "in_port=controller,actions=drop",
  ])("are not understood with anything unknown among them: %s", async (line) => {
    await add(["table=3,priority=9,ip actions=output:1", `table=4,priority=9,${line}`]);
    expect(readFlowStatistics(await ask())).toBeUndefined();
  });

  test(`no bit of a match is passed over (seed ${seed})`, async () => {
    const random = new Random(seed);
    const batch = fc.sample(arbitraryFlow, { seed, numRuns: 60 });
    await add(batch.filter(isPlain).map((flow) => printFlow(flow)));
    const [message = expect.fail()] = await ask();
    const view = new DataView(message.body.buffer, message.body.byteOffset);
    let flipped = 0;
    for (let at = multipartHeader; at < message.body.length; at += view.getUint16(at)) {
      const body = message.body.slice(at, at + view.getUint16(at));
      const matchLength = view.getUint16(at + flowHeader + 2);
      const intact = readOne(body);
      expect(intact).toHaveLength(1);
      for (let bit = 8 * (flowHeader + 4); bit < 8 * (flowHeader + matchLength); bit++) {
        if (random.below(3) > 0) continue;
        const broken = body.slice();
        broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(readOne(broken)).not.toEqual(intact);
        flipped++;
      }
    }
    expect(flipped).toBeGreaterThan(2_000);
  });

  test("an answer that is cut off is an error, never fewer fields", async () => {
    await add([
      "table=3,priority=9,tcp,nw_dst=10.0.0.1,tp_dst=80 actions=set_field:1->reg0,output:1",
    ]);
    const [message = expect.fail()] = await ask();
    const whole = message.body.slice(multipartHeader);
    for (let length = 1; length < whole.length; length++)
      expect(() => readOne(whole.slice(0, length))).toThrow(RangeError);
  });
});
