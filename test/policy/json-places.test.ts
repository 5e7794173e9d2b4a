/** Places in JSON text, and the place of its first mistake. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonMistake } from "../../src/policy/json-mistake.js";
import { type JsonPath, keySpan, valueSpan } from "../../src/policy/json-places.js";
import { underlined } from "../../src/text/source.js";

const seed = 20_261_126;

test(`the place of every value reads as that value (seed ${seed})`, () => {
  const law = fc.property(fc.json({ maxDepth: 4 }), fc.nat({ max: 3 }), (json, spaces) => {
    const value: unknown = JSON.parse(json);
    const source = { name: "i.json", text: `\n ${JSON.stringify(value, undefined, spaces)} \n` };
    for (const [path, expected] of valuesIn(value)) {
      expect(JSON.parse(underlined(valueSpan(source, path)))).toEqual(expected);
      const key = path.at(-1);
      if (typeof key === "string") expect(JSON.parse(underlined(keySpan(source, path)))).toBe(key);
    }
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test("what is missing is the value around it", () => {
  const source = { name: "i.json", text: '{"a": [{"b": 1}]}' };
  expect(underlined(valueSpan(source, ["a", 0, "c"]))).toBe('{"b": 1}');
  expect(underlined(valueSpan(source, ["a", 7]))).toBe('[{"b": 1}]');
});

test("of two equal keys the last is meant, as JSON.parse has it", () => {
  expect(underlined(valueSpan({ name: "i.json", text: '{"a": 1, "a": 2}' }, ["a"]))).toBe("2");
});

test(`a text has a mistake exactly where JSON.parse refuses it (seed ${seed})`, () => {
  const soup = fc
    .array(fc.constantFrom(...'{}[],:"a1 -.e\\u\n', "true", "null", '"k"', "1.5", "01"), {
      maxLength: 12,
    })
    .map((parts) => parts.join(""));
  const law = fc.property(fc.oneof(soup, fc.json(), fc.string()), (text) => {
    const mistake = findJsonMistake(text);
    expect(mistake === undefined).toBe(isJson(text));
    if (mistake === undefined) return;
    expect(mistake.start).toBeGreaterThanOrEqual(0);
    expect(mistake.end).toBeGreaterThanOrEqual(mistake.start);
    expect(mistake.end).toBeLessThanOrEqual(text.length);
  });
  fc.assert(law, { seed, numRuns: 2000 });
});

test.each([
  ['{"a": 1,}', "}", "expected a key in double quotes, found `}`"],
  ["[1, 2", "2", "expected `,` or `]`, found the end"],
  ["{'a': 1}", "'", "expected a key in double quotes or `}`, found `'`"],
  ['{"a" 1}', "1", "expected `:`, found `1`"],
  ["[1] 2", "2", "expected nothing more, found `2`"],
  ['{"a": nul}', "nul", "expected a value, found `nul`"],
])("%s: %s", (text, place, problem) => {
  const mistake = findJsonMistake(text);
  expect(text.slice(mistake?.start, mistake?.end)).toBe(place);
  expect(mistake?.problem).toBe(problem);
});

function valuesIn(value: unknown, path: JsonPath = []): [JsonPath, unknown][] {
  const members =
    value === null || typeof value !== "object"
      ? []
      : Array.isArray(value)
        ? [...value.entries()]
        : Object.entries(value);
  return [[path, value], ...members.flatMap(([key, one]) => valuesIn(one, [...path, key]))];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
