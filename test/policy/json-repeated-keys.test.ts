/** Keys that are said twice, against a text whose repetitions are known from its making. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { repeatedKeys } from "../../src/policy/json-repeated-keys.js";

const seed = 20_261_126;

type Tree = string | number | Tree[] | { readonly members: readonly Member[] };

interface Member {
  readonly key: string;
  readonly value: Tree;
  readonly isEscaped: boolean;
}

test(`every repetition is found, and nothing else (seed ${seed})`, () => {
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => {
    const key = fc.oneof(
      fc.constantFrom("a", "b", ":", '"', "\\", "{", "}", "__proto__", ""),
      fc.nat({ max: 40 }).map(String),
    );
    const member = fc.record({ key, value: tie("tree"), isEscaped: fc.boolean() });
    return {
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.nat(), fc.constantFrom('"', "a", "{", "}:", '\\"')),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.array(member, { maxLength: 30 }).map((members) => ({ members })),
      ),
    };
  });
  const law = fc.property(tree, (value) => {
    const text = print(value);
    const found = repeatedKeys(text);
    expect(found.map(({ key }) => key).sort()).toEqual(repetitionsIn(value).sort());
    for (const { key, start, end, firstStart, firstEnd } of found) {
      expect(JSON.parse(text.slice(start, end))).toBe(key);
      expect(JSON.parse(text.slice(firstStart, firstEnd))).toBe(key);
      expect(firstEnd).toBeLessThan(start);
    }
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test("the same key in other objects is no repetition", () => {
  expect(repeatedKeys('{"a": {"a": [{"a": 1}, {"a": "a"}]}, "b": {"a": 1}}')).toEqual([]);
});

test("a deep text is read without recursion", () => {
  const depth = 100_000;
  expect(repeatedKeys(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toEqual([]);
});

function print(value: Tree): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(print).join(", ")}]`;
  const members = value.members.map(({ key, value: one, isEscaped }) => {
    const text = isEscaped ? `"${key.replace(/./g, escaped)}"` : JSON.stringify(key);
    return `${text} : ${print(one)}`;
  });
  return `{${members.join(",")}}`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function repetitionsIn(value: Tree): string[] {
  if (typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap(repetitionsIn);
  const keys = value.members.map(({ key }) => key);
  const own = keys.filter((key, index) => keys.indexOf(key) !== index);
  return [...own, ...value.members.flatMap((member) => repetitionsIn(member.value))];
}
