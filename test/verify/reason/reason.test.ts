/** Why a megaflow is not in hardware, reason by reason. */

import { describe, expect, test } from "vitest";
import type { Megaflow } from "../../../src/datapath/megaflow.js";
import { readMegaflows } from "../../../src/datapath/read-megaflows.js";
import { offloadStateOf } from "../../../src/verify/offload-state.js";
import { Comparison } from "../../../src/verify/reason/comparison.js";
import { reasonOf } from "../../../src/verify/reason/reason.js";
import { refusals } from "../../../src/verify/reason/refusals.js";

interface Parts {
  readonly match?: string;
  readonly actions?: string;
  readonly layer?: string;
}

function megaflowOf({ match = "", actions = "p0", layer = "dp:ovs" }: Parts): Megaflow {
  const ip = match.includes("eth_type") ? match : `eth_type(0x0800),${match || "ipv4(frag=no)"}`;
  const text = `recirc_id(0),in_port(v0),${ip}, packets:1, bytes:64, used:0.1s, ${layer}, actions:${actions}`;
  const { megaflows } = readMegaflows({ name: "dump", text });
  expect(megaflows).toHaveLength(1);
  expect(megaflows[0]?.notUnderstood).toEqual([]);
  return megaflows[0] as Megaflow;
}

const ports = (count: number) =>
  Array.from({ length: count }, (_, index) => `v${index + 1}`).join();

/** For each message of the list, the part that brings it and where it stands. */
const refused: readonly (readonly [part: string, message: string, Parts])[] = [
  [
    "skb_priority(0x1)",
    "offloading attribute skb_priority isn't supported",
    { match: "skb_priority(0x1)" },
  ],
  [
    "skb_mark(0x1/0x1)",
    "offloading attribute pkt_mark isn't supported",
    { match: "skb_mark(0x1/0x1)" },
  ],
  [
    "dp_hash(0x1/0xf)",
    "offloading attribute dp_hash isn't supported",
    { match: "dp_hash(0x1/0xf)" },
  ],
  [
    "label=2",
    "offloading multiple mpls_lses isn't supported",
    { match: "eth_type(0x8847),mpls(label=1),mpls(label=2)" },
  ],
  [
    "frag=first",
    "offloading of IPv6 fragments isn't supported",
    { match: "eth_type(0x86dd),ipv6(src=::/::,frag=first)" },
  ],
  [
    "target=fd00::1",
    "offloading isn't supported, unknown attribute",
    { match: "eth_type(0x86dd),ipv6(proto=58,frag=no),icmpv6(type=135,code=0),nd(target=fd00::1)" },
  ],
  [
    "vid=5/0xf",
    "a VLAN id or priority matched in part",
    { match: "eth_type(0x8100),vlan(vid=5/0xf,pcp=0/0x0),encap(eth_type(0x0800),ipv4(frag=no))" },
  ],
  [
    "recirc_id(0x10000000)",
    "flow recirc_id exceeds the chain id upper limit",
    { match: "recirc_id(0x10000000)" },
  ],
  ["trunc(64)", "unsupported put action type", { actions: "trunc(64),p0" }],
  ["push_nsh(flags=0)", "unsupported put action type", { actions: "push_nsh(flags=0),p0" }],
  ["set(arp(op=2))", "unsupported set action type", { actions: "set(arp(op=2)),p0" }],
  [
    "set(ipv6(label=0x1))",
    "unsupported sub attribute of set action type",
    { match: "eth_type(0x86dd),ipv6(proto=6,frag=no)", actions: "set(ipv6(label=0x1)),p0" },
  ],
  ["ct(helper=ftp)", "conntrack with a protocol helper", { actions: "ct(helper=ftp),p0" }],
  ["v17", "Can only support 16 actions", { actions: ports(17) }],
  [
    "set(ipv4(tos=0x2/0x3))",
    "attempt to offload an unsupported field",
    { match: "ipv4(proto=17,frag=no)", actions: "set(ipv4(tos=0x2/0x3)),p0" },
  ],
  [
    "set(ipv4(src=10.0.0.1))",
    "can't offload re-write of non TCP/UDP",
    { match: "ipv4(frag=no)", actions: "set(ipv4(src=10.0.0.1)),p0" },
  ],
  [
    "dst=5",
    "Only UDP and TCP transports are supported for L4 matching",
    { match: "ipv4(proto=132,frag=no),sctp(src=1/0,dst=5)" },
  ],
  ["frag=later", "Match on frag first/later is not supported", { match: "ipv4(frag=later)" }],
  [
    "v33",
    "can't support more output ports, can't offload forwarding",
    { actions: ports(33), layer: "dp:tc" },
  ],
  ["p1", "can't duplicate output to same device", { actions: "p1,p1" }],
  ["v0", "can't forward from a VF to itself", { actions: "v0" }],
  [
    "ct_state(+inv)",
    "only ct_state trk, est, new and rpl are supported for offload",
    { match: "ct_state(+inv),eth_type(0x0800)" },
  ],
  [
    "ct_state(0x21/0x21)",
    "matching on ct_state +new isn't supported",
    { match: "ct_state(0x21/0x21),eth_type(0x0800)" },
  ],
  ["ct(zone=2)", "Multiple CT actions are not supported", { actions: "ct(zone=1),ct(zone=2),p0" }],
];

describe("what keeps a megaflow out of the NIC is underlined, with the words of who refuses", () => {
  test.each(refused)("%s: %s", (part, message, parts) => {
    const megaflow = megaflowOf(parts);
    const state = offloadStateOf(megaflow) ?? "offloaded";
    expect(reasonOf(megaflow, state, { evidence: {}, bridge: "br" })).toMatchObject({
      message,
      part,
    });
  });

  test("every refusal of the list has a case", () => {
    const covered = new Set(refused.map(([, message]) => message));
    expect(refusals.filter(({ message }) => !covered.has(message))).toEqual([]);
  });
});

