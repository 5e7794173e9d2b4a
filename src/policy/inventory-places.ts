/** Where an inventory came from, so that what is found wrong with it later is still underlined. */

import type { Source, Span } from "../text/source.js";
import type { Endpoint, Inventory } from "./inventory.js";
import { type JsonPath, keySpan, valueSpan } from "./json-places.js";

const sources = new WeakMap<Inventory, Source>();
/** Places of endpoints in the document: those that were refused are counted, too. */
const places = new WeakMap<Endpoint, number>();

export function rememberSource(inventory: Inventory, source: Source): void {
  sources.set(inventory, source);
}

export function rememberPlace(endpoint: Endpoint, index: number): void {
  places.set(endpoint, index);
}

/** An inventory that no text says, as a switch or a cluster reports it, has no places. */
const nowhere: Source = { name: "the inventory", text: "" };

export function inventoryValue(inventory: Inventory, path: JsonPath): Span {
  return valueSpan(sources.get(inventory) ?? nowhere, path);
}

export function inventoryKey(inventory: Inventory, path: JsonPath): Span {
  return keySpan(sources.get(inventory) ?? nowhere, path);
}

export function endpointPath(endpoint: Endpoint, ...rest: JsonPath): JsonPath {
  return ["endpoints", places.get(endpoint) ?? -1, ...rest];
}

/** As people write it: `endpoints[3].ips[0]`, `nodes["gpu.1"].rails`. */
export function printJsonPath(path: JsonPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^[\w-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
