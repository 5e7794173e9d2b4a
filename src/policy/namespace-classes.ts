/**
 * All namespaces there could be, in classes that patterns cannot tell apart. A class is found by walking every
 * pattern at once, letter by letter (the product of their automata, built only as far as it is reached), so
 * that two patterns that meet in names neither of them spells out are not missed.
 */

export interface NamespaceClass {
  /** A name of the class. */
  readonly example: string;
  /** The patterns that match its names. */
  readonly matched: ReadonlySet<string>;
}

/** Where each pattern stands after a run of letters: `pattern * stride + place`, ascending. */
type State = readonly number[];

/** Ten patterns such as `*-dev-*` in one tenant make a thousand classes, and each more of them twice as many. */
const mostStates = 20_000;

/**
 * The classes of names that some claim matches, ascending by example; the empty name is none. Undefined if there are
 * too many to walk through.
 */
export function namespaceClasses(
  claims: readonly string[],
  selectors: readonly string[],
): NamespaceClass[] | undefined {
  const patterns = [...new Set([...claims, ...selectors])].sort();
  const walk = walkOf(patterns);
  const claimed = new Set(claims);
  const classes = new Map<string, NamespaceClass>();
  const keep = (state: State, example: string) => {
    const matched = walk.accepted(state);
    const key = matched.join(",");
    if (example === "" || classes.has(key) || !matched.some((each) => claimed.has(each))) return;
    classes.set(key, { example, matched: new Set(matched) });
  };

  // names a reader knows make the better examples
  for (const pattern of [...patterns.filter((each) => !each.includes("*")), ...patterns]) {
    const name = pattern.replaceAll("*", "x");
    keep([...name].reduce(walk.next, walk.start), name);
  }
  const seen = new Set([walk.start.join()]);
  const queue: [State, string][] = [[walk.start, ""]];
  for (const [state, name] of queue)
    for (const letter of walk.letters) {
      const next = walk.next(state, letter);
      const key = next.join();
      if (next.length === 0 || seen.has(key)) continue;
      if (seen.size > mostStates) return undefined;
      seen.add(key);
      keep(next, name + letter);
      queue.push([next, name + letter]);
    }
  return [...classes.values()].sort((a, b) => (a.example < b.example ? -1 : 1));
}

interface Walk {
  readonly start: State;
  /** Every letter of the patterns, and one that is in none. */
  readonly letters: readonly string[];
  next(state: State, letter: string): State;
  accepted(state: State): string[];
}

function walkOf(patterns: readonly string[]): Walk {
  const stride = Math.max(0, ...patterns.map(({ length }) => length)) + 1;
  const settled = (places: Iterable<number>): State => {
    const all = new Set<number>();
    for (const place of places) {
      all.add(place);
      // a star may stand for nothing
      for (let at = place; letterAt(at) === "*"; at++) all.add(at + 1);
    }
    return [...all].sort((a, b) => a - b);
  };
  const letterAt = (place: number) => patterns[Math.floor(place / stride)]?.[place % stride];
  const used = new Set(patterns.flatMap((pattern) => [...pattern]));
  used.delete("*");
  const unused = [..."xyz0123456789abcdefghijklmnopqrstuvw_."].find((one) => !used.has(one)) ?? "~";
  return {
    start: settled(patterns.map((_, index) => index * stride)),
    letters: [...used, unused],
    next(state, letter) {
      const places: number[] = [];
      for (const place of state) {
        const expected = letterAt(place);
        if (expected === "*") places.push(place);
        else if (expected === letter) places.push(place + 1);
      }
      return settled(places);
    },
    accepted: (state) =>
      state
        .filter((place) => place % stride === patterns[Math.floor(place / stride)]?.length)
        .map((place) => patterns[Math.floor(place / stride)] as string),
  };
}
