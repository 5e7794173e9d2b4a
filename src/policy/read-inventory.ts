/** JSON text to an inventory, or to all that is wrong with it. */

import type { z } from "zod";
import { type Diagnostic, hasErrors } from "../text/diagnostic.js";
import { type Source, underlined } from "../text/source.js";
import type { Endpoint, Inventory, Node, Rail } from "./inventory.js";
import { printJsonPath, rememberOrigin } from "./inventory-places.js";
import { inventoryProblems } from "./inventory-problems.js";
import {
  type EndpointDocument,
  type InventoryDocument,
  inventorySchema,
  reservedName,
  reservedProblem,
} from "./inventory-schema.js";
import { findJsonMistake } from "./json-mistake.js";
import { type JsonPath, keySpan, valueSpan } from "./json-places.js";
import { type RepeatedKey, repeatedKeys } from "./json-repeated-keys.js";
import { inOrder } from "./report.js";

export interface InventoryReading {
  /** Absent if any diagnostic is an error. */
  readonly inventory?: Inventory;
  readonly diagnostics: readonly Diagnostic[];
}

/** Never throws. What depends on a policy or on the node to compile is `checkInventory`'s. */
export function readInventory(source: Source): InventoryReading {
  // RFC 8259, section 8.1: a reader may ignore a byte-order mark
  const start = source.text.startsWith("\uFEFF") ? 1 : 0;
  const json = parseJson(source.text.slice(start));
  if (json === undefined) return { diagnostics: [jsonDiagnostic(source, start)] };
  const repeated = repeatedKeys(source.text);
  // which of them counts is a guess, and so would be whatever else is wrong
  if (repeated.length > 0)
    return { diagnostics: repeated.map((key) => repeatedKeyDiagnostic(source, key)) };
  const { document, refused, issues } = shapeOf(json.value);
  const diagnostics = issues.flatMap((issue) => shapeDiagnostics(source, json.value, issue));
  const reserved = reservedKeys(json.value).map((path) => reservedDiagnostic(source, path));
  diagnostics.push(...reserved);
  // what a name stands for is missing: whatever names it would be wrong, too
  if (document === undefined || reserved.length > 0) return { diagnostics: inOrder(diagnostics) };
  const inventory = inventoryOf(document);
  rememberOrigin(inventory, { source, refused });
  diagnostics.push(...inventoryProblems(inventory));
  return hasErrors(diagnostics)
    ? { diagnostics: inOrder(diagnostics) }
    : { inventory, diagnostics: inOrder(diagnostics) };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function jsonDiagnostic(source: Source, from: number): Diagnostic {
  const mistake = findJsonMistake(source.text.slice(from));
  if (mistake === undefined) throw new Error("JSON.parse refused what RFC 8259 allows");
  const { problem, start, end } = mistake;
  return {
    code: "inventory-json",
    problem,
    span: { source, start: from + start, end: from + end },
  };
}

function repeatedKeyDiagnostic(source: Source, found: RepeatedKey): Diagnostic {
  const { key, start, end, firstStart, firstEnd } = found;
  const first = { source, start: firstStart, end: firstEnd };
  const labels = [{ span: first, role: "first-here" as const }];
  return { code: "duplicate-key", key, span: { source, start, end }, labels };
}

interface Shape {
  /** Without the refused endpoints, so that the others are still checked; absent if more is wrong. */
  readonly document?: InventoryDocument;
  /** Places of endpoints in the text. */
  readonly refused: ReadonlySet<number>;
  readonly issues: readonly z.core.$ZodIssue[];
}

function shapeOf(json: unknown): Shape {
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
      path: printJsonPath(path) || "the whole",
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

function inventoryOf(document: InventoryDocument): Inventory {
  const rails = Object.entries(document.rails).map(([name, { gateways = [], ...rail }]): Rail => {
    return { name, ...rail, gateways };
  });
  return {
    rails: new Map(rails.map((rail) => [rail.name, rail])),
    nodes: new Map(
      Object.entries(document.nodes).map(([name, node]) => [name, nodeOf(name, node)]),
    ),
    endpoints: document.endpoints.map(endpointOf),
  };
}

function nodeOf(name: string, { rails }: InventoryDocument["nodes"][string]): Node {
  const nodeRails = Object.entries(rails).map(
    ([rail, { bridge, uplink, mac, nextHop, uplinkSource = "verify" }]) => {
      const known = {
        ...(mac !== undefined && { mac }),
        ...(nextHop !== undefined && { nextHop }),
      };
      return [rail, { bridge, uplink, ...known, uplinkSource }] as const;
    },
  );
  return { name, rails: new Map(nodeRails) };
}

function endpointOf(document: EndpointDocument): Endpoint {
  const { namespace, pod, node, rail, ips: addresses, mac, representor } = document;
  // written out: a fleet has a hundred thousand of them, and spreading costs more than reading
  if (mac === undefined || representor === undefined) {
    const known = { ...(mac !== undefined && { mac }), ...(representor && { representor }) };
    return { namespace, pod, node, rail, addresses, ...known };
  }
  return { namespace, pod, node, rail, addresses, mac, representor };
}
