/** From the names that sentences use to what they stand for. */

import { allTraffic } from "../net/traffic.js";
import type { Name, SelectorReference, ServiceReference } from "../syntax/tree.js";
import type { NameKind } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import type { Selector, Service } from "./checked-policy.js";
import type { Definitions } from "./definitions.js";
import { nameOfBoth } from "./glob.js";
import type { Report } from "./report.js";
import { type FamilyTraffic, unite } from "./service-traffic.js";

/** What cannot be resolved is reported and undefined. */
export interface Names {
  readonly everyRail: readonly string[];
  readonly everyTenant: readonly string[];
  /** Groups are expanded; no selector twice; undefined if one of them is not defined. */
  selectors(references: readonly SelectorReference[]): readonly Selector[] | undefined;
  /** Ascending; every declared rail where none is named. */
  rails(names: readonly Name[] | undefined): readonly string[] | undefined;
  services(references: readonly ServiceReference[]): Services | undefined;
  tenantsOfGroup(name: Name): readonly string[] | undefined;
}

export interface Services {
  /** Ascending, no name twice. */
  readonly names: readonly string[];
  readonly traffic: FamilyTraffic;
}

// every suggestion is compared with every name: a file with more unknown names misses another file
const mostSuggestions = 100;

/** A service called so cannot be defined: it is a keyword. */
const all: FamilyTraffic = { 4: allTraffic, 6: allTraffic };

export function namesOf(
  definitions: Definitions,
  groups: ReadonlyMap<string, readonly string[]>,
  services: ReadonlyMap<string, Service>,
  report: Report,
  isLost: (name: string) => boolean,
): Names {
  const everyRail = [...definitions.rails.keys()].sort();
  const everyTenant = [...definitions.tenants.keys()].sort();
  const tenantSelectors = new Map<string, readonly Selector[]>(
    everyTenant.map((tenant) => [tenant, [{ kind: "tenant", tenant }]]),
  );
  const groupSelectors = new Map<string, readonly Selector[]>(
    [...groups].map(([name, tenants]) => [
      name,
      tenants.flatMap((tenant) => tenantSelectors.get(tenant) ?? []),
    ]),
  );
  let suggested = 0;
  // many rules name the same few services
  const united = new Map<string, FamilyTraffic>();

  const unknown = (
    kind: NameKind,
    { text, span }: Name,
    candidates: Iterable<string>,
    tenant?: string,
  ): undefined => {
    if (isLost(text)) return;
    const suggestion = suggested++ < mostSuggestions ? closestName(text, candidates) : undefined;
    report({
      code: "unknown-name",
      kind,
      name: text,
      span,
      ...(tenant !== undefined && { tenant }),
      ...(suggestion !== undefined && { suggestion }),
    });
  };

  const selectorsOf = (reference: SelectorReference): readonly Selector[] | undefined => {
    switch (reference.kind) {
      case "any":
        return [{ kind: "any" }];
      case "name": {
        const { name } = reference;
        const found = tenantSelectors.get(name.text) ?? groupSelectors.get(name.text);
        const candidates = () => [...everyTenant, ...groups.keys()];
        return found ?? unknown("tenant or group", name, candidates());
      }
      case "namespace":
        return namespaceSelector(reference.tenant, reference.namespace);
    }
  };

  const namespaceSelector = (tenant: Name, namespace: Name): readonly Selector[] | undefined => {
    const patterns = definitions.tenants.get(tenant.text)?.namespaces;
    if (patterns === undefined) return unknown("tenant", tenant, everyTenant);
    if (!patterns.some(({ text }) => nameOfBoth(text, namespace.text) !== undefined))
      return unknown(
        "namespace",
        namespace,
        patterns.map(({ text }) => text),
        tenant.text,
      );
    return [{ kind: "namespace", tenant: tenant.text, namespace: namespace.text }];
  };

  return {
    everyRail,
    everyTenant,
    selectors(references) {
      const found = references.map(selectorsOf);
      const known = found.filter((each) => each !== undefined);
      return known.length < found.length ? undefined : withoutRepeats(known.flat());
    },
    rails(names) {
      if (names === undefined) return everyRail;
      const missing = names.filter(({ text }) => !definitions.rails.has(text));
      for (const name of missing) unknown("rail", name, everyRail);
      return missing.length > 0 ? undefined : [...new Set(names.map(({ text }) => text))].sort();
    },
    services(references) {
      const found = references.map((reference) => {
        if (reference.kind === "all") return "all";
        const { name } = reference;
        return services.has(name.text) ? name.text : unknown("service", name, services.keys());
      });
      const known = found.filter((name) => name !== undefined);
      if (known.length < found.length) return undefined;
      const names = [...new Set(known)].sort();
      const key = names.join(",");
      const traffic = united.get(key) ?? unite(names.map((name) => services.get(name) ?? all));
      united.set(key, traffic);
      return { names, traffic };
    },
    tenantsOfGroup(name) {
      return groups.get(name.text) ?? unknown("group", name, groups.keys());
    },
  };
}

export function keyOfSelector(selector: Selector): string {
  switch (selector.kind) {
    case "any":
      return "any";
    case "tenant":
      return selector.tenant;
    case "namespace":
      return `${selector.tenant}/${selector.namespace}`;
  }
}

function withoutRepeats(selectors: readonly Selector[]): readonly Selector[] {
  if (selectors.length < 2) return selectors;
  return [...new Map(selectors.map((each) => [keyOfSelector(each), each])).values()];
}
