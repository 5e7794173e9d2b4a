/** The name the author may have meant. */

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let best = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 &&
        column > 1 &&
        one[row - 1] === other[column - 2] &&
        one[row - 2] === other[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] as number) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] as number;
}

/**
 * The nearest candidate, if it is near: at most a third of the longer word away (or one character). Ties go to the first in
 * alphabetical order, so the answer does not depend on the order of the candidates.
 */
export function closestName(wanted: string, candidates: Iterable<string>): string | undefined {
  let closest: string | undefined;
  let shortest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (candidate === wanted || Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted.toLowerCase(), candidate.toLowerCase());
    if (distance > limit) continue;
    if (distance < shortest || (distance === shortest && candidate < (closest as string))) {
      closest = candidate;
      shortest = distance;
    }
  }
  return closest;
}
