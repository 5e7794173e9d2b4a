/**
 * The author's mistakes as data: a stable code, the exact place, and what the words need. The words are in
 * describe.ts; the check that finds a mistake writes no text.
 */

import type { InventoryFinding } from "./inventory-finding.js";
import type { Span } from "./source.js";

export type Diagnostic = Finding & Common;
export type DiagnosticCode = Finding["code"];
export type Severity = "error" | "warning";

interface Common {
  readonly span: Span;
  /** Other places that take part, perhaps in other files. */
  readonly labels?: readonly Label[];
}

export interface Label {
  readonly span: Span;
  readonly role: LabelRole;
}

export type LabelRole =
  | "first-here"
  | "same-name-here"
  | "claimed-here"
  | "overlaps-this"
  | "decided-by-this-rule"
  | "denied-by-this-rule"
  | "imported-here"
  | "opened-here"
  | "used-here"
  | "defined-here"
  | "costs-most"
  | "narrower-here"
  | "takes-out-here"
  | "only-answered-here";

export type Finding =
  | SyntaxFinding
  | ValueFinding
  | NameFinding
  | ImportFinding
  | TenantFinding
  | RuleFinding
  | TestFinding
  | CostFinding
  | InventoryFinding;

export type CostFinding =
  /** Labels `costs-most`, in the order of `rules`. */
  | {
      readonly code: "over-budget";
      readonly measure: "megaflows" | "masks";
      readonly node: string;
      /** Absent for a test, which is about all rails of its node. */
      readonly rail?: string;
      readonly needed: number;
      readonly atMost: number;
      /** Those that cost most, most first. */
      readonly rules: readonly { readonly text: string; readonly count: number }[];
    }
  | { readonly code: "unknown-test-node"; readonly node: string };

export type SyntaxFinding = SyntaxError | RepeatedClause;

interface SyntaxError {
  readonly code: "syntax-error";
  /** Empty at the end of the text. */
  readonly found: string;
  /** Descriptions from the grammar, such as `a tenant or group name`. */
  readonly expected: readonly string[];
  readonly slip?: Slip;
}

/** A mistake that is known by its form. Invariant: with `write` in place, the sentence was read again and fits. */
export type Slip =
  | { readonly kind: "arrow"; readonly wrote: string; readonly write: string }
  | { readonly kind: "missing-colon"; readonly write: string }
  | { readonly kind: "missing-service" }
  | { readonly kind: "unterminated-string" }
  | { readonly kind: "unclosed-brace" }
  | { readonly kind: "keyword-as-name"; readonly keyword: string; readonly write?: string }
  | { readonly kind: "port-without-protocol"; readonly port: string }
  | { readonly kind: "protocol-first"; readonly wrote: string; readonly write: string }
  | { readonly kind: "port-in-rule"; readonly wrote: string }
  | { readonly kind: "spare-comma" }
  | { readonly kind: "semicolon" }
  | { readonly kind: "missing-comma"; readonly write: string }
  | { readonly kind: "unquoted"; readonly write: string }
  | { readonly kind: "respelled"; readonly wrote: string; readonly write: string };

interface RepeatedClause {
  readonly code: "repeated-clause";
  /** `owner`, `on`, `megaflows`, … */
  readonly word: string;
}

export type ValueFinding =
  | { readonly code: "host-bits-set"; readonly wrote: string; readonly write: string }
  | { readonly code: "bad-prefix"; readonly wrote: string }
  | { readonly code: "bad-port"; readonly wrote: string }
  | { readonly code: "bad-icmp-number"; readonly wrote: string; readonly what: "type" | "code" }
  | { readonly code: "bad-date"; readonly wrote: string }
  | { readonly code: "bad-glob"; readonly wrote: string; readonly character: string }
  | { readonly code: "bad-number"; readonly wrote: string }
  | { readonly code: "reversed-range"; readonly wrote: string; readonly write: string };

export type NameKind = "tenant" | "group" | "service" | "rail" | "namespace" | "tenant or group";

export type NameFinding =
  | {
      readonly code: "unknown-name";
      readonly kind: NameKind;
      readonly name: string;
      /** The tenant whose namespaces were searched. */
      readonly tenant?: string;
      readonly suggestion?: string;
    }
  /** Label `first-here`. Tenants and groups share their names. */
  | { readonly code: "duplicate-definition"; readonly kind: NameKind; readonly name: string }
  /** From a group back to itself: `["a", "b", "a"]`. */
  | { readonly code: "group-cycle"; readonly path: readonly string[] };

