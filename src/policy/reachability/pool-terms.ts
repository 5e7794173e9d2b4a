/** Words for a part of what one tenant has, or of what none has. */

import { addressSetOf, prefixesOf, uniteAddresses } from "../../net/address-set.js";
import { nameOfBoth } from "../glob.js";
import type { Atom, NetworkAtom, PodAtom } from "./atom.js";
import { costOf, type SideTerm } from "./side-term.js";

type NamespaceTerm = Extract<SideTerm, { kind: "namespace" }>;

/** `inside` are some of `pool`, which is all that the tenant has. */
export function poolTerms(
  tenant: string | undefined,
  pool: readonly Atom[],
  inside: readonly Atom[],
): SideTerm[] {
  const whole: SideTerm =
    tenant === undefined
      ? { kind: "no-tenant", except: [] }
      : { kind: "tenant", name: tenant, except: [] };
  if (inside.length === pool.length) return [whole];
  const held = new Set(inside);
  const outside = pool.filter((atom) => !held.has(atom));
  const without: SideTerm = { ...whole, except: partTerms(tenant, pool, outside) };
  // strangers have no name but that they are nobody's
  if (inside.some(({ kind }) => kind === "stranger")) return [without];
  const terms = partTerms(tenant, pool, inside);
  if (outside.some(({ kind }) => kind === "stranger")) return terms;
  return costOf([without]) <= costOf(terms) ? [without] : terms;
}

function partTerms(
  tenant: string | undefined,
  pool: readonly Atom[],
  part: readonly Atom[],
): SideTerm[] {
  const owner = tenant === undefined ? {} : { tenant };
  const pods = namespaceTerms(pool.filter(isPods), part.filter(isPods));
  const networks = part.filter(isNetwork);
  const prefixes = ([4, 6] as const).flatMap((family) =>
    prefixesOf(
      uniteAddresses(
        addressSetOf(family, []),
        ...networks.map(({ addresses }) => addresses[family]),
      ),
    ),
  );
  return [
    ...pods.map((term): SideTerm => ({ ...owner, ...term })),
    ...prefixes.map((prefix): SideTerm => ({ kind: "network", ...owner, prefix })),
  ];
}

/** Patterns, as few as come to mind: widest first; then patterns without some others; then class by class. */
function namespaceTerms(pool: readonly PodAtom[], part: readonly PodAtom[]): NamespaceTerm[] {
  const terms: NamespaceTerm[] = [];
  const left = new Set(part);
  const held = new Set(part);
  const extents = new Map<string, PodAtom[]>();
  for (const atom of pool)
    for (const pattern of atom.matched) {
      const known = extents.get(pattern);
      if (known === undefined) extents.set(pattern, [atom]);
      else known.push(atom);
    }
  const countLeft = (atoms: readonly PodAtom[]) => atoms.filter((atom) => left.has(atom)).length;
  while (left.size > 0) {
    const candidates: { readonly term: NamespaceTerm; readonly atoms: readonly PodAtom[] }[] = [];
    for (const [pattern, extent] of extents) {
      if (countLeft(extent) === 0) continue;
      const holes = extent.filter((atom) => !held.has(atom));
      const except = patternsOver(holes, extent, held, extents);
      if (except === undefined) continue;
      const atoms = extent.filter((atom) => held.has(atom));
      candidates.push({ term: { kind: "namespace", matches: [pattern], except }, atoms });
    }
    const gain = ({ term, atoms }: (typeof candidates)[number]) =>
      countLeft(atoms) / (1 + term.except.length);
    const best = candidates.toSorted((one, other) => gain(other) - gain(one))[0] ?? {
      ...classTerm([...left][0] as PodAtom),
    };
    terms.push(best.term);
    for (const atom of best.atoms) left.delete(atom);
  }
  return terms;
}

/** Patterns that together hold the holes of an extent and nothing else of it. */
function patternsOver(
  holes: readonly PodAtom[],
  extent: readonly PodAtom[],
  held: ReadonlySet<PodAtom>,
  extents: ReadonlyMap<string, readonly PodAtom[]>,
): string[] | undefined {
  const within = new Set(extent);
  const patterns: string[] = [];
  const left = new Set(holes);
  while (left.size > 0) {
    let best: { pattern: string; count: number } | undefined;
    for (const [pattern, atoms] of extents) {
      if (atoms.some((atom) => within.has(atom) && held.has(atom))) continue;
      const count = atoms.filter((atom) => left.has(atom)).length;
      if (count > (best?.count ?? 0)) best = { pattern, count };
    }
    if (best === undefined) return undefined;
    patterns.push(best.pattern);
    for (const atom of extents.get(best.pattern) ?? []) left.delete(atom);
  }
  return patterns;
}

/** What the atom is by definition. */
function classTerm(atom: PodAtom): { term: NamespaceTerm; atoms: PodAtom[] } {
  const matches = [...atom.matched];
  const except = atom.unmatched.filter((pattern) =>
    matches.every((each) => nameOfBoth(each, pattern) !== undefined),
  );
  return { term: { kind: "namespace", matches, except }, atoms: [atom] };
}

function isPods(atom: Atom): atom is PodAtom {
  return atom.kind === "pods";
}

function isNetwork(atom: Atom): atom is NetworkAtom {
  return atom.kind === "network";
}
