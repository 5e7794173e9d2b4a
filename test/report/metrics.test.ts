/** Metrics are read back by a reader of the format, and say what the verdict says. */

import { expect, test } from "vitest";
import { printMetrics } from "../../src/report/metrics.js";
import type { RailVerdict } from "../../src/verify/verdict.js";
import { readExposition } from "../support/exposition.js";
import { ruleVerdict, verdict } from "../support/made-up-verdict.js";

const text = 'allow a -> b : roce owner "x\\y"';
const offloaded = {
  offloaded: 3,
  partial: 0,
  "accepted-only": 1,
  "software-tc": 2,
  "software-ovs": 0,
};

function sample(): RailVerdict {
  const made = verdict(
    [ruleVerdict(text, "software-tc")],
    [{ kind: "flow-limit", flows: 3, limit: 3 }],
  );
  return {
    ...made,
    use: { megaflows: 9, masks: 4, inHardware: 5 },
    rules: made.rules.map((rule) => ({
      ...rule,
      tally: { megaflows: 6, packets: 1, states: offloaded, confirmed: 2 },
    })),
  };
}

const metrics = () =>
  readExposition(printMetrics([sample()], { readAtSeconds: 1_764_000_000.5, failures: 2 }));

test("each family has its HELP and TYPE, and names of the usual form", () => {
  for (const [name, { type, help }] of metrics()) {
    expect(name).toMatch(/^railfence_[a-z_]+$/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
    expect(type).toBe(name.endsWith("_total") ? "counter" : "gauge");
  }
});

test("connections by rule and state, labels unharmed", () => {
  const { samples = [] } = metrics().get("railfence_rule_connections") ?? {};
  const labels = { node: "gpu-001", rail: "pf1", rule: text, place: "a&b.policy:1:1" };
  expect(samples).toEqual(
    Object.entries(offloaded).map(([state, value]) => ({ labels: { ...labels, state }, value })),
  );
});

test("megaflows, masks, the NIC's table, findings, and when", () => {
  const read = metrics();
  const rail = { node: "gpu-001", rail: "pf1" };
  const found = (name: string) => read.get(name)?.samples;
  expect(found("railfence_megaflows")).toEqual([{ labels: rail, value: 9 }]);
  expect(found("railfence_masks")).toEqual([{ labels: rail, value: 4 }]);
  expect(found("railfence_nic_table_megaflows")).toEqual([{ labels: rail, value: 5 }]);
  expect(found("railfence_findings")).toEqual([
    { labels: { ...rail, kind: "flow-limit" }, value: 1 },
  ]);
  expect(found("railfence_as_intended")).toEqual([{ labels: rail, value: 0 }]);
  expect(found("railfence_last_read_timestamp_seconds")).toEqual([
    { labels: {}, value: 1_764_000_000.5 },
  ]);
  expect(found("railfence_read_failures_total")).toEqual([{ labels: {}, value: 2 }]);
});

test("whatever a policy holds, the text can be read", () => {
  const hostile = 'allow "\\" -> {b="c"} : x\\n\n# HELP evil\nevil 1';
  const made = printMetrics([verdict([ruleVerdict(hostile, "idle")], [])], {
    readAtSeconds: 0,
    failures: 0,
  });
  const { samples = [] } = readExposition(made).get("railfence_rule_connections") ?? {};
  expect(samples.map(({ labels }) => labels["rule"])).toContain(hostile);
});

test("the reader objects to what is not the format", () => {
  for (const wrong of [
    "x 1",
    "# HELP x y\nx 1\n",
    "# TYPE x gauge\n",
    '# HELP x y\n# TYPE x gauge\nx{a="\\q"} 1\n',
    "# HELP x y\n# TYPE x gauge\ny 1\n",
  ])
    expect(() => readExposition(wrong), wrong).toThrow();
});
