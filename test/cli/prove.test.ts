/** `railfence prove`, on saved flows and on a switch whose flows somebody changed. */

import { beforeAll, expect, test } from "vitest";
import { proofSchema } from "../../src/report/proof-schema.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { railfence } from "../support/command.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";

const about = [samplePolicy, "--inventory", sampleInventory, "--node", sampleNode];

test("what compile prints proves equal, in one line and with 0", async () => {
  const { out: standardInput } = await railfence(["compile", ...about]);
  for (const rail of ["pf1", "pf2"]) {
    const words = ["prove", ...about, "--rail", rail, "--flows", "-"];
    const { code, out, err } = await railfence(words, { standardInput });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      new RegExp(
        `^gpu-001 ${rail} \\(br-${rail}\\): the tables are the policy, for every packet of \\d+ ports \\([\\d,]+ flows\\)\\n$`,
      ),
    );
  }
});

test.each([
  ["numbered ports", "table=0,in_port=7 actions=drop\n", /names ports by number/],
  ["a numbered port at the end", "actions=write_actions(output:7)\n", /names ports by number/],
  ["no flow", "\n", /holds no flow of rail/],
  ["a line that is none", "table=0,in_port=p0 actions=drop\nhello\n", /<stdin>:2 holds no flow/],
])("a file with %s is rejected, with 2", async (_, standardInput, words) => {
  const { code, out, err } = await railfence(["prove", ...about, "--rail", "pf1", "--flows", "-"], {
    standardInput,
  });
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(words);
});

test("a file is of one rail", async () => {
  const { code, err } = await railfence(["prove", ...about, "--flows", "-"], { standardInput: "" });
  expect(code).toBe(2);
  expect(err).toContain("name one with `--rail`");
});

test.each(["--ovs", "--bridge-target"])("a file and %s are one too many", async (option) => {
  const value = option === "--ovs" ? "/nowhere" : "br-pf1=tcp:127.0.0.1:1";
  const words = ["prove", ...about, "--rail", "pf1", "--flows", "-", option, value];
  const { code, err } = await railfence(words, { standardInput: "actions=drop\n" });
  expect(code).toBe(2);
  expect(err).toContain("`--flows` reads a file");
});

test("a flow that stands before the first heading is proved, and shown without moving the cursor", async () => {
  const { out: compiled } = await railfence(["compile", ...about]);
  const standardInput = `priority=65535,in_port=pf0vf0 actions=output:p0,"\u001b[2J"\n${compiled}`;
  const words = ["prove", ...about, "--rail", "pf1", "--flows", "-"];
  const { code, out } = await railfence(words, { standardInput });
  expect(code).toBe(3);
  expect(out).toContain("␛[2J");
  expect(out).not.toContain("\u001b");
  const broken = await railfence(words, { standardInput: "\u001b[2J\n" });
  expect(broken.err).toContain("␛[2J");
  expect(broken.err).not.toContain("\u001b");
});

test("a saved flow that may lead anybody to an endpoint is not called the policy", async () => {
  const { out: compiled } = await railfence(["compile", ...about, "--rail", "pf1"]);
  const proved = async (foreign: string) => {
    const standardInput = `${compiled}${foreign}\n`;
    return railfence(["prove", ...about, "--rail", "pf1", "--flows", "-"], { standardInput });
  };
  const normal = await proved("table=0,priority=0 actions=NORMAL");
  expect(normal.code).toBe(3);
  expect(normal.out).toContain("reaches an endpoint is unknown");
  const direct = await proved("table=0,priority=1,in_port=veth9 actions=output:pf0vf0");
  expect(direct.code).toBe(3);
  expect(direct.out).toContain("around the fence");
  expect(direct.out).toMatch(/packet .*in_port=veth9/);
  expect((await proved("table=0,priority=1,in_port=veth9 actions=output:veth8")).code).toBe(0);
});

