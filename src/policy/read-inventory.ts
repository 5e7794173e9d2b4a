/** JSON text to an inventory, or to all that is wrong with it. */

import { type Diagnostic, hasErrors } from "../text/diagnostic.js";
import type { Source } from "../text/source.js";
import type { Endpoint, Inventory, Node, Rail } from "./inventory.js";
import { rememberOrigin } from "./inventory-places.js";
import { inventoryProblems } from "./inventory-problems.js";
import type { EndpointDocument, InventoryDocument } from "./inventory-schema.js";
import { shapeOf } from "./inventory-shape.js";
import { findJsonMistake } from "./json-mistake.js";
import { type RepeatedKey, repeatedKeys } from "./json-repeated-keys.js";
import { inOrder } from "./report.js";

export interface InventoryReading {
  /** Absent if any diagnostic is an error. */
  readonly inventory?: Inventory;
  /** What can be read in spite of the errors: good enough to find a bridge by, never to compile. */
  readonly despiteErrors?: Inventory;
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
  const shape = shapeOf(source, json.value);
  if (shape.document === undefined) return { diagnostics: inOrder(shape.diagnostics) };
  const inventory = inventoryOf(shape.document);
  rememberOrigin(inventory, { source, refused: shape.refused });
  const diagnostics = [...shape.diagnostics, ...inventoryProblems(inventory)];
  return hasErrors(diagnostics)
    ? { despiteErrors: inventory, diagnostics: inOrder(diagnostics) }
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
