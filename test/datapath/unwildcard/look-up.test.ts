/** Which rule a lookup ends in; what it looks at on the way is in classifier.test.ts. */

import { describe, expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Classifier } from "../../../src/datapath/unwildcard/classifier.js";
import { wordCount, wordsOf } from "../../../src/datapath/unwildcard/flow-words.js";
import { lookUp } from "../../../src/datapath/unwildcard/look-up.js";
import { readFlow, readFlows } from "../../../src/openflow/read.js";

/** What becomes of the packet: the place of the flow that it meets, or what is said of the lookup. */
function met(packet: string, ...lines: string[]): number | string | undefined {
  const { flows } = readFlows({ name: "flows", text: lines.join("\n") });
  const classifier = classifyTables(flows).byNumber.get(0) as Classifier;
  const match = readFlow(`${packet} actions=drop`)?.match;
  const fields = new Map(match?.fields.map(({ field, value }) => [field, value] as const));
  const { rule, tied, unclear } = lookUp(classifier, wordsOf(fields, 1), new Int32Array(wordCount));
  if (unclear) return "unclear";
  return tied ? `tied ${rule?.index}` : rule?.index;
}

const web = "tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_dst=80";

describe("plain flows", () => {
  test("the highest priority wins, wherever it stands", () => {
    expect(met(web, "priority=1,tcp actions=drop", "priority=2,ip actions=drop")).toBe(1);
    expect(met(web, "priority=2,ip actions=drop", "priority=1,tcp actions=drop")).toBe(0);
  });

  test("of one match the higher priority is found", () =>
    expect(met(web, "priority=1,tcp actions=drop", "priority=3,tcp actions=drop")).toBe(1));

  test("where nothing matches there is no rule", () =>
    expect(met(web, "priority=1,udp actions=drop", "priority=2,arp actions=drop")).toBe(undefined));

  test("two of one priority that both match are told apart by no promise", () =>
    expect(
      met(
        web,
        "priority=2,ip,nw_src=10.0.0.1 actions=drop",
        "priority=2,ip,nw_dst=10.0.0.2 actions=drop",
      ),
    ).toMatch(/^tied/));
});

describe("conjunctive flows", () => {
  const sides = [
    "priority=5,ip,nw_src=10.0.0.1 actions=conjunction(7,1/2)",
    "priority=5,tcp,tp_dst=80 actions=conjunction(7,2/2)",
  ];
  const whole = "priority=5,conj_id=7,ip actions=drop";

  test("met in every dimension, they end in the flow of their id", () =>
    expect(met(web, ...sides, whole)).toBe(2));

  test("with a dimension missing, in what is below", () => {
    const below = "priority=1,ip actions=drop";
    expect(met("tcp,nw_src=10.0.0.9,tp_dst=80", ...sides, whole, below)).toBe(3);
    expect(met("tcp,nw_src=10.0.0.1,tp_dst=81", ...sides, whole, below)).toBe(3);
  });

  test("a plain flow above them is met first", () =>
    expect(met(web, ...sides, whole, "priority=6,ip actions=drop")).toBe(3));

  test("without a flow of their id they are nothing", () =>
    expect(met(web, ...sides, "priority=1,ip actions=drop")).toBe(2));

  test("where two could be meant, none is foretold", () =>
    expect(
      met(
        web,
        "priority=5,ip,nw_src=10.0.0.1 actions=conjunction(7,1/2),conjunction(8,1/2)",
        "priority=5,tcp,tp_dst=80 actions=conjunction(7,2/2),conjunction(8,2/2)",
        whole,
        "priority=5,conj_id=8,ip actions=drop",
      ),
    ).toBe("unclear"));
});
