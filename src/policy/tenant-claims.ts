/** A namespace belongs to one tenant, and so does an address. */

import { firstOf, lastOf, type Prefix, printPrefix } from "../net/prefix.js";
import type { TenantSentence } from "../syntax/tree.js";
import type { Span } from "../text/source.js";
import { isGlob, nameOfBoth } from "./glob.js";
import { compareSpans, type Report } from "./report.js";

interface NamespaceClaim {
  readonly tenant: string;
  readonly pattern: string;
  readonly span: Span;
}

/** Each pattern is held against those only whose letters before the first `*` can begin its own. */
export function checkNamespaceClaims(tenants: Iterable<TenantSentence>, report: Report): void {
  const claims: NamespaceClaim[] = [...tenants].flatMap((sentence) =>
    sentence.namespaces.map(({ text, span }) => ({
      tenant: sentence.name.text,
      pattern: text,
      span,
    })),
  );
  const byHead = new Map<string, NamespaceClaim[]>();
  for (const claim of claims) {
    const head = headOf(claim.pattern);
    const same = byHead.get(head);
    if (same === undefined) byHead.set(head, [claim]);
    else same.push(claim);
  }
  for (const claim of claims) {
    const other = rivalOf(claim, byHead);
    if (other !== undefined) reportClaims(claim, other, report);
  }
}

/** The first claim of another tenant that shares a namespace, and has the shorter or the earlier pattern. */
function rivalOf(
  claim: NamespaceClaim,
  byHead: ReadonlyMap<string, readonly NamespaceClaim[]>,
): NamespaceClaim | undefined {
  const head = headOf(claim.pattern);
  for (let length = 0; length <= head.length; length++)
    for (const other of byHead.get(head.slice(0, length)) ?? []) {
      if (other.tenant === claim.tenant) continue;
      if (length === head.length && compareSpans(other.span, claim.span) > 0) continue;
      if (nameOfBoth(claim.pattern, other.pattern) !== undefined) return other;
    }
  return undefined;
}

/** The later place is the mistake, the earlier one the label. */
function reportClaims(one: NamespaceClaim, other: NamespaceClaim, report: Report): void {
  const [first, second] = compareSpans(one.span, other.span) < 0 ? [one, other] : [other, one];
  const example = nameOfBoth(first.pattern, second.pattern);
  report({
    code: "namespace-in-two-tenants",
    namespace: second.pattern,
    tenant: second.tenant,
    otherTenant: first.tenant,
    ...(first.pattern !== second.pattern && example !== undefined && { example }),
    span: second.span,
    labels: [{ span: first.span, role: "claimed-here" }],
  });
}

function headOf(pattern: string): string {
  return isGlob(pattern) ? pattern.slice(0, pattern.indexOf("*")) : pattern;
}

interface NetworkClaim {
  readonly tenant: string;
  readonly prefix: Prefix;
  readonly span: Span;
}

/** Prefixes nest or are apart: in ascending order, those around the current one stand on a stack. */
export function checkNetworkClaims(tenants: Iterable<TenantSentence>, report: Report): void {
  const claims: NetworkClaim[] = [...tenants].flatMap((sentence) =>
    sentence.networks.map(({ prefix, span }) => ({ tenant: sentence.name.text, prefix, span })),
  );
  claims.sort(
    (a, b) =>
      a.prefix.family - b.prefix.family ||
      compareNumbers(firstOf(a.prefix), firstOf(b.prefix)) ||
      a.prefix.length - b.prefix.length ||
      compareSpans(a.span, b.span),
  );
  const around: NetworkClaim[] = [];
  for (const claim of claims) {
    while (around.length > 0 && !isInside(claim, around.at(-1) as NetworkClaim)) around.pop();
    const other = around.findLast(({ tenant }) => tenant !== claim.tenant);
    if (other !== undefined) reportOverlap(claim, other, report);
    around.push(claim);
  }
}

function reportOverlap(one: NetworkClaim, other: NetworkClaim, report: Report): void {
  const [first, second] = compareSpans(one.span, other.span) < 0 ? [one, other] : [other, one];
  report({
    code: "overlapping-networks",
    network: printPrefix(second.prefix),
    tenant: second.tenant,
    otherNetwork: printPrefix(first.prefix),
    otherTenant: first.tenant,
    span: second.span,
    labels: [{ span: first.span, role: "overlaps-this" }],
  });
}

function isInside(claim: NetworkClaim, other: NetworkClaim): boolean {
  return (
    claim.prefix.family === other.prefix.family && lastOf(claim.prefix) <= lastOf(other.prefix)
  );
}

function compareNumbers(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
