/** Namespace patterns: `*` stands for any run of characters, also none; all else for itself. */

export function isGlob(pattern: string): boolean {
  return pattern.includes("*");
}

/** Takes the earliest place for every piece between stars: one pass, no backtracking to suffer from. */
export function matchesGlob(pattern: string, name: string): boolean {
  if (!isGlob(pattern)) return name === pattern;
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop() ?? "";
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - at >= tail.length && name.endsWith(tail);
}

/** A name that both patterns match, if there is one: two patterns can meet without either matching the other. */
export function nameOfBoth(one: string, other: string): string | undefined {
  if (!isGlob(one)) return matchesGlob(other, one) ? one : undefined;
  if (!isGlob(other)) return matchesGlob(one, other) ? other : undefined;
  // reached[i * width + j]: some name leads both patterns to these places; `from` tells how.
  const width = other.length + 1;
  const from = new Map<number, { readonly place: number; readonly letter: string }>();
  const queue: number[] = [];
  const reach = (i: number, j: number, place: number, letter: string) => {
    const next = i * width + j;
    if (from.has(next)) return;
    from.set(next, { place, letter });
    queue.push(next);
  };
  reach(0, 0, -1, "");
  for (const place of queue) {
    const i = Math.floor(place / width);
    const j = place % width;
    const a = one[i];
    const b = other[j];
    if (a === undefined && b === undefined) return spelled(from, place);
    if (a === "*") reach(i + 1, j, place, "");
    if (b === "*") reach(i, j + 1, place, "");
    if (a === "*" && b !== undefined && b !== "*") reach(i, j + 1, place, b);
    if (b === "*" && a !== undefined && a !== "*") reach(i + 1, j, place, a);
    if (a !== undefined && a !== "*" && a === b) reach(i + 1, j + 1, place, a);
  }
  return undefined;
}

function spelled(
  from: ReadonlyMap<number, { readonly place: number; readonly letter: string }>,
  end: number,
): string {
  let name = "";
  for (let step = from.get(end); step !== undefined; step = from.get(step.place))
    name = step.letter + name;
  return name;
}
