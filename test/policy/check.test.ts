/** Trees to a checked policy: what rules become, and the exact words that each mistake underlines. */

import { describe, expect, test } from "vitest";
import { printTraffic } from "../../src/net/traffic.js";
import { checkPolicy } from "../../src/policy/check.js";
import type { Clause, Selector } from "../../src/policy/checked-policy.js";
import { parsePolicy } from "../../src/syntax/parse.js";
import { underlined } from "../../src/text/source.js";
import { policyOf, today } from "../support/small-policy.js";

const names = `
rail pf2, pf1
tenant a { namespace a-* }
tenant b { namespace b-*, shared }
tenant c { network 10.200.0.0/16 }
group ab = b, a
group abc = ab, c, b
service roce = 4791/udp
service web = 80/tcp, 81-90/tcp
`;

function rule(sentence: string) {
  const [only, ...others] = policyOf(`${names}\n${sentence}`).rules;
  if (only === undefined || others.length > 0) throw new Error(`not one rule: ${sentence}`);
  return only;
}

/** `CODE UNDERLINED` of each diagnostic. */
function found(text: string): string[] {
  const { tree } = parsePolicy({ name: "a.policy", text });
  return checkPolicy([tree], { today }).diagnostics.map(
    ({ code, span }) => `${code} ${underlined(span)}`,
  );
}

describe("the canonical text of a rule", () => {
  test.each([
    ["allow b, a ->\n  c : web # why", "allow a, b -> c : web"],
    ["allow c <-> b,a : web,roce", "allow a, b <-> c : roce, web"],
    ["deny a/a-x<->any:all", "deny a/a-x <-> any : all"],
    [
      'allow a<->a : roce until 2030-01-01 because "x" owner "y" on pf2,pf1',
      'allow a <-> a : roce on pf1, pf2 owner "y" because "x" until 2030-01-01',
    ],
    ["allow a -> b : web across  rails", "allow a -> b : web across rails"],
    ["allow each ab <-> itself : web", "allow each ab <-> itself : web"],
  ])("%j is %j", (written, text) => expect(rule(written).text).toBe(text));

  test("is all that the identity depends on", () => {
    const id = rule("allow a, b <-> c : roce, web").id;
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(rule("# moved\n\nallow  c<->b , a:web,roce").id).toBe(id);
    expect(rule("allow a, b <-> c : roce").id).not.toBe(id);
  });
});

describe("what a rule covers", () => {
  test("both directions of `<->`, none twice", () => {
    expect(clauses("allow a <-> a, b : web")).toEqual(["a a", "a b", "b a"]);
  });
  test("groups down to their tenants", () => {
    expect(clauses("allow abc -> c : web")).toEqual(["a c", "b c", "c c"]);
  });
  test("one clause for each tenant", () => {
    expect(clauses("allow each tenant <-> itself : web")).toEqual(["a a", "b b", "c c"]);
    expect(clauses("allow each ab <-> itself : web")).toEqual(["a a", "b b"]);
  });
  test("every rail where none is named", () => {
    expect(rule("allow a -> b : web").rails).toEqual(["pf1", "pf2"]);
    expect(rule("allow a -> b : web on pf2, pf2").rails).toEqual(["pf2"]);
  });
  test("the same sentence twice is one rule", () => {
    expect(policyOf(`${names} allow a -> b : web`, "allow a -> b : web").rules).toHaveLength(1);
  });

  function clauses(sentence: string): string[] {
    return rule(sentence).clauses.map(print).sort();
  }
  function print({ opener, answerer }: Clause): string {
    return `${tenantOf(opener)} ${tenantOf(answerer)}`;
  }
  function tenantOf(selector: Selector): string {
    return selector.kind === "any" ? "any" : selector.tenant;
  }
});

