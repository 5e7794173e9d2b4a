/** Whether a JSON value has the form of an inventory, and what is said where it has not. */

import type { z } from "zod";
import type { Diagnostic } from "../text/diagnostic.js";
import { type Source, underlined } from "../text/source.js";
import { printJsonPath } from "./inventory-places.js";
import {
  type InventoryDocument,
  inventorySchema,
  reservedName,
  reservedProblem,
} from "./inventory-schema.js";
import { type JsonPath, keySpan, valueSpan } from "./json-places.js";

export interface Shape {
  /** Without the refused endpoints, so that the others are still checked; absent if more is wrong. */
  readonly document?: InventoryDocument;
  /** Places of endpoints in the text. */
  readonly refused: ReadonlySet<number>;
  readonly diagnostics: readonly Diagnostic[];
}

/** `json` is what the source's text says. */
export function shapeOf(source: Source, json: unknown): Shape {
  if (isSomethingElse(json)) return { refused: new Set(), diagnostics: [noInventory(source)] };
  const { document, refused, issues } = checkedBySchema(json);
  const reserved = reservedKeys(json).map((path) => reservedDiagnostic(source, path));
  const diagnostics = [
    ...issues.flatMap((issue) => shapeDiagnostics(source, json, issue)),
    ...reserved,
  ];
  // what a name stands for is missing: whatever names it would be wrong, too
  if (document === undefined || reserved.length > 0) return { refused, diagnostics };
  return { document, refused, diagnostics };
}

/** An object with none of an inventory's parts: what else is wrong with it would only hide that it is the wrong file. */
function isSomethingElse(json: unknown): boolean {
  const isObject = json !== null && typeof json === "object" && !Array.isArray(json);
  return isObject && !parts.some((part) => Object.hasOwn(json, part));
}

const parts = ["rails", "nodes", "endpoints"];

function noInventory(source: Source): Diagnostic {
  const problem = `it has none of ${parts.map((part) => `\`${part}\``).join(", ")}: is it the right file?`;
  return { code: "inventory-shape", path: "", problem, span: valueSpan(source, []) };
}

interface Checked {
  readonly document?: InventoryDocument;
  readonly refused: ReadonlySet<number>;
  readonly issues: readonly z.core.$ZodIssue[];
}

function checkedBySchema(json: unknown): Checked {
  const whole = inventorySchema.safeParse(json);
  if (whole.success) return { document: whole.data, refused: new Set(), issues: [] };
  const { issues } = whole.error;
  const refused = new Set<number>();
  for (const { path } of issues) {
    const [key, index] = path;
    if (key !== "endpoints" || typeof index !== "number") return { refused: new Set(), issues };
    refused.add(index);
  }
  const document = json as { endpoints: unknown[] };
  const rest = inventorySchema.safeParse({
    ...document,
    endpoints: document.endpoints.filter((_, index) => !refused.has(index)),
  });
  return { ...(rest.success && { document: rest.data }), refused, issues };
}

/** Places of names that the schema never sees. */
function reservedKeys(json: unknown): JsonPath[] {
  const nodes = valueAt(json, ["nodes"]);
  const names = nodes !== null && typeof nodes === "object" ? Object.keys(nodes) : [];
  const places = [["rails"], ["nodes"], ...names.map((name) => ["nodes", name, "rails"])];
  return places
    .map((path) => [...path, reservedName])
    .filter((path) => valueAt(json, path) !== undefined);
}

function reservedDiagnostic(source: Source, path: JsonPath): Diagnostic {
  const span = keySpan(source, path);
  return { code: "inventory-shape", path: printJsonPath(path), problem: reservedProblem, span };
}

function shapeDiagnostics(source: Source, json: unknown, issue: z.core.$ZodIssue): Diagnostic[] {
  const path = issue.path.filter((key) => typeof key !== "symbol");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      code: "inventory-shape",
      path: printJsonPath([...path, key]),
      problem: "this key has no meaning here",
      span: keySpan(source, [...path, key]),
    }));
  const isMissing = valueAt(json, path) === undefined;
  const span = issue.code === "invalid_key" ? keySpan(source, path) : valueSpan(source, path);
  return [
    {
      code: "inventory-shape",
      path: printJsonPath(path),
      ...(!isMissing && { value: shortened(underlined(span)) }),
      problem: problemOf(issue, isMissing),
      span,
    },
  ];
}

function problemOf(issue: z.core.$ZodIssue, isMissing: boolean): string {
  switch (issue.code) {
    case "invalid_type":
      return isMissing
        ? "it is missing"
        : `expected ${kindWords[issue.expected] ?? issue.expected}`;
    case "invalid_value": {
      const values = issue.values.map((value) => `\`${String(value)}\``).join(" or ");
      return isMissing ? "it is missing" : `expected ${values}`;
    }
    case "too_small":
      return "it is empty";
    case "invalid_key": {
      const [own] = issue.issues;
      if (own === undefined) return issue.message;
      return own.code === "too_small" ? "a name cannot be empty" : problemOf(own, false);
    }
    default:
      return issue.message;
  }
}

const kindWords: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  object: "an object",
  record: "an object",
  array: "a list",
};

function valueAt(json: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === "object" && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    json,
  );
}

/** On one line. */
function shortened(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, " ");
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
