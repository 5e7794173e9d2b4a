/** A policy's own tests: which hold, and what is said of those that do not. */

import { describe, expect, test } from "vitest";
import { runTests } from "../../src/policy/run-tests.js";
import { policyOf } from "../support/small-policy.js";

const names = `
rail pf1, pf2
tenant a { namespace a-*, lone }
tenant b { namespace b }
tenant net { network 10.200.0.0/16, fd00:200::/48 }
tenant host { network 10.9.0.1 }
service roce = 4791/udp
service web = 80/tcp, 443/tcp
service stamp = icmp 13
`;

/** Undefined where the expectation holds. */
function failure(rules: string, expectation: string) {
  const [found] = runTests(policyOf(`${names} ${rules} test "t" { ${expectation} }`));
  return found?.code === "failing-test" ? found : undefined;
}

describe("holds", () => {
  test.each([
    ["allow a -> b : web", "a can reach b with web"],
    ["allow a -> b : web on pf1", "a can reach b with web on pf1"],
    ["allow a -> b : web on pf1", "a cannot reach b with web on pf2"],
    ["allow a -> b : web", "b cannot reach a with all"],
    ["allow a/a-* -> b : web allow a/lone -> b : web", "a can reach b with web"],
    ["allow any -> any : all", "any can reach any with all"],
    ["allow each tenant <-> itself : web", "a cannot reach b, net, host with all"],
    // one machine alone has nobody to talk to
    ["", "host can reach host with web"],
    // ICMPv6 has no timestamps
    ["allow a -> net : stamp", "a can reach net with stamp"],
    ["", "megaflows on n <= 1"],
    [
      'allow a -> b : web because "x" allow a -> b : web because "x" owner "o"',
      'a can reach b with web because "x"',
    ],
    ['deny a -> b : all because "x"', 'a cannot reach b with web because "x"'],
  ])("%s | %s", (rules, expectation) => expect(failure(rules, expectation)).toBeUndefined());
});

describe("fails", () => {
  test.each([
    [
      "allow a -> b : web",
      "a can reach b with roce, web",
      "no-rule-allows",
      "a/a-x b/b udp 4791 pf1",
    ],
    [
      "allow a -> b : web on pf1",
      "a can reach b with web",
      "no-rule-allows",
      "a/a-x b/b tcp 80 pf2",
    ],
    ["allow a/a-* -> b : web", "a can reach b with web", "no-rule-allows", "a/lone b/b tcp 80 pf1"],
    [
      "allow a -> b : web deny a/*-x -> b : web",
      "a can reach b with web",
      "a-rule-denies",
      "a/a-x b/b tcp 80 pf1",
    ],
    ["allow a -> any : web", "a cannot reach b with web", "a-rule-allows", "a/a-x b/b tcp 80 pf1"],
    [
      "allow b -> net : web",
      "any cannot reach net with web",
      "a-rule-allows",
      "b/b 10.200.0.0/16 tcp 80 pf1",
    ],
    [
      "allow a -> net : web",
      "any can reach net with web",
      "no-rule-allows",
      "b/b 10.200.0.0/16 tcp 80 pf1",
    ],
    ["", "a can reach any with stamp", "no-rule-allows", "a/a-x a/a-x icmp 13/0 pf1"],
    [
      'allow a -> b : web because "y"',
      'a can reach b with web because "x"',
      "another-reason",
      "a/a-x b/b tcp 80 pf1",
    ],
    ["", 'a cannot reach b with web because "x"', "another-reason", "a/a-x b/b tcp 80 pf1"],
  ])("%s | %s", (rules, expectation, why, connection) => {
    const found = failure(rules, expectation);
    expect(found?.why).toBe(why);
    const { opener, answerer, traffic, rail } = found ?? {};
    expect(`${opener} ${answerer} ${traffic} ${rail}`).toBe(connection);
  });
});

test("an expectation fails once, several fail each", () => {
  const policy = policyOf(`${names} test "t" { a can reach b with web  b can reach a with web }`);
  expect(runTests(policy)).toHaveLength(2);
});
