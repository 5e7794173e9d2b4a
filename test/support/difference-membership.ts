/**
 * Whether a connection is in an entry of a difference, read as a person reads it: by the names of the policy whose
 * names it uses, address by address. Shares nothing with what made the entry.
 */

import { prefixHolds } from "../../src/net/prefix.js";
import { holdsTraffic } from "../../src/net/traffic.js";
import type { CheckedPolicy } from "../../src/policy/checked-policy.js";
import type { Connection } from "../../src/policy/connection.js";
import { matchesGlob } from "../../src/policy/glob.js";
import { type Identity, identify } from "../../src/policy/identity.js";
import type { Inventory } from "../../src/policy/inventory.js";
import type { PairTerms, ReachEntry } from "../../src/policy/reachability/entry.js";
import type { SideTerm } from "../../src/policy/reachability/side-term.js";
import type { TrafficTerm } from "../../src/policy/reachability/traffic-terms.js";

/** `policy` is the one whose names the entry uses: the new one for what is gained, the old one for what is lost. */
export function holdsConnection(
  entry: ReachEntry,
  policy: CheckedPolicy,
  inventory: Inventory,
  connection: Connection,
): boolean {
  const { rail, opener, answerer } = connection;
  const from = identify(policy, inventory, rail, opener);
  const to = identify(policy, inventory, rail, answerer);
  const isOf = (terms: readonly SideTerm[], identity: Identity, address: Connection["opener"]) =>
    terms.some((term) => isMeant(term, policy, identity, address));
  const isPair = ({ openers, way, answerers }: PairTerms) => {
    const there = isOf(openers, from, opener) && isOf(answerers, to, answerer);
    const back = isOf(openers, to, answerer) && isOf(answerers, from, opener);
    const alone = there && tenantOf(from) !== undefined && tenantOf(from) === tenantOf(to);
    return way === "each" ? alone : way === "<->" ? there || back : there;
  };
  const sides = isPair(entry) && !entry.except.some(isPair);
  const elsewhere = [from.stands, to.stands].find(
    (stands) => stands !== undefined && stands !== rail,
  );
  return (
    sides &&
    entry.rails.some((view) => view.rail === rail && view.other === (elsewhere ?? rail)) &&
    entry.services.some((term) => isSpoken(term, policy, connection))
  );
}

function tenantOf(identity: Identity): string | undefined {
  return identity.kind === "unknown" ? undefined : identity.tenant?.name;
}

function isMeant(
  term: SideTerm,
  policy: CheckedPolicy,
  identity: Identity,
  address: Connection["opener"],
): boolean {
  const tenant = tenantOf(identity);
  switch (term.kind) {
    case "any":
    case "every-tenant":
    case "no-tenant":
    case "group":
    case "tenant": {
      const isIn =
        term.kind === "any" ||
        (term.kind === "every-tenant" && tenant !== undefined) ||
        (term.kind === "no-tenant" && tenant === undefined) ||
        (term.kind === "tenant" && tenant === term.name) ||
        (term.kind === "group" &&
          tenant !== undefined &&
          policy.groups.get(term.name)?.tenants.includes(tenant) === true);
      return isIn && !term.except.some((each) => isMeant(each, policy, identity, address));
    }
    case "namespace": {
      if (identity.kind !== "endpoint" || tenant !== term.tenant) return false;
      const { namespace } = identity.endpoint;
      return (
        term.matches.every((pattern) => matchesGlob(pattern, namespace)) &&
        !term.except.some((pattern) => matchesGlob(pattern, namespace))
      );
    }
    case "network":
      return (
        identity.kind !== "endpoint" && tenant === term.tenant && prefixHolds(term.prefix, address)
      );
  }
}

function isSpoken(term: TrafficTerm, policy: CheckedPolicy, connection: Connection): boolean {
  const { protocol, selector, opener } = connection;
  const { family } = opener;
  const isRun = ({ first, last }: { first: number; last: number }) =>
    first <= selector && selector <= last;
  switch (term.kind) {
    case "all":
      return !term.except.some((each) => isSpoken(each, policy, connection));
    case "service": {
      const service = policy.services.get(term.name);
      return service !== undefined && holdsTraffic(service[family], protocol, selector);
    }
    case "ports":
      return (
        protocol === term.protocol &&
        isRun(term) &&
        (term.family === undefined || term.family === family)
      );
    case "icmp": {
      if (protocol !== (family === 4 ? 1 : 58)) return false;
      const [type, code] = [selector >> 8, selector & 0xff];
      if (term.type === undefined) return family === 4 || type < 133 || type > 137;
      const meant = icmpMessages[term.type]?.[family];
      return meant?.some(([t, c]) => t === type && (c === undefined || c === code)) === true;
    }
    case "messages":
      return term.family === family && protocol === (family === 4 ? 1 : 58) && isRun(term);
  }
}

/** RFC 7915, section 4.2, by hand. */
const icmpMessages: Record<
  string,
  Record<4 | 6, readonly (readonly [type: number, code?: number])[]>
> = {
  echo: { 4: [[8]], 6: [[128]] },
  unreachable: { 4: [[3]], 6: [[1], [2]] },
  "time-exceeded": { 4: [[11]], 6: [[3]] },
  "parameter-problem": { 4: [[12]], 6: [[4]] },
  "fragmentation-needed": { 4: [[3, 4]], 6: [[2]] },
};
