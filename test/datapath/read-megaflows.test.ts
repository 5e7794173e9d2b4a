/** The reader of datapath dumps: every value keeps its place, and nothing unknown is fine. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Megaflow } from "../../src/datapath/megaflow.js";
import { printMegaflow } from "../../src/datapath/print-megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { megaflowLine, seededRandom } from "../support/megaflow-lines.js";

const seed = 20260101;
const offloaded =
  "ufid:1c9e0b52-5d1f-4c3e-9f2b-7a40c1d2e3f4, skb_priority(0/0),skb_mark(0/0),ct_state(0/0),ct_zone(0/0),ct_mark(0/0),ct_label(0/0),recirc_id(0),dp_hash(0/0),in_port(pf0vf0),packet_type(ns=0/0,id=0/0),eth(src=0a:58:0a:65:00:05,dst=0c:42:a1:00:01:01),eth_type(0x0800),ipv4(src=10.101.0.5,dst=10.101.3.0/255.255.255.0,proto=17,tos=0/0,ttl=0/0,frag=no),udp(src=0/0,dst=4791), packets:812, bytes:1229368, used:0.310s, offloaded:yes, dp:tc, actions:set(eth(src=0c:42:a1:00:01:01,dst=0c:42:a1:ff:00:01)),p0";

function readOne(text: string): Megaflow {
  const { megaflows, problems } = readMegaflows({ name: "dump", text });
  expect(problems).toEqual([]);
  expect(megaflows).toHaveLength(1);
  return megaflows[0] as Megaflow;
}

function slices(megaflow: Megaflow): string[] {
  const { text } = megaflow.source;
  return megaflow.notUnderstood.map(({ place }) => text.slice(place.start, place.end));
}

describe("a line of a tc datapath", () => {
  const megaflow = readOne(offloaded);

  test("gives its identity, counters and offload state", () => {
    expect(megaflow.ufid).toBe("1c9e0b52-5d1f-4c3e-9f2b-7a40c1d2e3f4");
    expect(megaflow).toMatchObject({ packets: 812, bytes: 1229368, usedSeconds: 0.31 });
    expect(megaflow).toMatchObject({ offloaded: "yes", layer: "tc", notUnderstood: [] });
  });

  test("gives its match field by field, the wildcarded ones too", () => {
    const field = (name: string) => megaflow.match.fields.find((other) => other.name === name);
    expect(megaflow.match).toMatchObject({ recircId: 0, inPort: "pf0vf0" });
    expect(field("ipv4.dst")).toMatchObject({
      field: "nw_dst",
      value: 0x0a650300n,
      mask: 0xffffff00n,
    });
    expect(field("eth.src")).toMatchObject({ field: "dl_src", value: 0x0a580a650005n });
    expect(field("udp.src")).toMatchObject({ field: "tp_src", mask: 0n });
  });

  test("gives its actions", () => {
    expect(megaflow.actions).toMatchObject([
      { kind: "set", key: "eth", fields: [{ field: "dl_src" }, { field: "dl_dst" }] },
      { kind: "output", port: "p0" },
    ]);
  });

  test("keeps the place of every key and value", () => {
    const { text } = megaflow.source;
    const { match } = megaflow;
    for (const [index, { name }] of match.fields.entries()) {
      const { start, end } = match.placeOf(index) ?? megaflow.place;
      const key = name.split(".").at(-1) ?? "";
      expect(text.slice(start, end)).toMatch(new RegExp(`^${key}[=(]`));
    }
    const items = match.items.map(({ start, end }) => text.slice(start, end)).join(",");
    expect(text.slice(match.items[0]?.start, match.items.at(-1)?.end)).toBe(items);
    for (const item of megaflow.attributes)
      expect(text.slice(item.start, item.end)).toBe(
        `${item.key}:${text.slice(item.valueStart, item.valueEnd)}`,
      );
    expect(megaflow.attributes.map(({ key }) => key)).toEqual([
      "packets",
      "bytes",
      "used",
      "offloaded",
      "dp",
    ]);
  });
});

describe("dialects", () => {
  const samples: readonly [name: string, line: string, shape: object][] = [
    [
      "the kernel's order of keys, TCP flags, no ufid",
      "recirc_id(0x2a),in_port(3),ct_state(+new-est+trk),ct_label(0/0x1),eth(),eth_type(0x0800),ipv4(frag=no), packets:5, bytes:402, used:2.406s, flags:SFP., actions:ct(commit,zone=7,label=0/0x1),recirc(0x2b)",
      {
        flags: "SFP.",
        layer: undefined,
        actions: [{ kind: "conntrack" }, { kind: "recirculate", id: 0x2b }],
      },
    ],
    [
      "the userspace datapath with its extra information",
      "ufid:fb3479a3-e4f8-4fe0-b483-80203556ddd1, recirc_id(0),in_port(p1),packet_type(ns=0,id=0),eth_type(0x0800),ipv4(proto=6/0,frag=no),tcp(src=1/0,dst=2/0),tcp_flags(0/0), packets:0, bytes:0, used:never, dp:ovs, actions:check_pkt_len(size=100,gt(p2),le(push_vlan(vid=3,pcp=0),p3)), dp-extra-info:miniflow_bits(4,2)",
      {
        extraInfo: "miniflow_bits(4,2)",
        usedSeconds: undefined,
        actions: [
          {
            kind: "check-packet-length",
            bytes: 100,
            greater: [{ kind: "output", port: "p2" }],
            lessOrEqual: [
              { kind: "push-vlan", vlan: 3 },
              { kind: "output", port: "p3" },
            ],
          },
        ],
      },
    ],
    [
      "a tagged frame",
      "recirc_id(0),in_port(2),eth_type(0x8100),vlan(vid=5/0x0,pcp=3/0x0),encap(eth_type(0x0800),ipv4(frag=no)), packets:1, bytes:64, used:0.1s, actions:pop_vlan,100",
      { actions: [{ kind: "pop-vlan" }, { kind: "output", port: 100 }] },
    ],
    [
      "a Geneve tunnel before the recirculation number",
      "tunnel(tun_id=0x5,src=172.31.4.150,dst=172.31.2.150,ttl=0/0,tp_dst=6081,geneve({class=0x102,type=0x80,len=4,0x10002/0x7fffffff}),flags(-df-csum+key)),ct_state(-new+trk),recirc_id(0x2),in_port(4),eth_type(0x0800),ipv4(frag=first), packets:1, bytes:64, used:0.250s, actions:set(tunnel(tun_id=0x5,dst=192.168.201.12,ttl=64,tp_dst=6081,geneve({class=0x102,type=0x80,len=4,0xa0006}),flags(csum|key))),3",
      { match: { recircId: 2, inPort: 4 }, actions: [{ kind: "set", key: "tunnel" }, {}] },
    ],
    [
      "an answer that only userspace can make",
      "ufid:c902130d-436b-430c-ae86-e2a66ebb9f26, recirc_id(0),in_port(p1),eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.254,op=1,sha=0a:00:00:00:00:01,tha=00:00:00:00:00:00), packets:0, bytes:0, used:never, dp:ovs, actions:userspace(pid=0,slow_path(action)), dp-extra-info:miniflow_bits(5,4)",
      { actions: [{ kind: "userspace", reason: "slow_path(action)" }] },
    ],
    [
      "the form before recirculation and EtherTypes were printed",
      "in_port(1),eth(src=00:0c:29:d1:39:42,dst=01:80:c2:00:00:00), packets:8209, bytes:492540, used:0.000s, actions:2,0",
      { match: { recircId: 0, inPort: 1 }, actions: [{ port: 2 }, { port: 0 }] },
    ],
    [
      "neighbour discovery with its extension",
      "recirc_id(0),in_port(3),eth_type(0x86dd),ipv6(src=fe80::1/::,dst=ff02::1:ff00:1,label=0/0,proto=58,tclass=0/0,hlimit=255/0,frag=no),icmpv6(type=136,code=0),nd(target=fe80::2,sll=00:00:00:00:00:00,tll=0a:00:00:00:00:01),nd_ext(nd_reserved=0xe0000000,nd_options_type=2), packets:1, bytes:86, used:0.1s, actions:3",
      { actions: [{ port: 3 }] },
    ],
    [
      "an MPLS frame without a label, of which OVS forgets a bracket",
      "ufid:f267a9de-9a59-4556-a150-94fc8c6345f8, recirc_id(0),in_port(br0),packet_type(ns=0,id=0),eth(src=0c:42:a1:ff:00:0e/00:00:00:00:00:00,dst=0c:42:a1:00:01:00/00:00:00:00:00:00),eth_type(0x8847),mpls((bad key length 0), packets:7, bytes:0, used:never, dp:ovs, actions:p0, dp-extra-info:miniflow_bits(4,0)",
      { packets: 7, match: { inPort: "br0" }, actions: [{ port: "p0" }] },
    ],
    [
      "a tagged one",
      "recirc_id(0),in_port(2),eth_type(0x8100),vlan(vid=5/0x0,pcp=3/0x0),encap(eth_type(0x8847),mpls((bad key length 0)), packets:1, bytes:64, used:0.1s, actions:drop",
      { packets: 1, match: { inPort: 2 }, actions: [{ kind: "drop" }] },
    ],
    [
      "a tunnel pushed by the userspace datapath",
      "recirc_id(0),in_port(1),eth_type(0x0800),ipv4(frag=no), packets:1, bytes:86, used:0.1s, actions:clone(tnl_push(tnl_port(4),header(size=50,type=4,eth(dst=0a:00:00:00:00:02,src=0a:00:00:00:00:01,dl_type=0x0800),ipv4(src=1.1.2.88,dst=1.1.2.92,proto=17,tos=0,ttl=64,frag=0x4000),udp(src=0,dst=4789,csum=0x0),vxlan(flags=0x8000000,vni=0x7b)),out_port(100)),2),hash(l4(0)),recirc(0x13e),sample(sample=50.0%,actions(5)),trunc(64),meter(0),tnl_pop(4),ct_clear,ct,lb_output(1)",
      {
        actions: [
          { kind: "clone", actions: [{ kind: "tunnel-push", port: 100 }, { port: 2 }] },
          { kind: "hash" },
          { kind: "recirculate" },
          { kind: "sample", actions: [{ port: 5 }] },
          { kind: "truncate", bytes: 64 },
          { kind: "meter", meter: 0 },
          { kind: "tunnel-pop", port: 4 },
          { kind: "conntrack-clear" },
          { kind: "conntrack" },
          { kind: "other" },
        ],
      },
    ],
  ];
  test.each(samples)("%s", (_, line, shape) => {
    const megaflow = readOne(line);
    expect(megaflow).toMatchObject(shape);
    expect(slices(megaflow)).toEqual([]);
    expect(printMegaflow(megaflow)).toBe(line);
  });

  test("an attribute of a newer kernel is a wildcard if its mask is zeros, and else not understood", () => {
    const line = (key: string) =>
      `recirc_id(0),in_port(pf1vf2),eth_type(0x86dd),ipv6(src=fd00:102::12,dst=::/::,proto=58,frag=no),${key},icmpv6(type=135,code=0), packets:5, bytes:430, used:8.091s, dp:ovs, actions:drop`;
    const wildcard = readOne(line("key32(00 00/00 00)"));
    expect(slices(wildcard)).toEqual([]);
    expect(printMegaflow(wildcard)).toBe(line("key32(00 00/00 00)"));
    for (const key of ["key32(00 01/00 01)", "key32(00 00)", "key32(00 00/00 01)"])
      expect(slices(readOne(line(key)))).toEqual([key]);
  });

  test("vendors' counters and spaces come out with the spaces of OVS", () => {
    const megaflow = readOne(
      "recirc_id(0),in_port(1), packets:3, bytes:4, offload_packets:3, dpe_bytes:4,used:3.990s,offloaded:yes,dp:tc, actions:set(ipv4(ttl=63)),2",
    );
    expect(megaflow).toMatchObject({ layer: "tc", offloaded: "yes", notUnderstood: [] });
    expect(printMegaflow(megaflow)).toBe(
      "recirc_id(0),in_port(1), packets:3, bytes:4, offload_packets:3, dpe_bytes:4, used:3.990s, offloaded:yes, dp:tc, actions:set(ipv4(ttl=63)),2",
    );
  });

  test("headers, comments, blank lines and carriage returns are no megaflows", () => {
    const text = `flow-dump from the main thread:\r\n# a comment\r\n\r\n${offloaded}\r\nflow-dump from pmd on cpu core: 11\r\n${offloaded}`;
    const { megaflows, problems } = readMegaflows({ name: "dump", text });
    expect(problems).toEqual([]);
    expect(megaflows.map(printMegaflow)).toEqual([offloaded, offloaded]);
  });
});

describe("what is not understood is reported where it stands", () => {
  test.each([
    ["skb_priority(0/0)", "new_key(5)", "new_key(5)"],
    ["proto=17", "newfield=3", "newfield=3"],
    ["dst=4791", "dst=4791z", "dst=4791z"],
    ["tos=0/0", "tos=0/0x1ff", "tos=0/0x1ff"],
    ["packets:812", "packets:many", "packets:many"],
    ["offloaded:yes", "offloaded:perhaps", "offloaded:perhaps"],
    ["dp:tc", "dp:tc, mood:good", "mood:good"],
    [",p0", ",teleport(3)", "teleport(3)"],
    ["ct_label(0/0),recirc_id(0)", "ct11)", "ct11)"],
    [
      "in_port(pf0vf0)",
      "in_port(pf0vf0",
      offloaded
        .slice(offloaded.indexOf("in_port"), offloaded.indexOf(", packets"))
        .replace(")", ""),
    ],
    ["set(eth(", "set(ether(", "set(ether(src=0c:42:a1:00:01:01,dst=0c:42:a1:ff:00:01))"],
  ])("%s written as %s", (from, to, found) => {
    expect(slices(readOne(offloaded.replace(from, to)))).toEqual([found]);
  });

  test.each([
    ["truncated", offloaded.slice(0, 250)],
    ["truncated", offloaded.slice(0, -40).replace("p0", "")],
    ["truncated", offloaded.slice(0, offloaded.indexOf("actions:") + 8)],
    ["unbalanced", offloaded.replace("used:", "used:)")],
    ["not-a-megaflow", "ovs-appctl: cannot connect to ovs-vswitchd"],
    ["not-a-megaflow", "2026-01-01T00:00:00Z|00001|vlog|INFO|opened log file"],
  ])("a line that is %s does not stop the reader", (kind, line) => {
    const text = `${offloaded}\n${line}\n${offloaded}\n`;
    const { megaflows, problems } = readMegaflows({ name: "dump", text });
    expect(megaflows).toHaveLength(2);
    expect(
      problems.map((problem) => [problem.kind, text.slice(problem.start, problem.end)]),
    ).toEqual([[kind, line]]);
  });
});

describe(`properties (seed ${seed})`, () => {
  test("whatever the text, the reader answers, and every place is inside the line", () => {
    const piece = fc.constantFrom(
      ..."(),:=/{}\n\r ".split(""),
      "actions:",
      "ufid:",
      "packets:1",
      "eth(src=",
      "in_port(p1)",
      "ipv4(",
      "frag=no",
      "set(",
      "dp:tc",
      "dp-extra-info:",
      "encap(",
      "x",
      "7",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((parts) => parts.join("")),
          fc.string(),
        ),
        (text) => {
          for (const megaflow of readMegaflows({ name: "dump", text }).megaflows) {
            const { start, end } = megaflow.place;
            printMegaflow(megaflow);
            const inside = (place: { start: number; end: number }) =>
              place.start >= start && place.end <= end && place.start <= place.end;
            expect(megaflow.notUnderstood.every(({ place }) => inside(place))).toBe(true);
            const { fields } = megaflow.match;
            const places = fields.map((_, index) => megaflow.match.placeOf(index));
            expect(places.every((place) => place !== undefined && inside(place))).toBe(true);
            expect(megaflow.actions.every(({ place }) => inside(place))).toBe(true);
            expect(megaflow.attributes.every(inside)).toBe(true);
          }
        },
      ),
      { seed, numRuns: 2000 },
    );
  });

  test("a megaflow says the same alone and among others, in whatever order they are asked", () => {
    const parts = (megaflow: Megaflow | undefined) => ({
      fields: megaflow?.match.fields,
      inPort: megaflow?.match.inPort,
      recircId: megaflow?.match.recircId,
      texts: megaflow?.match.fields.map((_, index) => {
        const { start, end } = megaflow.match.placeOf(index) ?? megaflow.place;
        return megaflow.source.text.slice(start, end);
      }),
      actions: megaflow?.actions.map(({ place: _, ...shape }) => shape),
      notUnderstood: megaflow?.notUnderstood.map(({ part, text }) => ({ part, text })),
    });
    const damage = fc.tuple(fc.nat(), fc.constantFrom("", "(", ")", ",", "7", "=x", ",in_port(q)"));
    const lines = fc.array(
      fc.tuple(fc.integer(), fc.option(damage)).map(([number, broken]) => {
        const line = megaflowLine(seededRandom(number));
        if (broken === null) return line;
        const at = broken[0] % line.length;
        return line.slice(0, at) + broken[1] + line.slice(at + 1);
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(lines, (several) => {
        const { megaflows } = readMegaflows({ name: "dump", text: several.join("\n") });
        const alone = several.flatMap((text) => readMegaflows({ name: "dump", text }).megaflows);
        const backwards = megaflows.toReversed().map(parts).reverse();
        expect(megaflows.map(parts)).toEqual(alone.map(parts));
        expect(backwards).toEqual(alone.map(parts));
      }),
      { seed, numRuns: 300 },
    );
  });

  test("a line cut anywhere is reported or still says what it said", () => {
    for (let length = 1; length < offloaded.length; length++) {
      const { megaflows, problems } = readMegaflows({
        name: "dump",
        text: offloaded.slice(0, length),
      });
      expect(megaflows.length + problems.length).toBe(1);
    }
  });

  test("what OVS printed comes back unchanged", () => {
    fc.assert(
      fc.property(fc.integer(), (number) => {
        const line = megaflowLine(seededRandom(number));
        expect(printMegaflow(readOne(line))).toBe(line);
        expect(slices(readOne(line))).toEqual([]);
      }),
      { seed },
    );
  });
});
