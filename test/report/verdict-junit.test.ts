/** The verdict as JUnit reads it. */

import { expect, test } from "vitest";
import { printVerdictJunit } from "../../src/report/verdict-junit.js";
import { ruleVerdict, verdict } from "../support/made-up-verdict.js";

test("a case for each rule, idle ones skipped, and what should not be as a case of its own", () => {
  const rules = [
    ruleVerdict("allow a -> b : roce", "offloaded"),
    ruleVerdict("allow a -> c : nfs", "idle"),
    ruleVerdict("allow a -> d : nfs", "software-tc"),
  ];
  expect(printVerdictJunit([verdict(rules, [])])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="railfence verify" tests="4" failures="1" skipped="1">
  <testsuite name="gpu-001.pf1" tests="4" failures="1" errors="0" skipped="1">
    <testcase classname="gpu-001.pf1" name="allow a -&gt; b : roce" file="a&amp;b.policy"/>
    <testcase classname="gpu-001.pf1" name="allow a -&gt; c : nfs" file="a&amp;b.policy">
      <skipped message="no traffic seen, which says nothing about offload"/>
    </testcase>
    <testcase classname="gpu-001.pf1" name="allow a -&gt; d : nfs" file="a&amp;b.policy">
      <failure type="software-tc" message="in TC on the CPU: the NIC refused it">a&amp;b.policy:1:1</failure>
    </testcase>
    <testcase classname="gpu-001.pf1" name="the switch does what the policy says"/>
  </testsuite>
</testsuites>
`);
});

test("whatever a policy or a dump holds, the document is XML", () => {
  const hostile = 'allow a -> b : roce because "<&\'\u0000\u001b[31m\ud800]]>"';
  const text = printVerdictJunit([
    verdict(
      [ruleVerdict(hostile, "offloaded")],
      [
        {
          kind: "unreadable-line",
          problem: { kind: "truncated", start: 0, end: 0 },
          line: hostile,
        },
      ],
    ),
  ]);
  // XML 1.0, section 2.2: characters that no document may hold
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  expect(text).toContain("&lt;&amp;");
  expect(text.match(/<testcase /g)).toHaveLength(2);
});
