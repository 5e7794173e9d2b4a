import { expect, test } from "vitest";
import { classifyTables } from "../../src/datapath/unwildcard/classified-tables.js";
import { readField, wordsOf } from "../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../src/datapath/unwildcard/translation.js";
import { fieldsOf } from "../../src/openflow/packet-fields.js";
import { bridgeMac, frame, ip, macs, sent, tinyRail } from "../support/tiny-rail.js";

const far = "10.1.0.9";
const udp = (destination: number, source = 7) =>
  ({ protocol: 17, transport: { kind: "ports", source, destination } }) as const;
const tcp = (source: number, destination: number, tcpFlags: number) =>
  ({ protocol: 6, transport: { kind: "ports", source, destination, tcpFlags } }) as const;
const icmp = (type: number, code = 0) =>
  ({ protocol: 1, transport: { kind: "icmp", type, code } }) as const;
const [syn, ack] = [2, 0x10];

function out(rules: string, more: object, to = far): string {
  return sent(tinyRail({ rules }), "v0", frame(macs[0], bridgeMac, ip("10.1.0.5", to, more)));
}

test("ports are those of the service, whatever the source port", () => {
  const rules = "allow red <-> red : roce";
  for (const source of [0, 49152, 65535]) expect(out(rules, udp(4791, source))).toBe("p0");
  expect([4790, 4792, 0].map((port) => out(rules, udp(port)))).toEqual(["drop", "drop", "drop"]);
  expect(out(rules, tcp(1, 4791, syn))).toBe("drop");
});

test("a TCP answer has the service's source port and ACK", () => {
  const rules = "allow store -> red : nfs";
  const store = "10.200.0.1";
  expect(out(rules, tcp(2049, 700, ack), store)).toBe("p0");
  expect(out(rules, tcp(2049, 700, syn), store)).toBe("drop");
  expect(out(rules, tcp(2050, 700, ack), store)).toBe("drop");
  expect(out(rules, tcp(700, 2049, syn), store)).toBe("drop");
});

test("a port that is opened and answered from at once keeps both rights", () => {
  const rules = "allow red -> red : nfs allow store -> red : nfs";
  expect(out(rules, tcp(2049, 2049, ack), "10.200.0.1")).toBe("p0");
  expect(out(rules, tcp(2049, 2049, syn), "10.200.0.1")).toBe("drop");
  expect(out(rules, tcp(2049, 2049, syn))).toBe("p0");
});

test("an echo passes out, its reply back, and no other type", () => {
  expect(out("allow red -> red : ping", icmp(8))).toBe("p0");
  expect(out("allow red -> store : ping", icmp(0), "10.200.0.1")).toBe("drop");
  expect(out("allow store -> red : ping", icmp(0, 3), "10.200.0.1")).toBe("p0");
  expect(out("allow store -> red : ping", icmp(8), "10.200.0.1")).toBe("drop");
  expect(out("allow red -> red : ping", icmp(3))).toBe("drop");
});

test("fragments pass only where everything does", () => {
  const all = "allow red <-> red : all";
  for (const fragment of ["first", "later"] as const) {
    const { transport, ...rest } = udp(4791);
    const more =
      fragment === "first"
        ? { ...rest, transport, fragment }
        : { ...rest, transport: undefined, fragment };
    expect(out(all, more)).toBe("p0");
    expect(out("allow red <-> red : roce", more)).toBe("drop");
    expect(out(`${all} deny red -> red : nfs`, more)).toBe("drop");
  }
});

test("where all is allowed, every protocol is; a deny takes one port out", () => {
  const rules = "allow red <-> red : all deny red <-> red : roce";
  expect(out("allow red <-> red : all", { protocol: 99, transport: undefined })).toBe("p0");
  expect(out(rules, { protocol: 99, transport: undefined })).toBe("p0");
  expect([4790, 4791, 4792].map((port) => out(rules, udp(port)))).toEqual(["p0", "drop", "p0"]);
});

test("a fragment of who may send none shows no address of it", () => {
  const { transport: _, ...body } = ip("10.1.0.5", far);
  const later = frame(macs[1], bridgeMac, { ...body, fragment: "later" });
  const looked = (rules: string) => {
    const tables = classifyTables(tinyRail({ rules }).flows, new Map([["v0", 1]]));
    const packet = wordsOf(fieldsOf(later), 1);
    const mask = new Translator(tables).translate(packet).looked;
    return readField(mask, "dl_src") | readField(mask, "nw_src") | readField(mask, "nw_dst");
  };
  expect(looked("allow red <-> red : roce")).toBe(0n);
  expect(looked("allow red <-> red : all")).not.toBe(0n);
});

test("a wrong type of ICMP is looked at whole, so that all of them are one mask", () => {
  const { flows } = tinyRail({ rules: "allow red <-> red : ping" });
  const translator = new Translator(classifyTables(flows, new Map([["v0", 1]])));
  const looked = [1, 3, 13, 255].map((type) => {
    const packet = frame(macs[0], bridgeMac, ip("10.1.0.5", far, icmp(type)));
    const { looked, outputs } = translator.translate(wordsOf(fieldsOf(packet), 1));
    expect(outputs).toEqual([]);
    return readField(looked, "icmp_type");
  });
  expect(looked).toEqual([0xffn, 0xffn, 0xffn, 0xffn]);
});
