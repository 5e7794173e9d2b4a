/** Groups down to their tenants. */

import type { Name } from "../syntax/tree.js";
import { closestName } from "../text/edit-distance.js";
import type { Definitions } from "./definitions.js";
import type { Report } from "./report.js";

/** The tenants of every group, ascending. A member that closes a circle is reported and left out. */
export function expandGroups(
  definitions: Definitions,
  report: Report,
  isLost: (name: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const expanded = new Map<string, readonly string[]>();
  const path: string[] = [];

  const expand = (name: string): readonly string[] => {
    const known = expanded.get(name);
    if (known !== undefined) return known;
    path.push(name);
    const tenants = new Set<string>();
    for (const member of definitions.groups.get(name)?.members ?? [])
      for (const tenant of tenantsOf(member)) tenants.add(tenant);
    path.pop();
    const sorted = [...tenants].sort();
    expanded.set(name, sorted);
    return sorted;
  };

  const tenantsOf = (member: Name): readonly string[] => {
    const { text, span } = member;
    if (definitions.tenants.has(text)) return [text];
    if (!definitions.groups.has(text)) {
      if (isLost(text)) return [];
      const suggestion = closestName(text, possibleMembers(definitions, path));
      const kind = "tenant or group";
      report({ code: "unknown-name", kind, name: text, span, ...(suggestion && { suggestion }) });
      return [];
    }
    const start = path.indexOf(text);
    if (start < 0) return expand(text);
    report({ code: "group-cycle", path: [...path.slice(start), text], span });
    return [];
  };

  for (const name of [...definitions.groups.keys()].sort()) expand(name);
  return expanded;
}

/** Names that a member may have without closing a circle at once. */
function possibleMembers(definitions: Definitions, path: readonly string[]): string[] {
  return [...definitions.tenants.keys(), ...definitions.groups.keys()].filter(
    (name) => !path.includes(name),
  );
}