describe("services", () => {
  test.each([
    ["80/tcp, 81-90/tcp, 7/udp", "tcp 80-90; udp 7", "tcp 80-90; udp 7"],
    ["icmp echo", "icmp 2048-2303", "icmpv6 32768-33023"],
    ["icmp 3", "icmp 768-1023", "icmpv6 256-767"],
    ["icmp 3/4", "icmp 772", "icmpv6 512-767"],
    ["icmp fragmentation-needed", "icmp 772", "icmpv6 512-767"],
    ["icmp 3/3", "icmp 771", "icmpv6 260"],
    ["icmp 11/1", "icmp 2817", "icmpv6 769"],
    ["icmp parameter-problem", "icmp 3072-3327", "icmpv6 1024-1279"],
    ["icmp 13", "icmp 3328-3583", ""],
    // without neighbour discovery: types 133 to 137
    ["icmp", "icmp", "icmpv6 0-34047,35328-65535"],
  ])("%s", (terms, four, six) => {
    const service = policyOf(`service s = ${terms}`).services.get("s");
    expect([service && printTraffic(service[4]), service && printTraffic(service[6])]).toEqual([
      four,
      six,
    ]);
  });
});

describe("RoCEv2 one way", () => {
  test.each([
    ["allow a -> b : web, roce", "one-way-roce roce"],
    ["allow a -> c : roce", "one-way-roce roce"],
    ["allow a/a-x -> a : roce", "one-way-roce roce"],
    ["allow a -> any : roce, all", "one-way-roce roce"],
    ["allow a -> b : all", "one-way-roce-all all"],
  ])("%s", (sentence, mistake) => expect(found(`${names} ${sentence}`)).toEqual([mistake]));

  test.each([
    "allow a <-> b : roce",
    "allow a -> a : roce",
    "allow a, b -> ab : all",
    "allow any -> any : roce",
    "allow each tenant <-> itself : roce",
    "deny a -> b : roce",
    "deny a -> any : all",
    "allow a -> b : web",
  ])("not: %s", (sentence) => expect(found(`${names} ${sentence}`)).toEqual([]));
});

describe("days", () => {
  const until = (day: string) => found(`${names} allow a -> b : web until ${day}`);
  test("a rule holds on its last day", () =>
    expect(until(today)).toEqual([`expires-soon ${today}`]));
  test("a rule past it is an error, and compiles to nothing", () => {
    const text = `${names} allow a -> b : web until 2026-11-22 allow a -> b : roce, web`;
    const { policy } = checkPolicy(
      [parsePolicy({ name: "a", text: text.replace("roce, ", "") }).tree],
      { today },
    );
    expect(until("2026-11-22")).toEqual(["expired-rule 2026-11-22"]);
    expect(policy?.rules.map(({ text: one }) => one)).toEqual(["allow a -> b : web"]);
  });
  test("a warning comes thirty days before", () => {
    expect(until("2026-12-23")).toEqual(["expires-soon 2026-12-23"]);
    expect(until("2026-12-24")).toEqual([]);
  });
});

describe("names", () => {
  test.each([
    [
      "rail pf1 allow nobody -> nobody : web",
      ["unknown-name nobody", "unknown-name nobody", "unknown-name web"],
    ],
    ["rail pf1 tenant a { namespace x } tenant a { namespace y }", ["duplicate-definition a"]],
    ["group g = g", ["group-cycle g"]],
    ["group g = nobody", ["unknown-name nobody"]],
    ["tenant a { namespace x-* } tenant b { namespace *-y }", ["namespace-in-two-tenants *-y"]],
    ["tenant a { namespace x-*, x-y }", []],
    ["tenant a { network 10.0.0.0/8 10.1.0.0/16 }".replace(" 10.1", ", 10.1"), []],
    [
      "tenant a { network 10.1.0.0/16 } tenant b { network 10.0.0.0/8 }",
      ["overlapping-networks 10.0.0.0/8"],
    ],
    [
      'rail pf1 test "t" { nobody can reach any with all on pf9 }',
      ["unknown-name nobody", "unknown-name pf9"],
    ],
  ])("%s", (text, expected) => expect(found(text)).toEqual(expected));

  test("a service may be called like a tenant", () => {
    expect(found("tenant a { namespace x } service a = 1/tcp")).toEqual([]);
  });

  test("nothing is checked twice for the compiler: a policy with mistakes is none", () => {
    const { tree } = parsePolicy({ name: "a", text: "allow a -> b : c" });
    expect(checkPolicy([tree], { today }).policy).toBeUndefined();
  });
});
