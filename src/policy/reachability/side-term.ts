/** One name for a set of addresses, as a policy would say it. */

import { type Prefix, printPrefix } from "../../net/prefix.js";

/** Each means what it means in the policy whose names are used. */
export type SideTerm =
  | { readonly kind: "any"; readonly except: readonly SideTerm[] }
  /** Whatever some tenant of the policy has. */
  | { readonly kind: "every-tenant"; readonly except: readonly SideTerm[] }
  /** Whatever no tenant of the policy has. */
  | { readonly kind: "no-tenant"; readonly except: readonly SideTerm[] }
  | { readonly kind: "group"; readonly name: string; readonly except: readonly SideTerm[] }
  | { readonly kind: "tenant"; readonly name: string; readonly except: readonly SideTerm[] }
  /** Pods of the tenant (of none, where it is absent) whose namespace matches all of these and none of those. */
  | {
      readonly kind: "namespace";
      readonly tenant?: string;
      readonly matches: readonly string[];
      readonly except: readonly string[];
    }
  /** Addresses that the tenant (none, where it is absent) has as a network. */
  | { readonly kind: "network"; readonly tenant?: string; readonly prefix: Prefix };

/** How long a reader takes. */
export function costOf(terms: readonly SideTerm[]): number {
  return terms.reduce((sum, term) => {
    if (term.kind === "network") return sum + 1;
    if (term.kind === "namespace") return sum + term.matches.length + term.except.length;
    return sum + 1 + costOf(term.except);
  }, 0);
}

/** Equal terms have equal keys. */
export function keyOfTerm(term: SideTerm): string {
  switch (term.kind) {
    case "any":
    case "every-tenant":
    case "no-tenant":
      return `${term.kind} ${term.except.map(keyOfTerm).join("; ")}`;
    case "group":
    case "tenant":
      return `${term.name} ${term.kind} ${term.except.map(keyOfTerm).join("; ")}`;
    case "namespace":
      return `${term.tenant ?? ""} / ${term.matches.join("&")} - ${term.except.join(",")}`;
    case "network":
      return `${term.tenant ?? ""} network ${printPrefix(term.prefix)}`;
  }
}
