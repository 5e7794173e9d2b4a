/** Trees of correct files, and what is underlined in broken ones. */

import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../src/syntax/parse.js";
import type { Sentence } from "../../src/syntax/tree.js";
import { underlined } from "../../src/text/source.js";

describe("a correct sentence", () => {
  test("keeps every name with its place", () => {
    const tenant = only(
      "tenant",
      'tenant t { namespace a, b-*  network 10.0.0.0/8 namespace "all" }',
    );
    expect(tenant.name.text).toBe("t");
    expect(tenant.namespaces.map(({ text }) => text)).toEqual(["a", "b-*", "all"]);
    expect(tenant.namespaces.map(({ span }) => underlined(span))).toEqual(["a", "b-*", '"all"']);
    expect(tenant.networks.map(({ span }) => underlined(span))).toEqual(["10.0.0.0/8"]);
  });

  test("a rule may say its clauses in any order", () => {
    const rule = only(
      "rule",
      'deny a/x*, b <-> any : s, all until 2027-03-31 owner "o" across rails on pf1, pf2 because "b"',
    );
    expect(rule).toMatchObject({ effect: "deny", acrossRails: true, sides: { bothWays: true } });
    expect(rule.rails?.map(({ text }) => text)).toEqual(["pf1", "pf2"]);
    expect([rule.owner, rule.because, rule.until].map((name) => name?.text)).toEqual([
      "o",
      "b",
      "2027-03-31",
    ]);
    expect(rule.services.map(({ kind }) => kind)).toEqual(["service", "all"]);
  });

  test("`each tenant` does not begin a tenant", () => {
    expect(only("rule", "allow each tenant <-> itself : s").sides.kind).toBe("each");
    expect(only("rule", "allow each research <-> itself : s").sides).toMatchObject({
      group: { text: "research" },
    });
  });

  test("arrows and colons need no spaces", () => {
    const rule = only("rule", "allow gpu-a->b:s");
    const openers = rule.sides.kind === "pair" ? rule.sides.openers : [];
    expect(openers.map(({ span }) => underlined(span))).toEqual(["gpu-a"]);
  });

  test("services hold ports and ICMP types", () => {
    const service = only("service", "service s = 1-9/tcp, 4791/udp, icmp, icmp echo, icmp 3/4");
    expect(service.terms.map(({ span, ...term }) => term)).toEqual([
      { kind: "ports", protocol: "tcp", first: 1, last: 9 },
      { kind: "ports", protocol: "udp", first: 4791, last: 4791 },
      { kind: "icmp" },
      { kind: "icmp", type: "echo" },
      { kind: "icmp", type: 3, code: 4 },
    ]);
  });

  test("tests hold connections and costs", () => {
    const { expectations } = only(
      "test",
      'test "t" { a, b/c cannot reach any with s on pf1 because "w"\n megaflows on 4u-node <= 200 }',
    );
    expect(expectations).toMatchObject([
      { kind: "reach", can: false, because: { text: "w" } },
      { kind: "cost", measure: "megaflows", node: { text: "4u-node" }, atMost: 200 },
    ]);
  });

  test("line ends, a byte order mark and comments change nothing", () => {
    const { tree, diagnostics } = parse("\uFEFFrail a, # one\r\n  b\r\n\r\n# rail c\r\nrail d");
    expect(diagnostics).toEqual([]);
    expect(tree.sentences.map(({ span }) => underlined(span))).toEqual([
      "rail a, # one\r\n  b",
      "rail d",
    ]);
  });

  test("names that begin with a keyword are names", () => {
    expect(parse("rail on-1, allowed, test.x, use_").diagnostics).toEqual([]);
  });
});

