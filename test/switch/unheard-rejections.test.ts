/**
 * Answers that nobody waits for any more when they fail: none of them may end the process, as Node.js does where a
 * rejection is nobody's. Each test fails without the `catch` it is about.
 */

import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { BridgeTalk } from "../../src/switch/bridge-talk.js";
import type { Inquiry } from "../../src/switch/inquiry.js";
import type { Bundle } from "../../src/switch/open-vswitch.js";
import { PrintedFlow } from "../../src/switch/printed-flow.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { manyFlows } from "../support/hand-made-rail.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

const ports = new Map([["p0", 1]]);

const adding = (count: number): Bundle => ({
  adds: manyFlows(count).map((flow) => new PrintedFlow(flow, ports)),
  deletes: [],
});

function asking(...questions: Inquiry["questions"]): () => Inquiry {
  return () => ({ questions, isAnsweredBy: () => true });
}

const everything = { match: { fields: [] } };
/** Nobody knows the number of such a port. */
const unsayable = { match: { inPort: "p9", fields: [] } };

describeWithOpenVswitch("a rejection that nobody waits for", () => {
  let own: PrivateSwitch;
  let talk: BridgeTalk;
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  const talkTo = (bridge: string) =>
    new BridgeTalk(join(own.runDirectory, `${bridge}.mgmt`), 5_000);

  beforeAll(async () => {
    own = await testSwitch({ bridges: [{ name: "br", ports: ["p0"] }] });
  });
  beforeEach(async () => {
    await own.ofctl("del-flows", "br");
    unheard.length = 0;
    process.on("unhandledRejection", hear);
    talk = talkTo("br");
  });
  afterEach(() => {
    process.off("unhandledRejection", hear);
    talk.close();
  });
  /** Node.js tells of them once all that was to be done at once is done. */
  const expectNoneUnheard = async () => {
    await passed(50);
    expect(unheard).toEqual([]);
  };

  test("the counts, where a list already settles the answer", async () => {
    // of so many flows the last are read long after the commit is known to be done; the counts come behind them
    const bundle = adding(6_000);
    expect(await talk.commit(bundle, asking(unsayable, everything))).toEqual({ reply: undefined });
    talk.close();
    await expectNoneUnheard();
  });

  test("the answers, where the commit is refused", async () => {
    await own.vsctl(
      ...["--", "--id=@few", "create", "flow_table", "flow_limit=2", "overflow_policy=refuse"],
      ...["--", "set", "bridge", "br", "flow_tables:3=@few"],
    );
    expect(await talk.commit(adding(5), asking(everything))).toBeUndefined();
    await expectNoneUnheard();
    await own.vsctl("clear", "bridge", "br", "flow_tables");
  });

  test("the bundle, where the question about it cannot be made", async () => {
    const failing = () => {
      throw new Error("no question");
    };
    await expect(talk.commit(adding(5), failing)).rejects.toThrow("no question");
    talk.close();
    await expectNoneUnheard();
  });

  test("the connection, where nothing is asked of a bridge that is not there", async () => {
    const nowhere = talkTo("br-none");
    await expectNoneUnheard();
    expect(await nowhere.countFlows()).toBeUndefined();
  });
});