describe("a cause of the whole switch comes before one of the megaflow", () => {
  const queued = { match: "skb_priority(0x1)" };
  test.each([
    ["no hardware", { ...queued }, { datapathType: "dummy" }, "userspace-datapath"],
    ["offload is off", { ...queued }, { hwOffload: false }, "hw-offload-off"],
    [
      "TC is told to skip the NIC",
      { layer: "dp:tc" },
      { tcPolicy: "skip_hw" },
      "tc-policy-skips-hardware",
    ],
    ["the host's port", { actions: "br", layer: "dp:tc" }, {}, "host-port"],
    ["handed to userspace", { actions: "userspace(pid=1,slow_path(action))" }, {}, "slow-path"],
    ["nothing to be seen, in TC", { layer: "dp:tc" }, {}, "nic-silent"],
    ["nothing to be seen, not in TC", {}, {}, "tc-silent"],
    ["half in hardware", { layer: "offloaded:partial, dp:ovs" }, {}, "partial-by-design"],
  ] as const)("%s", (_, parts, evidence, code) => {
    const megaflow = megaflowOf(parts);
    const state = offloadStateOf(megaflow) ?? "offloaded";
    expect(reasonOf(megaflow, state, { evidence, bridge: "br" })?.code).toBe(code);
  });

  test("nothing is the matter with what is in hardware", () => {
    const megaflow = megaflowOf({ layer: "offloaded:yes, dp:tc" });
    expect(reasonOf(megaflow, "offloaded", { evidence: {}, bridge: "br" })).toBeUndefined();
  });
});

describe("evidence comes before what is known of NICs in general", () => {
  const features = (isOn: boolean) => new Map([["v0", { isOn, isFixed: false }]]);
  const ids = (...ports: readonly (readonly [string, string])[]) => new Map(ports);
  const logged = {
    lines: ["a line"],
    time: "t",
    error: "No such device",
    device: "v0",
  };
  // mlx5 would refuse it for its tos bits as well
  const listed = { match: "ipv4(proto=17,frag=no)", actions: "set(ipv4(tos=0x2/0x3)),p0" };

  test.each([
    ["offload of its port is off", { features: features(false) }, "port-offload-off", "ports"],
    ["another NIC", { switchIds: ids(["v0", "aa"], ["p0", "bb"]) }, "other-nic", "ports"],
    ["no NIC", { switchIds: ids(["v0", "aa"], ["p0", ""]) }, "not-on-the-nic", "ports"],
    ["a failure in the log", { refusals: [logged] }, "offload-failed", "vswitchd-log"],
    ["offload is off altogether", { hwOffload: false }, "hw-offload-off", "settings"],
    ["nothing but the list", { features: features(true) }, "nic-refuses", "refusal-list"],
    [
      "a failure of another port",
      { refusals: [{ ...logged, device: "v9" }] },
      "nic-refuses",
      "refusal-list",
    ],
  ] as const)("%s", (_, evidence, code, source) => {
    const megaflow = megaflowOf({ ...listed, layer: "dp:tc" });
    const reason = reasonOf(megaflow, "software-tc", { evidence, bridge: "br" });
    expect(reason?.code).toBe(code);
    expect(reason?.evidence.map((exhibit) => exhibit.source)).toContain(source);
  });

  test("with tc-policy none the NIC never saw what stands in OVS's own datapath", () => {
    const evidence = { tcPolicy: "none", features: features(false) };
    const reason = (tcPolicy: string) =>
      reasonOf(megaflowOf({}), "software-ovs", {
        evidence: { ...evidence, tcPolicy },
        bridge: "br",
      });
    expect(reason("none")?.code).toBe("tc-silent");
    expect(reason("skip_sw")?.code).toBe("port-offload-off");
  });
});

describe("what the NIC took tells of what it did not", () => {
  const one = (match: string, actions = "p0") => megaflowOf({ match, actions, layer: "dp:tc" });
  const ordinary = () => true;
  const compare = (taken: readonly Megaflow[], refused: readonly Megaflow[], of: Megaflow) =>
    new Comparison(
      [
        ...taken.map((megaflow) => ({ megaflow, isInHardware: true })),
        ...refused.map((megaflow) => ({ megaflow, isInHardware: false })),
      ],
      ordinary,
    ).conclude(of);
  const ping = one("ipv4(proto=1,frag=no)");
  const roce = one("ipv4(proto=17,frag=no),udp(dst=4791)");
  const other = one("ipv4(proto=17,frag=no),udp(dst=4792)");
  const nfs = one("ipv4(proto=6,frag=no),tcp(dst=2049)");

  test("one that asks for as much is in hardware: there is no room", () => {
    expect(compare([roce], [other], other)).toEqual({ kind: "no-room", alike: 1 });
    // the table is full for all
    expect(compare([roce], [other, nfs], nfs)).toEqual({ kind: "no-room", alike: 0 });
  });

  test("what all that were refused have, and none that was taken", () => {
    const conclusion = compare([ping], [roce, nfs], nfs);
    expect(conclusion).toMatchObject({ kind: "refused-part", refused: 2, others: 1 });
    if (conclusion?.kind !== "refused-part") throw new Error("it is one");
    const { text } = nfs.source;
    expect(conclusion.parts.map(({ start, end }) => text.slice(start, end))).toEqual(["dst=2049"]);
  });

  test("nothing to compare with, or nothing in common: nothing is concluded", () => {
    expect(compare([], [roce], roce)).toBeUndefined();
    expect(compare([roce], [ping, nfs], ping)).toBeUndefined();
  });
});
