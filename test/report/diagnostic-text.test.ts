/** Frames around the lines that a diagnostic speaks of. */

import { describe, expect, test } from "vitest";
import { renderDiagnostic, renderDiagnostics } from "../../src/report/diagnostic-text.js";
import type { Diagnostic } from "../../src/text/diagnostic.js";
import type { Source } from "../../src/text/source.js";

const one = {
  name: "one.policy",
  text: "tenant a { namespace x }\n\n\ntenant a { namespace y }\n",
};
const other = { name: "other.policy", text: "# other\ntenant a { namespace z }\n" };

describe("a second place", () => {
  test("in another file has a frame of its own, below", () => {
    const [diagnostic] = [duplicate(one, 26, other, 8)];
    expect(renderDiagnostic(diagnostic)).toBe(
      [
        "error[duplicate-definition]: tenant `a` is defined twice",
        "   ┌─ one.policy:4:1",
        " 4 │ tenant a { namespace y }",
        "   │ ^^^^^^ second definition",
        "   ┌─ other.policy:2:1",
        " 2 │ tenant a { namespace z }",
        "   │ ------ first here",
        "   = help: keep one of the two, or give one another name",
        "",
      ].join("\n"),
    );
  });

  test("above the first stands above it, and the head still names the first", () => {
    expect(
      renderDiagnostic(duplicate(one, 26, one, 0))
        .split("\n")
        .slice(1, 7),
    ).toEqual([
      "   ┌─ one.policy:4:1",
      " 1 │ tenant a { namespace x }",
      "   │ ------ first here",
      "   ·",
      " 4 │ tenant a { namespace y }",
      "   │ ^^^^^^ second definition",
    ]);
  });
});

test("carets stand under wide characters and tabs", () => {
  const source = { name: "a.policy", text: "\t検🚀 10.0.0.1/8" };
  const lines = renderDiagnostic(hostBits(source, 5, 15)).split("\n");
  expect(lines[2]).toBe(" 1 │     検🚀 10.0.0.1/8");
  expect(lines[3]).toBe("   │          ^^^^^^^^^^ write `10.0.0.0/8`");
});

test("a long line is cut around the place", () => {
  const source = { name: "a.policy", text: `${"x".repeat(5000)}10.0.0.1/8${"y".repeat(5000)}` };
  const lines = renderDiagnostic(hostBits(source, 5000, 5010)).split("\n");
  expect(lines[2]).toBe(` 1 │ …${"x".repeat(60)}10.0.0.1/8${"y".repeat(70)}…`);
  expect(lines[3]).toBe(`   │  ${" ".repeat(60)}^^^^^^^^^^ write \`10.0.0.0/8\``);
});

test("a place over several lines is underlined to the end of its first", () => {
  const source = { name: "a.policy", text: "10.0.0.1\n/8" };
  expect(renderDiagnostic(hostBits(source, 0, 11)).split("\n")[3]).toMatch(/│ \^{8} write/);
});

test("a place at the end of the text has one caret", () => {
  const source = { name: "a.policy", text: "rail\n" };
  const diagnostic: Diagnostic = {
    code: "syntax-error",
    found: "",
    expected: ["a rail"],
    span: { source, start: 5, end: 5 },
  };
  expect(renderDiagnostic(diagnostic).split("\n").slice(1, 4)).toEqual([
    "   ┌─ a.policy:2:1",
    " 2 │",
    "   │ ^",
  ]);
});

test("colour changes nothing but colour", () => {
  const diagnostic = duplicate(one, 26, other, 8);
  const coloured = renderDiagnostic(diagnostic, { colour: true });
  expect(coloured).toContain("\u001B[1;31merror[duplicate-definition]\u001B[0m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is taken out
  expect(coloured.replace(/\u001B\[[0-9;]*m/g, "")).toBe(renderDiagnostic(diagnostic));
});

test("several are separated by an empty line, none is nothing", () => {
  const diagnostic = hostBits(one, 0, 6);
  const drawn = renderDiagnostic(diagnostic);
  expect(renderDiagnostics([diagnostic, diagnostic])).toBe(`${drawn}\n${drawn}`);
  expect(renderDiagnostics([])).toBe("");
});

function duplicate(source: Source, start: number, first: Source, firstStart: number): Diagnostic {
  return {
    code: "duplicate-definition",
    kind: "tenant",
    name: "a",
    span: { source, start: start + 1, end: start + 7 },
    labels: [
      { span: { source: first, start: firstStart, end: firstStart + 6 }, role: "first-here" },
    ],
  };
}

function hostBits(source: Source, start: number, end: number): Diagnostic {
  const span = { source, start, end };
  return { code: "host-bits-set", wrote: "10.0.0.1/8", write: "10.0.0.0/8", span };
}