describe("a broken sentence", () => {
  test("gives one diagnostic and does not hide its neighbours", () => {
    const { tree, diagnostics } = parse("rail a\nallow => nonsense : : x\ntenant t { } }\nrail b");
    expect(diagnostics.map(({ span }) => underlined(span))).toEqual(["=", "}"]);
    expect(tree.sentences.map(({ span }) => underlined(span))).toEqual(["rail a", "rail b"]);
  });

  test("does not take the sentence before with it", () => {
    const { tree, diagnostics } = parse("rail pf1\nalow a -> b : s");
    expect(tree.sentences).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ slip: { kind: "respelled", write: "allow" } }]);
  });

  test("an unclosed brace ends where the next line begins a sentence", () => {
    const { tree, diagnostics } = parse("tenant a { namespace x,\n  test\nrail pf1\n}");
    expect(tree.sentences.map(({ kind }) => kind)).toEqual(["rail"]);
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  test("a repair is suggested only if the sentence fits with it", () => {
    expect(parse("allow a => b : : s").diagnostics[0]).not.toHaveProperty("slip");
    expect(parse("allow a <- b : s").diagnostics[0]).not.toHaveProperty("slip");
  });

  test("a value that is wrong is left out and its sentence kept", () => {
    const { tree, diagnostics } = parse("service s = 80/tcp, 99999/udp");
    expect(tree.sentences).toMatchObject([{ terms: [{ first: 80 }] }]);
    expect(diagnostics.map(({ span }) => underlined(span))).toEqual(["99999"]);
  });

  test("many of them are read in good time", () => {
    const { diagnostics } = parse("allow a => b : s\n".repeat(2000));
    expect(diagnostics).toHaveLength(2000);
  });
});

describe("a known slip is underlined exactly", () => {
  test.each([
    ["arrow", "allow a => b : s", "=>"],
    ["arrow", "allow each tenant -> itself : s", "->"],
    ["missing-colon", "allow a -> b s, t", "s"],
    ["missing-service", "allow a -> b on pf1", "on"],
    ["unterminated-string", 'use "a.policy   \nrail a', '"a.policy'],
    ["unclosed-brace", "tenant a { namespace b\nrail a", "{"],
    ["keyword-as-name", "tenant a { namespace network }", "network"],
    ["keyword-as-name", "allow test/x -> b : s", "test"],
    ["port-without-protocol", "service a = 1/tcp, 80-90", "80-90"],
    ["protocol-first", "service a = tcp/80", "tcp/80"],
    ["port-in-rule", "allow a -> b : s, udp/4791", "udp/4791"],
    ["spare-comma", "rail a, b,", ","],
    ["semicolon", "rail a;", ";"],
    ["missing-comma", "group a = b c", "c"],
    ["unquoted", "allow a -> b : s because two words", "two words"],
    ["respelled", "servcie a = 1/tcp", "servcie"],
    ["respelled", "allow a -> b : s acros rails", "acros"],
  ])("%s: %s", (kind, text, words) => {
    const { diagnostics } = parse(text);
    expect(diagnostics).toMatchObject([{ code: "syntax-error", slip: { kind } }]);
    expect(diagnostics.map(({ span }) => underlined(span))).toEqual([words]);
  });
});

describe("whatever the text", () => {
  test.each([
    ["nothing", ""],
    ["braces without end", "{".repeat(100_000)],
    ["a long line", `rail ${"a, ".repeat(50_000)}b`],
    ["a long name", `rail ${"a".repeat(200_000)}`],
    ["NUL", "rail a\u0000b\nrail \u0000"],
    ["half a surrogate", 'rail \ud83d\nuse "\ud83d"'],
    ["quotes", '"'.repeat(10_001)],
    ["carriage returns", "rail a\rrail b\r"],
    ["keywords", "allow deny tenant test use rail group service budget each each tenant"],
  ])("%s is read to its end", (_, text) => {
    expect(() => parse(text)).not.toThrow();
  });
});

function parse(text: string) {
  return parsePolicy({ name: "input.policy", text });
}

function only<K extends Sentence["kind"]>(kind: K, text: string): Extract<Sentence, { kind: K }> {
  const { tree, diagnostics } = parse(text);
  expect(diagnostics).toEqual([]);
  expect(tree.sentences.map((sentence) => sentence.kind)).toEqual([kind]);
  return tree.sentences[0] as Extract<Sentence, { kind: K }>;
}
