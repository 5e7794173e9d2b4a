/** Canonical text of a megaflow, with the spaces of OVS's own dumps: what OVS printed comes back unchanged. */

import { itemsIn } from "./item.js";
import type { Megaflow } from "./megaflow.js";

export function printMegaflow(megaflow: Megaflow): string {
  const { text } = megaflow.source;
  const { match, attributes, actions } = megaflow;
  const parts: string[] = [];
  if (megaflow.ufid !== undefined) parts.push(`ufid:${megaflow.ufid}`);
  if (match.items.length > 0)
    parts.push(match.items.map(({ start, end }) => text.slice(start, end)).join(","));
  const first = actions[0]?.place.start ?? megaflow.place.end;
  const last = actions.at(-1)?.place.end ?? megaflow.place.end;
  const printed = (items: typeof attributes) =>
    items.map(({ start, end }) => text.slice(start, end));
  parts.push(...printed(attributes.filter(({ end }) => end <= first)));
  parts.push(
    `actions:${itemsIn(text, first, last)
      .map(({ start, end }) => text.slice(start, end))
      .join(",")}`,
  );
  parts.push(...printed(attributes.filter(({ start }) => start >= last)));
  return parts.join(", ");
}
