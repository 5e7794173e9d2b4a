/** Words for rails and messages that few policies need. */

import { expect, test } from "vitest";
import type { RailView } from "../../src/policy/reachability/rail-views.js";
import {
  describeRails,
  describeSides,
  describeTraffic,
} from "../../src/report/difference-words.js";

const all = ["pf1", "pf2", "pf3"];

function views(...texts: readonly string[]): RailView[] {
  return texts.map((text) => {
    const [rail = "", other = rail] = text.split("/");
    return { rail, other };
  });
}

test.each([
  [["pf1"], "on pf1"],
  [["pf1", "pf3"], "on pf1, pf3"],
  [["pf1", "pf2", "pf3"], "on every rail"],
  [["pf1/pf2", "pf2/pf1"], "across rails pf1, pf2"],
  [["pf1/pf2", "pf1/pf3", "pf2/pf1", "pf2/pf3", "pf3/pf1", "pf3/pf2"], "across rails"],
  [["pf1/pf3", "pf2/pf3"], "at pf1 to and from pf3 and at pf2 to and from pf3"],
  [["pf1/pf2", "pf1/pf3"], "at pf1 to and from pf2, pf3"],
  [["pf2", "pf1/pf2", "pf2/pf1"], "on pf2 and across rails pf1, pf2"],
])("%j: %s", (some, words) => {
  expect(describeRails(views(...some), all)).toBe(words);
});

test("each of a group is said without a word between", () => {
  const each = (kind: "group" | "tenant") => {
    const openers = [{ kind, name: "research", except: [] }] as const;
    return describeSides({ openers, way: "each", answerers: openers });
  };
  expect(each("group")).toBe("each research <-> itself");
  expect(each("tenant")).toBe("each of research <-> itself");
});

test.each([
  [0x0300, 0x03ff, "ICMP of IPv4 3"],
  [0x0300, 0x05ff, "ICMP of IPv4 3 to 5"],
  [0x0300, 0x0300, "ICMP of IPv4 3/0"],
  [0x0300, 0x0301, "ICMP of IPv4 3/0 to 3/1"],
  [0x0301, 0x03ff, "ICMP of IPv4 3/1 to 3/255"],
] as const)("messages %i to %i are %s", (first, last, words) => {
  expect(describeTraffic({ kind: "messages", family: 4, first, last })).toBe(words);
});
