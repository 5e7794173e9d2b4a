/** The verdict on megaflows of a real switch, right ones and broken ones. */

import { beforeAll, describe, expect, test } from "vitest";
import type { Flow } from "../../src/openflow/flow.js";
import { explainConnection } from "../../src/policy/connection.js";
import { verdictDocument } from "../../src/report/verdict-json.js";
import { printVerdicts } from "../../src/report/verdict-text.js";
import { exitCodeOf } from "../../src/verify/exit-decision.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { sampleBridges } from "../support/sample.js";
import {
  asOffloaded,
  sampleTraffic,
  type VerifiedRail,
  verdictOf,
  verifiedRail,
} from "../support/verified-rail.js";

describeWithOpenVswitch("verify", () => {
  let rail: VerifiedRail;
  let good: string;

  beforeAll(async () => {
    rail = await verifiedRail(await testSwitch({ bridges: sampleBridges }));
    good = asOffloaded(rail.dump);
  });

  function states(dump: string): readonly string[] {
    return verdictOf(rail, { dump }).rules.map(({ rule, state }) => `${state}: ${rule.text}`);
  }

  const inner = 'allow each tenant <-> itself : nccl, ping, roce owner "ml-platform"';
  const joint = 'allow search <-> speech : roce on pf1 because "joint evaluation" until 2031-03-31';
  const storage = 'allow research -> storage : nfs owner "storage"';

  describe("what is as the policy says", () => {
    test("every packet that was sent made one megaflow, and each is accounted for", () => {
      const verdict = verdictOf(rail);
      expect(verdict.findings).toEqual([]);
      const seen =
        verdict.denied.megaflows +
        verdict.duties.reduce((sum, { tally }) => sum + tally.megaflows, 0) +
        verdict.rules.reduce((sum, { tally }) => sum + tally.megaflows, 0);
      expect(seen).toBe(sampleTraffic.length);
      expect(verdict.denied.megaflows).toBe(3);
    });

    test("a switch without hardware says so, and that is not as intended", () => {
      const verdict = verdictOf(rail);
      expect(exitCodeOf([verdict])).toBe(3);
      const reasons = verdict.rules.flatMap(({ connections }) =>
        connections.map(({ reason }) => reason?.code),
      );
      expect(new Set(reasons)).toEqual(new Set(["userspace-datapath"]));
    });

    test("everything in the NIC is as intended, ARP on the CPU and idle rules notwithstanding", () => {
      expect(states(good)).toEqual([
        `offloaded: ${inner}`,
        `idle: ${joint}`,
        `offloaded: ${storage}`,
      ]);
      expect(exitCodeOf([verdictOf(rail, { dump: good })])).toBe(0);
    });

    test("no megaflow at all is idle, which is no failure", () => {
      expect(states("")).toEqual([`idle: ${inner}`, `idle: ${joint}`, `idle: ${storage}`]);
      expect(exitCodeOf([verdictOf(rail, { dump: "" })])).toBe(0);
    });

    test("order, line ends, headers and counters change nothing", () => {
      const changed = good
        .split("\n")
        .reverse()
        .map((line) => `flow-dump from pmd on cpu core: 3\r\n${line}\r`)
        .join("\n");
      expect(states(changed)).toEqual(states(good));
      expect(verdictOf(rail, { dump: changed }).findings).toEqual([]);
    });

    test("megaflows of other bridges are counted and left alone", () => {
      const line = good.split("\n").find((one) => one.includes("in_port(pf0vf0)")) ?? "";
      const other = line.replace("in_port(pf0vf0)", "in_port(eth7)").replace(/p0$/, "eth8");
      const verdict = verdictOf(rail, { dump: `${good}\n${other}` });
      expect(verdict.findings).toEqual([]);
    });
  });

  describe("the dump is held against the list of what is offloaded", () => {
    const kinds = (listed: string, dump = good) =>
      verdictOf(rail, { dump, listed }).findings.map(({ kind }) => kind);
    const inHardware = () =>
      good
        .split("\n")
        .filter((line) => line.includes("offloaded:yes"))
        .join("\n");
    const [first, second] = [0, 1].map((index) => () => inHardware().split("\n")[index] ?? "");

    test("where both say the same there is nothing to say", () => {
      expect(kinds(inHardware())).toEqual([]);
    });

    test("what stands in only one of them has aged or is new", () => {
      expect(kinds(first?.() ?? "")).toEqual([]);
      const without = good.split("\n").filter((line) => line !== first?.());
      expect(kinds(inHardware(), without.join("\n"))).toEqual([]);
    });

    test.each([
      ["refused by the NIC", "dp:tc"],
      ["in the kernel", "dp:ovs"],
      ["partial, which no such list shows", "offloaded:partial, dp:ovs"],
    ])("listed as offloaded and %s in the dump is a contradiction", (_, place) => {
      const line = first?.() ?? "";
      const dump = good.replace(line, line.replace("offloaded:yes, dp:tc", place));
      const verdict = verdictOf(rail, { dump, listed: inHardware() });
      // where the dump is right, the NIC had no room for one like the others
      const findings = verdict.findings.filter(({ kind }) => kind !== "table-full");
      expect(findings).toMatchObject([{ kind: "contradiction" }]);
      expect(exitCodeOf([verdict])).toBe(3);
      const text = printVerdicts([verdict]);
      expect(text).toContain("says of a megaflow that it is in hardware, and that it is not");
      expect(text).toContain(`type=offloaded:1: ${line}`);
      const megaflow = { text: line.replace("offloaded:yes, dp:tc", place) };
      const inJson = verdictDocument([verdict]).rails[0]?.findings;
      expect(inJson?.[0]).toMatchObject({ kind: "contradiction", megaflow });
    });

    test("a list that shows what is not offloaded contradicts itself", () => {
      const line = second?.() ?? "";
      expect(kinds(line.replace("offloaded:yes, ", ""))).toEqual(["contradiction"]);
    });

    test("one thread's megaflow in the NIC is enough for the list", () => {
      const line = first?.() ?? "";
      const both = `${line.replace("offloaded:yes, dp:tc", "dp:ovs")}\n${line}`;
      expect(kinds(inHardware(), good.replace(line, both))).toEqual([]);
    });

    test("a switch that does not list it is said to, and nothing is concluded", () => {
      const evidence = { offloadListRefused: "Operation not supported" };
      const verdict = verdictOf({ ...rail, evidence }, { dump: good });
      expect(verdict.findings).toEqual([]);
      expect(printVerdicts([verdict])).toContain(
        "unconfirmed     Open vSwitch does not list what is offloaded: Operation not supported",
      );
      expect(verdictDocument([verdict]).rails).toMatchObject([evidence]);
    });
  });

  describe("what is not in hardware is told from what is, with the reason", () => {
    const roce = /dst=10\.101\.0\.32,proto=17.*udp\(/;

    function changeRoce(change: (line: string) => string): string {
      const lines = good.split("\n");
      expect(lines.filter((line) => roce.test(line))).toHaveLength(1);
      return lines.map((line) => (roce.test(line) ? change(line) : line)).join("\n");
    }

    function reasonAfter(change: (line: string) => string): unknown {
      const verdict = verdictOf(rail, { dump: changeRoce(change) });
      expect(verdict.findings).toEqual([]);
      expect(exitCodeOf([verdict])).toBe(3);
      const connections = verdict.rules.flatMap((rule) => rule.connections);
      const software = connections.filter(({ state }) => state !== "offloaded");
      expect(software).toHaveLength(1);
      return { state: software[0]?.state, ...software[0]?.reason };
    }

    test("a NIC that refused in silence", () => {
      expect(reasonAfter((line) => line.replace("offloaded:yes, ", ""))).toEqual({
        state: "software-tc",
        code: "nic-silent",
        evidence: [],
      });
    });

    test("a match that OVS's TC layer cannot express", () => {
      const change = (line: string) =>
        line
          .replace("offloaded:yes, dp:tc", "dp:ovs")
          .replace("skb_priority(0/0)", "skb_priority(0x3)");
      expect(reasonAfter(change)).toMatchObject({
        state: "software-ovs",
        code: "tc-refuses",
        part: "skb_priority(0x3)",
        message: "offloading attribute skb_priority isn't supported",
      });
    });

    test("a flow that OVS kept in its own datapath without a reason in sight", () => {
      expect(reasonAfter((line) => line.replace("offloaded:yes, dp:tc", "dp:ovs"))).toEqual({
        state: "software-ovs",
        code: "tc-silent",
        evidence: [],
      });
    });

    test("half-offloaded by a userspace datapath", () => {
      const change = (line: string) =>
        line.replace("offloaded:yes, dp:tc", "offloaded:partial, dp:ovs");
      expect(reasonAfter(change)).toMatchObject({ state: "partial" });
    });

    test("a path that recirculates is in hardware only if every step is", () => {
      const split = (line: string): string => {
        const [match, actions] = line.split("actions:");
        const first = `${match}actions:hash(l4(0)),recirc(0x5)`;
        const second = line
          .replace("offloaded:yes, ", "")
          .replace("recirc_id(0)", "recirc_id(0x5)")
          .replace("dp_hash(0/0)", "dp_hash(0x1/0x1)");
        expect(actions).toBeDefined();
        return `${first}\n${second}`;
      };
      expect(reasonAfter(split)).toMatchObject({ state: "software-tc" });
    });

    test("a dump made without -m does not say", () => {
      const dump = changeRoce((line) => line.replace("offloaded:yes, dp:tc, ", ""));
      const verdict = verdictOf(rail, { dump });
      expect(verdict.findings.map(({ kind }) => kind)).toEqual(["no-offload-state"]);
    });
  });

  test("ports by number are not taken for another bridge's", () => {
    const numbered = good.replaceAll("in_port(pf0vf0)", "in_port(2)");
    const verdict = verdictOf(rail, { dump: numbered });
    expect(verdict.findings.map(({ kind }) => kind)).toEqual(["unnamed-port"]);
    expect(exitCodeOf([verdict])).toBe(3);
    const named = { ...rail.portNames, datapath: new Map([[2, "pf0vf0"]]) };
    expect(verdictOf({ ...rail, portNames: named }, { dump: numbered }).findings).toEqual([]);
  });

  describe("broken on purpose: a megaflow", () => {
    function findingsAfter(from: string | RegExp, to: string): readonly string[] {
      const lines = good.split("\n");
      const index = lines.findIndex((line) =>
        /src=10\.101\.0\.16,dst=10\.101\.0\.32,proto=17/.test(line),
      );
      const line = lines[index] ?? "";
      const broken = line.replace(from, to);
      expect(broken).not.toBe(line);
      const dump = lines.with(index, broken).join("\n");
      return verdictOf(rail, { dump }).findings.map(({ kind }) => kind);
    }

    test.each([
      ["forwards to another pod", /p0$/, "pf0vf1", "leak"],
      ["forwards to the host", /p0$/, "br-pf1", "leak"],
      ["forwards to one port more", /p0$/, "p0,pf0vf1", "leak"],
      ["drops", /actions:.*/, "actions:drop", "blackhole"],
      ["leaves the rewrite out", /set\(eth\([^)]*\)\),/, "", "stale"],
      ["rewrites otherwise", "dst=0c:42:a1:ff:00:01", "dst=0c:42:a1:ff:00:02", "stale"],
      ["hands it to conntrack", /p0$/, "ct,recirc(0x9)", "unexplained"],
      ["hands it to a controller", /p0$/, "userspace(pid=0,controller(reason=1))", "leak"],
      ["does what nobody knows", /p0$/, "teleport(3)", "not-understood"],
      ["matches what nobody knows", "recirc_id(0)", "mood(3),recirc_id(0)", "not-understood"],
      ["comes from another pod", "in_port(pf0vf0)", "in_port(pf0vf1)", "leak"],
      ["comes from the fabric", "in_port(pf0vf0)", "in_port(p0)", "leak"],
      ["comes out of nowhere", "recirc_id(0)", "recirc_id(0x77)", "unexplained"],
      ["is cut off", /actions:.*/, "", "unreadable-line"],
      ["matches another port", "dst=4791", "dst=4790", "leak"],
      ["ignores the port", "dst=4791", "dst=4791/0", "leak"],
      [
        "matches a tagged frame",
        /eth_type\(0x0800\)(.*)udp\((.*?)\)/,
        "eth_type(0x8100),vlan(vid=5,pcp=0),encap(eth_type(0x0800)$1udp($2))",
        "leak",
      ],
      ["takes later fragments too", "frag=no", "frag=later", "leak"],
    ])("%s", (_, from, to, kind) => {
      expect(findingsAfter(from, to)).toEqual([kind]);
    });

    test("is one bit wider anywhere in its addresses or port", () => {
      const widths = [
        ["src=10.101.0.16", 32],
        ["dst=10.101.0.32", 32],
        ["src=0a:58:0a:65:00:10", 48],
        ["dst=0c:42:a1:00:01:01", 48],
        ["dst=4791", 16],
      ] as const;
      for (const [text, bits] of widths)
        for (let bit = 0; bit < bits; bit++) {
          const mask = ((1n << BigInt(bits)) - 1n) ^ (1n << BigInt(bit));
          const kinds = findingsAfter(text, `${text}/${printMask(mask, bits)}`);
          // a neighbour that the pod may open as well, and that is reached the same way
          const isRight =
            text === "dst=10.101.0.32" && mayOpenRoce(0x0a650020n ^ (1n << BigInt(bit)));
          expect(kinds, `${text} without bit ${bit}`).toEqual(isRight ? [] : ["leak"]);
        }
    });

    function mayOpenRoce(value: bigint): boolean {
      const { policy, inventory } = rail;
      const opener = { family: 4, value: 0x0a650010n } as const;
      const roce = { protocol: 17, selector: 4791, rail: "pf1" };
      const answerer = { family: 4, value } as const;
      return explainConnection(policy, inventory, { ...roce, opener, answerer }).allowed;
    }

    test("drops one destination too many", () => {
      const lines = good.split("\n");
      const index = lines.findIndex((line) => /dst=22/.test(line));
      const broken = (lines[index] ?? "").replace(/dst=22[^)]*/, "dst=22/0");
      const dump = lines.with(index, broken).join("\n");
      expect(verdictOf(rail, { dump }).findings.map(({ kind }) => kind)).toEqual(["blackhole"]);
    });

    test("from a port that is nobody's reaches a pod", () => {
      const line =
        "recirc_id(0),in_port(eth9),eth_type(0x0800),ipv4(frag=no), packets:1, bytes:1, used:0.1s, dp:ovs, actions:pf0vf0";
      const { findings } = verdictOf(rail, { dump: `${good}\n${line}` });
      expect(findings.map(({ kind }) => kind)).toEqual(["leak"]);
    });
  });

  describe("broken on purpose: the flows of the switch", () => {
    function kindsWith(flows: readonly Flow[]): readonly string[] {
      const verdict = verdictOf(rail, { dump: good, flows });
      if (verdict.findings.length > 0) expect(exitCodeOf([verdict])).toBe(3);
      return [...new Set(verdict.findings.map(({ kind }) => kind))];
    }

    const foreign: Flow = {
      table: 0,
      priority: 65535,
      cookie: 0x99n,
      match: { fields: [] },
      actions: [{ kind: "unknown", text: "NORMAL" }],
    };

    test("each one, missing", () => {
      for (let index = 0; index < rail.flows.length; index += 53)
        expect(kindsWith(rail.flows.toSpliced(index, 1))).toContain("missing-flow");
    });

    test("each one, with another priority, cookie, action or one bit less in its mask", () => {
      for (let index = 0; index < rail.flows.length; index += 101) {
        const flow = rail.flows[index] as Flow;
        const changed = (flow: Flow) => kindsWith(rail.flows.with(index, flow));
        expect(changed({ ...flow, priority: flow.priority + 1 })).toContain("missing-flow");
        expect(changed({ ...flow, cookie: flow.cookie ^ 1n })).toContain("changed-flow");
        const actions: Flow["actions"] =
          flow.actions.length === 0 ? [{ kind: "output", port: 1 }] : [];
        expect(changed({ ...flow, actions })).toContain("changed-flow");
        const [first, ...others] = flow.match.fields;
        if (first === undefined) continue;
        const mask = first.mask & (first.mask - 1n);
        const field = { ...first, mask, value: first.value & mask };
        const fields = mask === 0n ? others : [field, ...others];
        expect(changed({ ...flow, match: { ...flow.match, fields } })).toContain("missing-flow");
      }
    });

    test("one of somebody else's on top", () => {
      expect(kindsWith([...rail.flows, foreign])).toContain("foreign-flow");
      const onPod: Flow = { ...foreign, match: { inPort: 2, fields: [] } };
      expect(kindsWith([...rail.flows, onPod])).toContain("foreign-flow");
    });

    test("one of somebody else's beside ours is nobody's business", () => {
      const beside: Flow = {
        ...foreign,
        match: { inPort: 77, fields: [] },
        actions: [
          { kind: "unknown", text: "dec_ttl" },
          { kind: "note", text: "note:00" },
          { kind: "queue", text: "set_queue:1" },
          { kind: "controller", text: "CONTROLLER:65535" },
          { kind: "output", port: 78 },
          { kind: "clear-actions" },
          { kind: "write-actions", actions: [{ kind: "output", port: 79 }] },
        ],
      };
      expect(kindsWith([...rail.flows, beside])).toEqual([]);
      expect(kindsWith([...rail.flows, { ...foreign, table: 250 }])).toEqual([]);
    });

    test("one of somebody else's that leads past ours", () => {
      const pod = [...rail.portNames.openflow].find(([, name]) => name === "pf0vf0")?.[0];
      if (pod === undefined) throw new Error("no pod");
      const last = rail.compiled.tables.at(-1)?.number ?? 0;
      const ways: Flow["actions"][] = [
        [{ kind: "unknown", text: "NORMAL" }],
        [{ kind: "unknown", text: "group:7" }],
        [{ kind: "output", port: pod }],
        [{ kind: "output", port: "pf0vf0" }],
        [{ kind: "write-actions", actions: [{ kind: "output", port: pod }] }],
        [{ kind: "resubmit", port: pod, table: 0 }],
        [
          { kind: "set", field: "reg2", value: 1n },
          { kind: "resubmit", table: last },
        ],
      ];
      for (const actions of ways)
        for (const match of [{ fields: [] }, { inPort: 77, fields: [] }]) {
          const flow: Flow = { ...foreign, priority: 0, match, actions };
          expect(kindsWith([...rail.flows, flow]), String(actions[0]?.kind)).toEqual([
            "way-around",
          ]);
        }
      // the same behind another table of theirs
      const lead: Flow = {
        ...foreign,
        match: { inPort: 77, fields: [] },
        actions: [{ kind: "goto", table: 250 }],
      };
      expect(kindsWith([...rail.flows, lead, { ...foreign, table: 250 }])).toEqual(["way-around"]);
    });

    test("one of ours too many", () => {
      const cookie = (rail.flows[0] as Flow).cookie;
      expect(kindsWith([...rail.flows, { ...foreign, table: 251, cookie }])).toEqual([
        "extra-flow",
      ]);
    });

    test("unchanged in another order", () => {
      expect(kindsWith(rail.flows.toReversed())).toEqual([]);
    });
  });

  test("the JSON document is one of its own schema", async () => {
    const { verdictSchema } = await import("../../src/report/verdict-schema.js");
    for (const dump of [good, rail.dump, good.replaceAll(":p0", ":pf0vf1"), "x"])
      expect(() =>
        verdictSchema.parse(
          JSON.parse(JSON.stringify(verdictDocument([verdictOf(rail, { dump })]))),
        ),
      ).not.toThrow();
  });
});

function printMask(mask: bigint, bits: number): string {
  if (bits === 16) return `0x${mask.toString(16)}`;
  const octets = mask
    .toString(16)
    .padStart(bits / 4, "0")
    .match(/../g) as string[];
  return bits === 48
    ? octets.join(":")
    : octets.map((octet) => Number.parseInt(octet, 16)).join(".");
}