describeWithOpenVswitch("prove on a switch", () => {
  let ovs: PrivateSwitch;
  const at = (...words: string[]) =>
    railfence(words, { environment: { OVS_RUNDIR: ovs.runDirectory } });
  const proofOf = async () => {
    const { code, out } = await at("prove", ...about, "--rail", "pf1", "--format", "json");
    const document = proofSchema.parse(JSON.parse(out));
    return { code, document, rail: document.rails[0] };
  };

  beforeAll(async () => {
    ovs = await testSwitch({ bridges: sampleBridges });
    expect((await at("install", ...about)).code).toBe(0);
  });

  test("what install left there is the policy, on every rail", async () => {
    const { code, out } = await at("prove", ...about);
    expect(code).toBe(0);
    expect(out.match(/: the tables are the policy, /g)).toHaveLength(2);
  });

  test("a port of somebody else may not reach an endpoint, and anybody else it may", async () => {
    await ovs.vsctl("add-port", "br-pf1", "veth9", "--", "set", "interface", "veth9", "type=dummy");
    const { out } = await at("prove", ...about, "--rail", "pf1");
    expect(out).toContain("nothing from there reaches an endpoint: veth9");
    await ovs.ofctl("add-flow", "br-pf1", "priority=1,in_port=veth9,actions=output:p0");
    expect((await proofOf()).rail?.verdict).toBe("equal");
    await ovs.ofctl("mod-flows", "br-pf1", "in_port=veth9,actions=output:p0,output:pf0vf0");
    const { code, rail } = await proofOf();
    expect([code, rail?.verdict]).toEqual([3, "different"]);
    const [first] = rail?.findings ?? [];
    expect(first).toMatchObject({ kind: "different", inPort: "veth9" });
    expect(first?.policy.reason).toBe("unknown-port");
    expect(first?.tables.foreign.join()).toContain("output:pf0vf0");
    expect(await ovs.trace("br-pf1", first?.packet ?? "")).not.toMatch(/^Datapath actions: drop$/m);
    await ovs.ofctl("mod-flows", "br-pf1", "in_port=veth9,actions=NORMAL");
    expect((await proofOf()).rail?.verdict).toBe("unknown");
    await ovs.ofctl("--strict", "del-flows", "br-pf1", "priority=1,in_port=veth9");
    await ovs.vsctl("del-port", "br-pf1", "veth9");
  });

  test("a foreign flow that drops is found, with the packet, the rule and the flow", async () => {
    const flow = "priority=65535,udp,in_port=pf0vf0,tp_dst=4791";
    await ovs.ofctl("add-flow", "br-pf1", `${flow},actions=drop`);
    const { code, rail } = await proofOf();
    expect(code).toBe(3);
    expect(rail?.verdict).toBe("different");
    const [first] = rail?.findings ?? [];
    expect(first).toMatchObject({ kind: "different", inPort: "pf0vf0", tables: { sent: [] } });
    expect(first?.tables.foreign.join()).toContain("priority=65535,udp,in_port=pf0vf0,tp_dst=4791");
    expect(first?.policy.rules[0]?.place.file).toContain("acp.policy");
    expect(await ovs.trace("br-pf1", first?.packet ?? "")).toMatch(/^Datapath actions: drop$/m);
    const { out } = await at("prove", ...about, "--rail", "pf1");
    expect(out).toContain("the tables drop what the policy lets pass");
    expect(out).toMatch(/^ {4}rule {6}allow .*acp\.policy:\d+/m);
    expect(out).toContain("which is not a flow of railfence");
    await ovs.ofctl("--strict", "del-flows", "br-pf1", flow);
    expect((await proofOf()).code).toBe(0);
  });

  test("NORMAL in front makes it unknown, never equal", async () => {
    await ovs.ofctl("add-flow", "br-pf1", "priority=65535,actions=NORMAL");
    const { code, rail } = await proofOf();
    expect([code, rail?.verdict]).toEqual([3, "unknown"]);
    expect(rail?.findings[0]?.tables.doubt).toMatchObject({ code: "unknown-action" });
    await ovs.ofctl("--strict", "del-flows", "br-pf1", "priority=65535");
  });

  test("what ovs-ofctl does not show is proved, too: the flows of in-band control", async () => {
    await ovs.vsctl("set-controller", "br-pf1", "tcp:127.0.0.1:1");
    // Open vSwitch makes them in its own time
    await expect
      .poll(() => ovs.appctl("bridge/dump-flows", "br-pf1"))
      .toMatch(/priority=18\d{4},.*actions=NORMAL/);
    expect((await at("install", ...about)).code).toBe(0);
    expect(await ovs.ofctl("dump-flows", "br-pf1")).not.toMatch(/NORMAL/);
    const { code, rail } = await proofOf();
    expect([code, rail?.verdict]).toEqual([3, "unknown"]);
    expect(rail?.findings[0]?.tables.foreign.join()).toMatch(/priority=18\d{4},.*actions=NORMAL/);
    await ovs.vsctl("del-controller", "br-pf1");
    expect((await at("install", ...about)).code).toBe(0);
    expect((await proofOf()).code).toBe(0);
  });

  test.each(["drop", "nx-match"])(
    "nothing is proved of a bridge with fragments in mode %s",
    async (mode) => {
      await ovs.ofctl("set-frags", "br-pf1", mode);
      const { code, out, err } = await at("prove", ...about, "--rail", "pf1");
      expect([code, out]).toEqual([1, ""]);
      expect(err).toContain(`says \`${mode}\``);
      await ovs.ofctl("set-frags", "br-pf1", "normal");
      expect((await proofOf()).code).toBe(0);
    },
  );

  test("what could not be asked for is said, for a bridge elsewhere", async () => {
    const target = `unix:${ovs.runDirectory}/{bridge}.mgmt`;
    const { code, err } = await railfence(["prove", ...about, "--bridge-target", target]);
    expect(code).toBe(0);
    expect(err).toContain("what Open vSwitch hides of bridge `br-pf1` was not read");
    const hiddenOf = ({ out }: { readonly out: string }) =>
      proofSchema.parse(JSON.parse(out)).rails.map(({ hiddenFlows }) => hiddenFlows);
    const json = [...about, "--rail", "pf1", "--format", "json"];
    expect(hiddenOf(await railfence(["prove", ...json, "--bridge-target", target]))).toEqual([
      "unread",
    ]);
    expect(hiddenOf(await at("prove", ...json))).toEqual(["read"]);
  });

  test("a flow that is gone is missed, and install brings equality back", async () => {
    await ovs.ofctl("--strict", "del-flows", "br-pf1", "table=0,priority=60000,in_port=LOCAL");
    const { rail } = await proofOf();
    expect(rail?.findings.map(({ inPort, message }) => `${inPort}: ${message}`)).toContain(
      "br-pf1: the tables drop what the policy lets pass",
    );
    expect((await at("install", ...about)).code).toBe(0);
    expect((await at("prove", ...about)).code).toBe(0);
  });
});
