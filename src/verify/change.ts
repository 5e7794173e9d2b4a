/** What became otherwise between two verdicts of the same rails. */

import type { Megaflow } from "../datapath/megaflow.js";
import type { Rule } from "../policy/checked-policy.js";
import type { ConnectionVerdict, Finding, OffloadState, RailVerdict } from "./verdict.js";

export type Change = { readonly rail: string } & (
  | ({ readonly kind: "appeared" | "fell-out" | "returned" | "moved" } & Moved)
  /** It has no megaflow any more: nobody spoke for some seconds, or nobody may. */
  | { readonly kind: "ended"; readonly rule: Rule; readonly before: ConnectionVerdict }
  | { readonly kind: "found" | "gone"; readonly finding: Finding }
);

interface Moved {
  readonly rule: Rule;
  readonly connection: ConnectionVerdict;
  /** Absent where it was not there. */
  readonly before?: OffloadState;
}

/** In the order of the rails, the worst first: what fell out of hardware, findings, what returned, the rest. */
export function changesBetween(
  before: readonly RailVerdict[],
  now: readonly RailVerdict[],
): readonly Change[] {
  return now.flatMap((verdict) => {
    const earlier = before.find(({ rail, node }) => rail === verdict.rail && node === verdict.node);
    const changes = [...connectionChanges(earlier, verdict), ...findingChanges(earlier, verdict)];
    return changes.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  });
}

const order: readonly Change["kind"][] = [
  "fell-out",
  "found",
  "gone",
  "returned",
  "moved",
  "appeared",
  "ended",
];

function connectionChanges(before: RailVerdict | undefined, now: RailVerdict): Change[] {
  const { rail } = now;
  const earlier = connectionsOf(before);
  const later = connectionsOf(now);
  const changes: Change[] = [];
  for (const [key, { rule, connection }] of later) {
    const known = earlier.get(key)?.connection.state;
    if (known === connection.state) continue;
    const kind = kindOf(known, connection.state);
    const was = known === undefined ? {} : { before: known };
    changes.push({ kind, rail, rule, connection, ...was });
  }
  for (const [key, { rule, connection }] of earlier)
    if (!later.has(key)) changes.push({ kind: "ended", rail, rule, before: connection });
  return changes;
}

function kindOf(before: OffloadState | undefined, now: OffloadState) {
  if (before === undefined) return "appeared";
  if (before === "offloaded") return "fell-out";
  return now === "offloaded" ? "returned" : "moved";
}

interface Known {
  readonly rule: Rule;
  readonly connection: ConnectionVerdict;
}

function connectionsOf(verdict: RailVerdict | undefined): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const { rule, connections } of verdict?.rules ?? [])
    for (const connection of connections) {
      const key = `${rule.id} ${packetsOf(connection.megaflow)}`;
      const other = known.get(key);
      // where several threads have one each, the worse one counts
      if (other === undefined || other.connection.state === "offloaded")
        known.set(key, { rule, connection });
    }
  return known;
}

/** A megaflow that is made anew has another ufid and the same packets: those outlive it. */
function packetsOf({ match }: Megaflow): string {
  const fields = match.fields
    .filter(({ mask }) => mask !== 0n)
    .map(({ name, value, mask }) => `${name}=${value & mask}/${mask}`);
  return `${match.inPort} ${match.recircId} ${fields.sort().join()}`;
}

function findingChanges(before: RailVerdict | undefined, now: RailVerdict): Change[] {
  const { rail } = now;
  const earlier = new Map((before?.findings ?? []).map((one) => [findingKey(one), one]));
  const later = new Map(now.findings.map((one) => [findingKey(one), one]));
  const changes: Change[] = [];
  for (const [key, finding] of later)
    if (!earlier.has(key)) changes.push({ kind: "found", rail, finding });
  for (const [key, finding] of earlier)
    if (!later.has(key)) changes.push({ kind: "gone", rail, finding });
  return changes;
}

function findingKey(finding: Finding): string {
  if ("megaflow" in finding) return `${finding.kind} ${packetsOf(finding.megaflow)}`;
  if ("flow" in finding) {
    const { table, priority, match } = finding.flow;
    const fields = match.fields.map(({ field, value, mask }) => `${field}=${value}/${mask}`);
    return `${finding.kind} ${table} ${priority} ${match.inPort ?? ""} ${fields.join()}`;
  }
  return "line" in finding ? `${finding.kind} ${finding.line}` : finding.kind;
}
