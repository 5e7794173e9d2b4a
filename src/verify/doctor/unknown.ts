/** Findings about what could not be read. */

import type { DoctorQuestion, DoctorSubject, UnknownFinding } from "./doctor-finding.js";
import type { Fact } from "./fact.js";

/** None where the fact is known: there, or not there. */
export function unknownOf(
  fact: Fact<unknown>,
  subject: DoctorSubject,
  question: DoctorQuestion,
  atWorst: UnknownFinding["atWorst"],
): UnknownFinding[] {
  if (fact.state !== "unreadable") return [];
  return [{ code: "unknown", subject, question, atWorst, obstacle: fact.obstacle, of: [] }];
}

/** The same question about several things: one finding for each kind of obstacle. */
export function unknownOfEach(
  facts: ReadonlyMap<string, Fact<unknown>>,
  subject: DoctorSubject,
  question: DoctorQuestion,
  atWorst: UnknownFinding["atWorst"],
): UnknownFinding[] {
  const found = new Map<string, UnknownFinding>();
  for (const [name, fact] of facts) {
    const [one] = unknownOf(fact, subject, question, atWorst);
    if (one === undefined) continue;
    const key = `${one.obstacle.kind} ${one.obstacle.words ?? ""}`;
    const before = found.get(key);
    found.set(key, { ...(before ?? one), of: [...(before?.of ?? []), name] });
  }
  return [...found.values()];
}
