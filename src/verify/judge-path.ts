/** One path of the datapath against the tables: does every packet it covers get what they say? */

import type { DatapathPath } from "./datapath-path.js";
import { type Effect, effectOf } from "./megaflow-effect.js";
import type { PortNames } from "./port-names.js";
import { type Output, type Pipeline, type Treatment, walk } from "./walk.js";

export type Judgement =
  /** `treatments` are disjoint and cover the path's packets. */
  | { readonly kind: "agrees"; readonly treatments: readonly Treatment[] }
  | {
      readonly kind: "leak" | "blackhole" | "stale" | "unexplained";
      /** What the tables do with the packets that it goes wrong for. */
      readonly treatment: Treatment;
      readonly actual?: readonly Output[];
      readonly because?: string;
      /** Whether it goes right for others of its packets. */
      readonly isWider: boolean;
    };

/** More parts than any sane megaflow falls into: OVS makes them so that all their packets go one way. */
const mostParts = 4096;

export function judgePath(
  path: DatapathPath,
  inPort: string,
  pipeline: Pipeline,
  names: PortNames,
): Judgement {
  const treatments: Treatment[] = [];
  let wrong: (Difference & { readonly treatment: Treatment }) | undefined;
  let parts = 0;
  for (const treatment of walk(pipeline, inPort, path.packets)) {
    const difference = differenceAt(path, treatment, names);
    if (difference === undefined) treatments.push(treatment);
    else wrong ??= { ...difference, treatment };
    // one part that goes wrong and one that goes right tell all that is asked
    if (wrong !== undefined && (treatments.length > 0 || wrong.kind === "unexplained")) break;
    if (++parts > mostParts)
      return wrong === undefined
        ? { kind: "unexplained", treatment, because: "too many parts", isWider: false }
        : { ...wrong, isWider: false };
  }
  if (wrong === undefined) return { kind: "agrees", treatments };
  return { ...wrong, isWider: wrong.kind !== "unexplained" && treatments.length > 0 };
}

function differenceAt(
  path: DatapathPath,
  treatment: Treatment,
  names: PortNames,
): Difference | undefined {
  if (treatment.opaque !== undefined) return { kind: "unexplained", because: treatment.opaque };
  return differenceOf(path, effectOf(path.actions, treatment.packets, names), treatment.outputs);
}

type Difference = Pick<Exclude<Judgement, { kind: "agrees" }>, "kind" | "actual" | "because">;

function differenceOf(
  path: DatapathPath,
  effect: Effect,
  expected: readonly Output[],
): Difference | undefined {
  if (effect.kind === "as-tables") return undefined;
  if (effect.kind === "opaque") {
    const { place } = effect.action;
    const source = path.steps.find(
      (step) => step.place.start <= place.start && place.end <= step.place.end,
    )?.source;
    return { kind: "unexplained", because: source?.text.slice(place.start, place.end) ?? "" };
  }
  const actual = effect.outputs;
  if (sameOutputs(actual, expected)) return undefined;
  const ports = new Set(expected.map(({ port }) => port));
  if (actual.some(({ port }) => !ports.has(port))) return { kind: "leak", actual };
  const reached = new Set(actual.map(({ port }) => port));
  if (expected.some(({ port }) => !reached.has(port))) return { kind: "blackhole", actual };
  return { kind: "stale", actual };
}

function sameOutputs(one: readonly Output[], other: readonly Output[]): boolean {
  const text = (outputs: readonly Output[]) =>
    outputs
      .map(({ port, changes }) => `${port} ${changes}`)
      .sort()
      .join("\n");
  return text(one) === text(other);
}
