/**
 * Where a wrong megaflow is from, on a real switch: flows put into the datapath by hand, and megaflows that the tables
 * left behind while the revalidators, which would clear them away, are held back.
 */

import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readFlows } from "../../src/openflow/read.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import type { Finding } from "../../src/verify/verdict.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges } from "../support/sample.js";
import { type VerifiedRail, verdictOf, verifiedRail } from "../support/verified-rail.js";

const worker = "0a:58:0a:65:00:10";
const bridgeMac = "0c:42:a1:00:01:01";
const leaf = "0c:42:a1:ff:00:01";
/** What the tables do with what may go to the fabric. */
const rewritten = `set(eth(src=${bridgeMac},dst=${leaf}))`;

function from(source: string, destination: string, transport: string): string {
  const ethernet = `eth(src=${worker},dst=${bridgeMac}),eth_type(0x0800)`;
  return `recirc_id(0),in_port(pf0vf0),${ethernet},ipv4(src=${source},dst=${destination},proto=17,tos=0/0,ttl=64,frag=no),${transport}`;
}

describeWithOpenVswitch("the origin of a wrong megaflow", () => {
  let ovs: PrivateSwitch;
  let rail: VerifiedRail;
  let toLeaf: string;
  let toHost: string;

  beforeAll(async () => {
    ovs = await testSwitch({ bridges: sampleBridges });
    rail = await verifiedRail(ovs);
    const ports = await ovs.appctl("dpctl/show");
    const numberOf = (name: string) => new RegExp(`port (\\d+): ${name} `).exec(ports)?.[1];
    toLeaf = `${rewritten},${numberOf("p0")}`;
    toHost = `${numberOf("br-pf1")}`;
  });

  /** One right megaflow of the switch's own, and nobody who would look after it. */
  beforeEach(async () => {
    await ovs.appctl("revalidator/purge");
    await ovs.inject(...sampleRight);
    await ovs.appctl("revalidator/pause");
  });

  afterEach(async () => {
    await ovs.appctl("revalidator/resume");
  });

  async function found(dumped?: (dump: string) => string): Promise<readonly Finding[]> {
    const dump = await ovs.dumpMegaflows();
    const { flows } = readFlows({
      name: "flows",
      text: await ovs.ofctl("--names", "dump-flows", "br-pf1"),
    });
    return verdictOf(rail, { dump: dumped === undefined ? dump : dumped(dump), flows }).findings;
  }

  const right = from("10.101.0.16", "10.101.0.32", "udp(src=0/0,dst=4791)");
  const forbidden = from("10.101.0.16", "10.101.0.32", "udp(src=0/0,dst=4790)");

  test("a flow added by hand that does what the tables do is no finding", async () => {
    await ovs.appctl("dpctl/del-flows");
    await ovs.appctl("dpctl/add-flow", right, toLeaf);
    expect(await found()).toEqual([]);
  });

  test("actions that no flow asks for are hand-made", async () => {
    await ovs.appctl("dpctl/del-flows");
    await ovs.appctl("dpctl/add-flow", right, `set(ipv4(ttl=7)),${toLeaf}`);
    await ovs.appctl("dpctl/add-flow", forbidden, `${toLeaf},${toHost}`);
    const findings = await found();
    expect(findings.map(({ kind }) => kind).sort()).toEqual(["leak", "stale"]);
    for (const finding of findings)
      expect(finding).toMatchObject({ origin: { kind: "hand-made", evidence: "actions" } });
  });

  test("a flow added by hand that covers more than the tables let pass is wider", async () => {
    await ovs.appctl("dpctl/del-flows");
    const wide = from("10.101.0.16", "10.101.0.32", "udp(src=0/0,dst=0/0)");
    await ovs.appctl("dpctl/add-flow", wide, toLeaf);
    expect(await found()).toMatchObject([{ kind: "leak", origin: { kind: "wider" } }]);
  });

  test("a flow added by hand that the tables might have made is told from a stale one by a missing ufid alone", async () => {
    await ovs.appctl("dpctl/add-flow", forbidden, toLeaf);
    expect(await found()).toMatchObject([{ kind: "leak", origin: { kind: "stale" } }]);
    // as a kernel prints what `dpctl/add-flow` put there without one (format_dpif_flow() in lib/dpif.c)
    const without = (dump: string) =>
      dump
        .split("\n")
        .map((line) => (line.includes("dst=4790") ? line.replace(/^ufid:[-0-9a-f]+, /, "") : line))
        .join("\n");
    expect(await found(without)).toMatchObject([
      { kind: "leak", origin: { kind: "hand-made", evidence: "no-ufid" } },
    ]);
  });

  test("what looks at no EtherType is hand-made", async () => {
    const line = `ufid:00000000-0000-0000-0000-000000000001, recirc_id(0),in_port(pf0vf0),eth(src=${worker}), packets:1, bytes:98, used:1.0s, dp:ovs, actions:p0`;
    expect(await found((dump) => `${dump}\n${line}\n`)).toMatchObject([
      { kind: "leak", origin: { kind: "hand-made", evidence: "no-ether-type" } },
    ]);
  });

  test("a megaflow that the flows of the switch left behind is stale", async () => {
    expect(await found()).toEqual([]);
    const [forward] = rail.flows.filter(
      ({ actions }) =>
        actions.at(-1)?.kind === "output" &&
        actions.some(
          (one) => one.kind === "set" && one.value === BigInt(`0x${leaf.replaceAll(":", "")}`),
        ),
    );
    const other = leaf.replace(/01$/, "02");
    const flow = `table=${forward?.table},cookie=${forward?.cookie}/-1`;
    await ovs.ofctl(
      "mod-flows",
      "br-pf1",
      `${flow},actions=mod_dl_src:${bridgeMac},mod_dl_dst:${other},output:p0`,
    );
    const findings = await found();
    expect(findings.filter(({ kind }) => kind === "stale")).toMatchObject([
      { kind: "stale", origin: { kind: "stale" } },
    ]);
    await ovs.ofctl(
      "mod-flows",
      "br-pf1",
      `${flow},actions=mod_dl_src:${bridgeMac},mod_dl_dst:${leaf},output:p0`,
    );
  });
});

const sampleRight = [
  "pf0vf0",
  `in_port(1),eth(src=${worker},dst=${bridgeMac}),eth_type(0x0800),ipv4(src=10.101.0.16,dst=10.101.0.32,proto=17,tos=0,ttl=64,frag=no),udp(src=49152,dst=4791)`,
] as const;
