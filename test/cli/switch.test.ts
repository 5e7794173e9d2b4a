/** The commands that meet a switch, in the order in which a night at a node goes. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { outputSchemas } from "../../src/cli/documents.js";
import { costSchema } from "../../src/report/cost-json.js";
import { verdictSchema } from "../../src/report/verdict-schema.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { railfence } from "../support/command.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges, sampleInventory, sampleNode, samplePolicy } from "../support/sample.js";

const about = [samplePolicy, "--inventory", sampleInventory, "--node", sampleNode];

describeWithOpenVswitch("the command line on a switch", () => {
  let ovs: PrivateSwitch;
  const at = (...words: string[]) =>
    railfence(words, { environment: { OVS_RUNDIR: ovs.runDirectory } });

  beforeAll(async () => {
    ovs = await testSwitch({ bridges: sampleBridges });
  });

  test("plan lists what install will add, and ends with 3", async () => {
    const { code, out, err } = await at("plan", ...about, "--rail", "pf1");
    // a slow machine is told what takes so long
    expect([code, err.replace(/^\w+ing .* \.\.\.\n/gm, "")]).toEqual([3, ""]);
    expect(out).toMatch(/^pf1: reachability: [1-9]\d* gained, 0 lost\n {2}\+ /);
    expect(out).toMatch(/^ {2}\+ search\/.* -> storage : nfs$/m);
    expect(out).toMatch(
      /^pf1: bridge br-pf1: [1-9]\d* to add, 0 to change, 0 to delete, 0 unchanged$/m,
    );
    const { out: bill } = await railfence(["cost", ...about, "--rail", "pf1", "--format", "json"]);
    const { megaflows, masks } =
      costSchema.parse(JSON.parse(bill)).nodes[0]?.rails[0]?.legitimate ?? {};
    expect(out).toContain(
      `pf1: cost: ${megaflows} megaflows in ${masks} masks of legitimate traffic`,
    );
    expect(out).toMatch(/^ {4}\+ table=0, .*in_port=pf0vf0.* actions=/m);
    expect(out).toMatch(/^ {2}allow each .* \(policies\/acp\/acp\.policy:11:1\)$/m);
    expect(await ovs.ofctl("dump-flows", "br-pf1")).not.toContain("cookie=0x7266");
  });

  test("install adds them on both bridges, a second one sends nothing, and plan ends with 0", async () => {
    const first = await at("install", ...about);
    // a slow machine is told what takes so long
    expect([first.code, first.err.replace(/^installing .* \.\.\.\n/gm, "")]).toEqual([0, ""]);
    expect(first.out).toMatch(/^pf1: bridge br-pf1 has (\d+) flows of railfence: \1 added/);
    expect(first.out).toMatch(/^pf2: bridge br-pf2 has (\d+) flows of railfence: \1 added/m);
    const second = await at("install", ...about);
    expect(second.out.match(/: nothing to do$/gm)).toHaveLength(2);
    expect((await at("plan", ...about)).code).toBe(0);
  });

  test("verify ends with 0 while nothing is wrong, idle rules or not", async () => {
    const { code, out } = await at("verify", ...about);
    expect(code).toBe(0);
    expect(out).toContain("gpu-001 pf1 (br-pf1): 3 rules: 3 idle");
  });

  test("verify notices a flow that somebody removed, with 3; install mends it", async () => {
    await ovs.ofctl("--strict", "del-flows", "br-pf1", "table=0,priority=60000,in_port=LOCAL");
    const { code, out } = await at("verify", ...about, "--format", "json");
    expect(code).toBe(3);
    const kinds = JSON.parse(out).rails.flatMap((rail: { findings: { kind: string }[] }) =>
      rail.findings.map(({ kind }) => kind),
    );
    expect(kinds).toEqual(["missing-flow"]);
    const { out: mended } = await at("install", ...about, "--format", "json");
    expect(JSON.parse(mended).rails).toMatchObject([
      { rail: "pf1", sent: true, added: 1 },
      { rail: "pf2", sent: false, added: 0 },
    ]);
    expect((await at("verify", ...about)).code).toBe(0);
  });

  test("verify says where traffic is, live and from a saved dump, with 3 as it is in software", async () => {
    const frame =
      "in_port(1),eth(src=0a:58:0a:65:00:10,dst=0c:42:a1:00:01:01),eth_type(0x0800)," +
      "ipv4(src=10.101.0.16,dst=10.101.0.32,proto=17,tos=0,ttl=64,frag=no),udp(src=50001,dst=4791)";
    await ovs.inject("pf0vf0", frame);
    const dump = await dumpWith(ovs, "10.101.0.32");
    const live = await at("verify", ...about);
    expect(live.code).toBe(3);
    expect(live.out).toMatch(/software-ovs +allow each tenant <-> itself : nccl, ping, roce/);
    const saved = await railfence(["verify", ...about, "--dump", "-"], { standardInput: dump });
    expect(saved.code).toBe(3);
    expect(saved.out).toMatch(/software-ovs +allow each tenant <-> itself : nccl, ping, roce/);
    const junit = await at("verify", ...about, "--format", "junit");
    expect(junit.out).toMatch(/^<\?xml .*\n<testsuites /);
  });

  test("show reads both kinds of dump, and its text is what came", async () => {
    const dump = await ovs.ofctl("--no-stats", "dump-flows", "br-pf1");
    const text = await railfence(["show", "--format", "text"], { standardInput: dump });
    const again = await railfence(["show", "--format", "text"], { standardInput: text.out });
    expect([text.code, again.out]).toEqual([0, text.out]);
    const json = await railfence(["show", "--format", "json"], { standardInput: dump });
    const { flows, unreadLines } = JSON.parse(json.out);
    expect(unreadLines).toBe(0);
    expect(flows.length).toBe(dump.trim().split("\n").length);
    expect(flows.every((flow: { understood: boolean }) => flow.understood)).toBe(true);
    const megaflows = await railfence(["show"], { standardInput: await ovs.dumpMegaflows() });
    expect(megaflows.out).toMatch(
      /^from pf0vf0\n {2}.*nw_src=10\.101\.0\.16.* => .*software, ovs/m,
    );
  });

  test("compile --ovs writes the numbers that ports have on that switch, --out files per rail", async () => {
    const named = await at("compile", ...about, "--rail", "pf1");
    expect(named.out).toContain("in_port=pf0vf0 ");
    const numbered = await at("compile", ...about, "--rail", "pf1", "--ovs", ovs.runDirectory);
    expect(numbered.out).toContain("in_port=2 ");
    expect(numbered.out).not.toContain("pf0vf0");
    const folder = mkdtempSync(join(tmpdir(), "railfence-out-"));
    expect((await at("compile", ...about, "--out", folder)).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(["pf1.flows", "pf2.flows"]);
    expect(readFileSync(join(folder, "pf1.flows"), "utf8")).toBe(named.out);
    rmSync(folder, { recursive: true });
  });

  test("--bridge-target is one bridge: several rails need --rail, or {bridge} in it", async () => {
    const target = (name: string) => `unix:${ovs.runDirectory}/${name}.mgmt`;
    const both = await at("plan", ...about, "--bridge-target", target("br-pf1"));
    expect([both.code, both.out]).toEqual([2, ""]);
    expect(both.err).toContain("help: name one with `--rail`");
    const one = await at("plan", ...about, "--rail", "pf1", "--bridge-target", target("br-pf1"));
    expect(one.code).toBe(0);
    const each = await at("plan", ...about, "--bridge-target", target("{bridge}"));
    expect(each.code).toBe(0);
  });

  test("an ssl: target needs its three files", async () => {
    const target = ["--rail", "pf1", "--bridge-target", "ssl:127.0.0.1:1"];
    const { code, err } = await at("plan", ...about, ...target, "--private-key", "key.pem");
    expect(code).toBe(2);
    expect(err).toContain("help: give `--private-key`, `--certificate` and `--ca-cert`");
  });

  test("a bridge that is not fail_mode=secure is warned of on stderr, and the exit code stays", async () => {
    await ovs.vsctl("del-fail-mode", "br-pf2");
    const one = [...about, "--rail", "pf2"];
    const planned = await at("plan", ...one);
    expect(planned.code).toBe(3);
    const warning =
      /^warning: bridge `br-pf2` has no fail_mode.*\nwhy: .*\nhelp: `ovs-vsctl set-fail-mode br-pf2 secure`/;
    expect(planned.err).toMatch(warning);
    expect(planned.err).toMatch(/^flow: cookie=0x0,table=0,priority=0 actions=NORMAL$/m);
    const { code, err, out } = await at("install", ...one, "--format", "json");
    expect(code).toBe(0);
    expect(err).toMatch(warning);
    outputSchemas.install.parse(JSON.parse(out));
    const json = await at("plan", ...one, "--format", "json");
    const document = outputSchemas.plan.parse(JSON.parse(json.out));
    const kinds = document.rails[0]?.warnings.map(({ kind }) => kind);
    expect([json.code, kinds]).toEqual([0, ["fail-mode", "normal-flow"]]);
    await ovs.vsctl("set-fail-mode", "br-pf2", "secure");
    const mended = await at("install", ...one);
    expect([mended.code, mended.err]).toEqual([0, ""]);
  });

  test("verify warns of what goes past the fence, live, waiting and from what was saved; its verdict stays", async () => {
    await ovs.ofctl("set-frags", "br-pf1", "nx-match");
    const one = [...about, "--rail", "pf1"];
    const folder = mkdtempSync(join(tmpdir(), "railfence-saved-"));
    const warning =
      /^warning: bridge `br-pf1` treats IP fragments.*\nwhy: .*\nhelp: `ovs-ofctl set-frags br-pf1 normal`\n$/m;
    const live = await at("verify", ...one, "--format", "json", "--save", folder);
    expect(live.err).toMatch(warning);
    const { rails } = verdictSchema.parse(JSON.parse(live.out));
    expect(rails[0]?.warnings?.map(({ kind }) => kind)).toEqual(["fragments"]);
    expect((await at("verify", ...one, "--wait", "1ms")).err).toMatch(warning);
    const saved = await railfence(["verify", ...one, "--dump", folder]);
    expect(saved.err).toMatch(warning);
    await ovs.ofctl("set-frags", "br-pf1", "normal");
    const mended = await at("verify", ...one);
    expect([mended.err, mended.code]).toEqual(["", live.code]);
    rmSync(folder, { recursive: true });
  });

  test("uninstall takes away our flows and no others", async () => {
    await ovs.ofctl("add-flow", "br-pf1", "table=250,priority=7,actions=drop");
    const { code, out } = await at("uninstall", ...about);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^pf1: bridge br-pf1 has 0 flows of railfence: 0 added, 0 changed, [1-9]\d* deleted/,
    );
    const left = await ovs.ofctl("--no-stats", "dump-flows", "br-pf1");
    expect(left).toContain("table=250");
    expect(left).not.toContain("cookie=0x7266");
  });

  test("uninstall needs no policy, and of the inventory only the names of bridges", async () => {
    const folder = mkdtempSync(join(tmpdir(), "railfence-broken-"));
    const inventory = join(folder, "inventory.json");
    const document = JSON.parse(readFileSync(sampleInventory, "utf8"));
    document.endpoints[0].ips.push("192.0.2.1");
    writeFileSync(inventory, JSON.stringify(document));
    writeFileSync(join(folder, "broken.policy"), "alow everything\n");
    const words = ["--inventory", inventory, "--node", sampleNode];
    await at("install", ...about);
    expect((await at("install", folder, ...words)).code).toBe(2);
    for (const path of [[folder], []]) {
      const { code, out, err } = await at("uninstall", ...path, ...words);
      expect([code, out.match(/has 0 flows of railfence/g)]).toEqual([
        0,
        Array(2).fill(expect.any(String)),
      ]);
      expect(err).toContain("error[address-outside-subnets]");
      expect(await ovs.ofctl("--no-stats", "dump-flows", "br-pf1")).not.toContain("cookie=0x7266");
    }
    writeFileSync(inventory, '{ "version": 1 }');
    const lost = await at("uninstall", ...words);
    expect([lost.code, lost.out]).toEqual([2, ""]);
    rmSync(folder, { recursive: true });
  });

  test("no switch there: 1, with what to do", async () => {
    const words = ["plan", ...about, "--ovs", "/nowhere"];
    const { code, out, err } = await railfence(words);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^error: .*\/nowhere[\s\S]*help: /);
    expect(err).not.toContain("    at ");
  });
});

/** A packet's megaflow appears once the switch's threads have worked. */
async function dumpWith(ovs: PrivateSwitch, part: string): Promise<string> {
  for (;;) {
    const dump = await ovs.dumpMegaflows();
    if (dump.includes(part)) return dump;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
