/** The language as Ohm knows it: the one place that loads grammar/policy.ohm and runs it. */

import { existsSync, readFileSync } from "node:fs";
import * as ohm from "ohm-js";
import { type ActionDict, type Grammar, type Node, grammar as readGrammar } from "ohm-js";

const grammar = loadGrammar();
const semantics = grammar.createSemantics();

/** Ohm adds operations to nodes at run time; their result types are asserted here and nowhere else. */
export function operation<T>(name: string, actions: ActionDict<T>): (node: Node) => T {
  semantics.addOperation<T>(name, actions);
  return (node) => node[name]() as T;
}

/**
 * Ohm reads a grammar character by character, which takes longer than all else that `railfence check` does with a small
 * policy. So what it read is kept beside the grammar, and counts as long as the grammar is the one that was read.
 */
function loadGrammar(): Grammar {
  const text = grammarText();
  const kept = fileOf("policy.recipe.json");
  if (!existsSync(kept)) return readGrammar(text);
  const recipe = JSON.parse(readFileSync(kept, "utf8")) as readonly [string, { source?: string }];
  return recipe[1].source === text ? fromRecipe(recipe) : readGrammar(text);
}

/** What `grammar/policy.recipe.json` should hold. */
export function grammarRecipe(): string {
  return `${(readGrammar(grammarText()) as unknown as { toRecipe(): string }).toRecipe()}\n`;
}

/** Without the examples, which Ohm would read, too. */
function grammarText(): string {
  return readFileSync(fileOf("policy.ohm"), "utf8").replace(/^ *\/\/.*\n/gm, "");
}

/** The same path from src/ and from dist/. */
function fileOf(name: string): URL {
  return new URL(`../../grammar/${name}`, import.meta.url);
}

/** Public in Ohm's JavaScript (main.js) and not in its types. */
function fromRecipe(recipe: unknown): Grammar {
  return (ohm as unknown as { makeRecipe(recipe: unknown): Grammar }).makeRecipe(recipe);
}

export interface Failure {
  /** Offset of the furthest place that could be reached. */
  readonly at: number;
  /** What could have stood there, in the order of the grammar. */
  readonly expected: readonly string[];
}

/** The root node, as operations take it, or undefined. */
export function matchRule(text: string, rule: string): Node | undefined {
  const result = grammar.match(text, rule);
  return result.succeeded() ? (semantics(result) as unknown as Node) : undefined;
}

export function fits(text: string, rule: string): boolean {
  return grammar.match(text, rule).succeeded();
}

/** Matches again, with books kept on what was tried: for texts that are known not to match. */
export function failureOf(text: string, rule: string): Failure {
  const failure = rightmostFailure(text, rule);
  const { at } = failure;
  // right behind a word Ohm counts what could have made the word longer, and forgets what could follow it
  const spaced = rightmostFailure(`${text.slice(0, at)} ${text.slice(at)}`, rule);
  return spaced.at === at + 1 ? { at, expected: spaced.expected } : failure;
}

function rightmostFailure(text: string, rule: string): Failure {
  const result = grammar.match(text, rule) as unknown as OhmFailures;
  const expected = result
    .getRightmostFailures()
    .filter((failure) => !failure.isFluffy())
    .map((failure) => failure.toString())
    .filter((words) => !words.startsWith("not ") && words !== "a comment" && words.trim() !== "")
    .map((words) => (words === "end of input" ? "the end of the sentence" : inBackticks(words)));
  // Ohm lists the last tried first
  const inOrder = [...new Set(expected)].reverse();
  return { at: result.getRightmostFailurePosition(), expected: inOrder };
}

/** Public in Ohm's JavaScript (MatchResult.js) and not in its types. */
interface OhmFailures {
  getRightmostFailurePosition(): number;
  getRightmostFailures(): readonly { isFluffy(): boolean; toString(): string }[];
}

/** Ohm puts what stands literally in double quotes, escaped as in JSON. */
function inBackticks(words: string): string {
  return words.startsWith('"') ? `\`${JSON.parse(words) as string}\`` : words;
}
