/** Where an inventory came from, so that what is found wrong with it later is still underlined. */

import type { Source, Span } from "../text/source.js";
import type { Endpoint, Inventory } from "./inventory.js";
import { type JsonPath, keySpan, valueSpan } from "./json-places.js";

interface Origin {
  readonly source: Source;
  /** Places of endpoints in the text that are no endpoints of the inventory, because they were refused. */
  readonly refused: ReadonlySet<number>;
}

const origins = new WeakMap<Inventory, Origin>();
const places = new WeakMap<Inventory, ReadonlyMap<Endpoint, number>>();

export function rememberOrigin(inventory: Inventory, origin: Origin): void {
  origins.set(inventory, origin);
}

/** An inventory that no text says, as a switch or a cluster reports it, has no places. */
const nowhere: Source = { name: "the inventory", text: "" };

export function inventoryValue(inventory: Inventory, path: JsonPath): Span {
  return valueSpan(origins.get(inventory)?.source ?? nowhere, path);
}

export function inventoryKey(inventory: Inventory, path: JsonPath): Span {
  return keySpan(origins.get(inventory)?.source ?? nowhere, path);
}

export function endpointPath(
  inventory: Inventory,
  endpoint: Endpoint,
  ...rest: JsonPath
): JsonPath {
  let own = places.get(inventory);
  if (own === undefined) {
    own = placesOf(inventory);
    places.set(inventory, own);
  }
  return ["endpoints", own.get(endpoint) ?? -1, ...rest];
}

function placesOf(inventory: Inventory): ReadonlyMap<Endpoint, number> {
  const refused = origins.get(inventory)?.refused;
  let place = 0;
  return new Map(
    inventory.endpoints.map((endpoint) => {
      while (refused?.has(place) === true) place++;
      return [endpoint, place++] as const;
    }),
  );
}

/** As people write it: `endpoints[3].ips[0]`, `nodes["gpu.1"].rails`. */
export function printJsonPath(path: JsonPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^[\w-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
