/** Something that was looked for on a node: there, not there, or not to be seen. The last is never taken for one of the others. */

export type Fact<T> =
  | { readonly state: "present"; readonly value: T }
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly obstacle: Obstacle };

/** What stood in the way of seeing it. */
export interface Obstacle {
  readonly kind: /** The file or the command is for others: root, mostly. */
    | "permission"
    /** The program is not installed. */
    | "tool-missing"
    /** The daemon that would know does not run. */
    | "not-running"
    /** The program or the file gave an error. */
    | "failed"
    /** The answer has another form than any that is known. */
    | "not-understood"
    /** The recording does not hold it. */
    | "not-recorded";
  /** The file, or the command as one would type it. */
  readonly what: string;
  /** The error in the words of the system or the program. */
  readonly words?: string;
}

export const absent: Fact<never> = { state: "absent" };

export function present<T>(value: T): Fact<T> {
  return { state: "present", value };
}

export function unreadable(kind: Obstacle["kind"], what: string, words?: string): Fact<never> {
  return {
    state: "unreadable",
    obstacle: { kind, what, ...(words === undefined ? {} : { words }) },
  };
}

export function valueIn<T>(fact: Fact<T>): T | undefined {
  return fact.state === "present" ? fact.value : undefined;
}

export function mapFact<T, U>(fact: Fact<T>, change: (value: T) => U): Fact<U> {
  return fact.state === "present" ? present(change(fact.value)) : fact;
}

/** Reads what is there; `undefined` means that its form is not known. */
export function readFact<T, U>(
  fact: Fact<T>,
  what: string,
  read: (value: T) => U | undefined,
): Fact<U> {
  if (fact.state !== "present") return fact;
  const value = read(fact.value);
  return value === undefined ? unreadable("not-understood", what) : present(value);
}
