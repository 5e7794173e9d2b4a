/** Who claims a namespace, for many namespaces: found without asking every tenant. */

import type { CheckedPolicy, Tenant } from "./checked-policy.js";
import { isGlob, matchesGlob } from "./glob.js";

/** The function answers each question in time of the name's length, not of the number of tenants. */
export function namespaceOwners(policy: CheckedPolicy): (namespace: string) => Tenant | undefined {
  const names = new Map<string, Tenant>();
  const globsByHead = new Map<string, { readonly pattern: string; readonly tenant: Tenant }[]>();
  for (const tenant of policy.tenants.values())
    for (const pattern of tenant.namespaces) {
      if (!isGlob(pattern)) {
        names.set(pattern, tenant);
        continue;
      }
      const head = pattern.slice(0, pattern.indexOf("*"));
      const same = globsByHead.get(head);
      if (same === undefined) globsByHead.set(head, [{ pattern, tenant }]);
      else same.push({ pattern, tenant });
    }
  return (namespace) => {
    const named = names.get(namespace);
    if (named !== undefined) return named;
    for (let length = 0; length <= namespace.length; length++)
      for (const { pattern, tenant } of globsByHead.get(namespace.slice(0, length)) ?? [])
        if (matchesGlob(pattern, namespace)) return tenant;
    return undefined;
  };
}
