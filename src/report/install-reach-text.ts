/** What an install opens and closes, a line for each answerer, services and rail: openers of one kind stand together. */

import type { Family } from "../net/address.js";
import { printPrefix } from "../net/prefix.js";
import { noTraffic } from "../net/traffic.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import { trafficTerms } from "../policy/reachability/traffic-terms.js";
import type { ReachChange, ReachedSide } from "../verify/install-reach/reach-change.js";
import { describeTraffic } from "./difference-words.js";

export interface ReachLine {
  readonly way: ReachChange["way"];
  /** `search/search-train -> storage : nfs`, and the IP family where it is of one alone. */
  readonly text: string;
}

/** Of one rail. What IPv4 and IPv6 share is said once. */
export function reachLines(
  changes: readonly ReachChange[],
  policy: CheckedPolicy,
  rail: string,
): ReachLine[] {
  const families = new Map<string, { change: ReachChange; spoken: Set<Family> }>();
  for (const change of changes) {
    const key = [
      change.way,
      describeReached(change.opener, rail),
      describeReached(change.answerer, rail),
      servicesOf(change, policy),
    ].join("\n");
    const known = families.get(key);
    if (known === undefined) families.set(key, { change, spoken: new Set([change.family]) });
    else known.spoken.add(change.family);
  }
  const openers = new Map<string, Set<string>>();
  for (const [key, { spoken }] of families) {
    const [way = "", opener = "", answerer = "", services = ""] = key.split("\n");
    const [only, ...others] = spoken;
    const suffix = others.length > 0 ? "" : ` over IPv${only}`;
    const place = [way, answerer, `${services}${suffix}`].join("\n");
    openers.set(place, (openers.get(place) ?? new Set()).add(opener));
  }
  // the same openers with several answerers: one line
  const answerers = new Map<string, Set<string>>();
  for (const [place, some] of openers) {
    const [way = "", answerer = "", services = ""] = place.split("\n");
    const key = [way, [...some].sort().join(", "), services].join("\n");
    answerers.set(key, (answerers.get(key) ?? new Set()).add(answerer));
  }
  return [...answerers]
    .map(([key, some]): ReachLine => {
      const [way = "", from = "", services = ""] = key.split("\n");
      const text = `${from} -> ${[...some].sort().join(", ")} : ${services}`;
      return { way: way === "opens" ? "opens" : "closes", text };
    })
    .sort((one, other) =>
      one.way === other.way ? (one.text < other.text ? -1 : 1) : one.way === "opens" ? -1 : 1,
    );
}

/** Many prefixes say nothing to a reader. */
const mostPrefixes = 4;

function describeReached(side: ReachedSide, rail: string): string {
  const { tenant, namespace, stands, addresses } = side;
  const elsewhere = stands === undefined || stands === rail ? "" : ` on ${stands}`;
  const owner = namespace === undefined ? tenant : `${tenant ?? "-"}/${namespace}`;
  const name = `${owner ?? "addresses of no tenant"}${elsewhere}`;
  if (addresses === undefined) return name;
  const shown = addresses.slice(0, mostPrefixes).map(printPrefix).join(", ");
  const more = addresses.length - mostPrefixes;
  return `${name} (only ${shown}${more > 0 ? ` and ${more} more prefixes` : ""})`;
}

function servicesOf({ family, traffic }: ReachChange, policy: CheckedPolicy): string {
  const both = { 4: noTraffic, 6: noTraffic, [family]: traffic };
  return trafficTerms(policy, both, new Set([family]))
    .map(describeTraffic)
    .join(", ");
}
