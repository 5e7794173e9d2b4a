/** The form of a formatted file. */

import { expect, test } from "vitest";
import { formatPolicy } from "../../src/syntax/format.js";
import { parsePolicy } from "../../src/syntax/parse.js";

test("sentences stand on lines of their own, comments where they were", () => {
  const text = [
    "# first",
    "",
    "",
    "rail   pf1,pf2 # both",
    "   # about search",
    "tenant search{network 10.0.0.0/8 namespace b,a}service s=80 /tcp",
  ].join("\n");
  // a port with a space in it is an error, so the file stays as it is
  expect(format(text)).toBe(text);
  expect(format(text.replace("80 /tcp", "icmp   3/4,80/tcp"))).toBe(
    [
      "# first",
      "",
      "rail pf1, pf2  # both",
      "# about search",
      "tenant search { namespace b, a  network 10.0.0.0/8 }",
      "service s = icmp 3/4, 80/tcp",
      "",
    ].join("\n"),
  );
});

test("a rule that is too long for a line has its clauses below", () => {
  const rule =
    'allow search/search-train, search/search-eval <-> speech/speech-* : roce, ping until 2027-03-31 owner "ml-platform" on pf1';
  expect(format(rule)).toBe(
    [
      "allow search/search-train, search/search-eval <-> speech/speech-* : roce, ping",
      "  on pf1",
      '  owner "ml-platform"',
      "  until 2027-03-31",
      "",
    ].join("\n"),
  );
});

test("a long list is broken before the line's end", () => {
  const names = Array.from({ length: 40 }, (_, index) => `namespace-${index}`);
  const formatted = format(`tenant t { namespace ${names.join(", ")} }`);
  expect(Math.max(...formatted.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(format(formatted)).toBe(formatted);
});

test("a test has an expectation a line", () => {
  expect(format('test "t" { a can reach b with s  masks on "n" <= 07 }')).toBe(
    'test "t" {\n  a can reach b with s\n  masks on "n" <= 7\n}\n',
  );
});

test("a sentence with a comment inside stays as it is", () => {
  const text = "allow a   -> b # why\n  : s\n";
  expect(format(text)).toBe(text);
});

test("nothing but comments stays nothing but comments", () => {
  expect(format("# one\n\n\n\n# two")).toBe("# one\n\n# two\n");
  expect(format("")).toBe("\n");
});

function format(text: string): string {
  return formatPolicy(parsePolicy({ name: "input.policy", text }));
}
