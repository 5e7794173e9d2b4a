/** The names that broken sentences meant to define: whoever uses one of them made no second mistake. */

import type { PolicyTree } from "../syntax/tree.js";

/** Reads around the sentences that were understood; only for a file in which some were not. */
export function lostNames({ source, sentences }: PolicyTree): ReadonlySet<string> {
  const names = new Set<string>();
  let at = 0;
  const ends = [...sentences.map(({ span }) => span), { start: source.text.length, end: 0 }];
  for (const { start, end } of ends) {
    for (const name of namesIn(source.text.slice(at, Math.max(at, start)))) names.add(name);
    at = Math.max(at, end);
  }
  return names;
}

function namesIn(text: string): string[] {
  const withoutComments = text.replace(/#.*/g, "");
  const definitions = withoutComments.matchAll(/\b(?:tenant|group|service)\s+([\w.-]+)/g);
  const rails = withoutComments.matchAll(/\brail\s+(.*)/g);
  return [
    ...[...definitions].map(([, name]) => name ?? ""),
    ...[...rails].flatMap(([, list]) => (list ?? "").match(/[\w.-]+/g) ?? []),
  ];
}