export type ImportFinding =
  /** From a file back to itself, as the files are called. */
  | { readonly code: "import-cycle"; readonly path: readonly string[] }
  /** `reason` in the words of the system, such as `no such file or directory`. */
  | { readonly code: "missing-import"; readonly path: string; readonly reason?: string };

export type TenantFinding =
  /** Label `claimed-here`. `example` is a namespace that both globs match. */
  | {
      readonly code: "namespace-in-two-tenants";
      readonly namespace: string;
      readonly tenant: string;
      readonly otherTenant: string;
      readonly example?: string;
    }
  /** Label `overlaps-this`. */
  | {
      readonly code: "overlapping-networks";
      readonly network: string;
      readonly tenant: string;
      readonly otherNetwork: string;
      readonly otherTenant: string;
    }
  | {
      readonly code: "network-overlaps-subnet";
      readonly network: string;
      readonly tenant: string;
      readonly rail: string;
      readonly subnet: string;
    };

export type RuleFinding =
  | { readonly code: "one-way-roce"; readonly service: string }
  | { readonly code: "one-way-roce-all" }
  /** Label `narrower-here`, `takes-out-here` or `only-answered-here`. `pod` is an example of who may use both. */
  | { readonly code: "all-beside-narrower"; readonly pod: string }
  | { readonly code: "expired-rule"; readonly until: string; readonly today: string }
  | {
      readonly code: "expires-soon";
      readonly until: string;
      readonly today: string;
      readonly days: number;
    }
  | { readonly code: "not-offloadable"; readonly service: string; readonly feature: "sctp-port" };

export type TestFinding =
  | FailingTest
  /** An answer would not be exact: nothing is said rather than something untrue. */
  | { readonly code: "test-too-wide"; readonly title: string; readonly tenant: string };

/** Label `decided-by-this-rule` or `denied-by-this-rule`, unless no rule speaks of the connection. */
export interface FailingTest {
  readonly code: "failing-test";
  readonly title: string;
  readonly expected: "can" | "cannot";
  /** One connection that is otherwise than the test says. */
  readonly opener: string;
  readonly answerer: string;
  /** As `udp 4791`. */
  readonly traffic: string;
  readonly rail: string;
  readonly why: "no-rule-allows" | "a-rule-allows" | "a-rule-denies" | "another-reason";
  /** With `another-reason`: the reason that the test names, and the deciding rule's own, if any. */
  readonly expectedReason?: string;
  readonly reason?: string;
}

const severities: Record<DiagnosticCode, Severity> = {
  "syntax-error": "error",
  "repeated-clause": "error",
  "host-bits-set": "error",
  "bad-prefix": "error",
  "bad-port": "error",
  "bad-icmp-number": "error",
  "bad-date": "error",
  "bad-glob": "error",
  "bad-number": "error",
  "reversed-range": "error",
  "unknown-name": "error",
  "duplicate-definition": "error",
  "group-cycle": "error",
  "import-cycle": "error",
  "missing-import": "error",
  "namespace-in-two-tenants": "error",
  "overlapping-networks": "error",
  "network-overlaps-subnet": "error",
  "one-way-roce": "error",
  "one-way-roce-all": "warning",
  "all-beside-narrower": "warning",
  "expired-rule": "error",
  "expires-soon": "warning",
  "not-offloadable": "error",
  "failing-test": "error",
  "test-too-wide": "error",
  "over-budget": "error",
  "unknown-test-node": "error",
  "inventory-json": "error",
  "duplicate-key": "error",
  "inventory-shape": "error",
  "duplicate-address": "error",
  "duplicate-representor": "error",
  "duplicate-mac": "error",
  "address-outside-subnets": "error",
  "unknown-node": "error",
  "unknown-inventory-rail": "error",
  "endpoint-incomplete": "error",
  "unclaimed-namespace": "warning",
};

export const diagnosticCodes = Object.keys(severities) as readonly DiagnosticCode[];

export function severityOf(diagnostic: DiagnosticCode | Diagnostic): Severity {
  return severities[typeof diagnostic === "string" ? diagnostic : diagnostic.code];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => severityOf(diagnostic) === "error");
}
