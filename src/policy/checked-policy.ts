/** A policy in which every name is resolved and every sentence checked: the only kind the compiler takes. */

import type { Prefix } from "../net/prefix.js";
import type { Traffic } from "../net/traffic.js";
import type { Span } from "../text/source.js";

export interface CheckedPolicy {
  /** Declared rails, in ascending order of name. */
  readonly rails: readonly string[];
  readonly tenants: ReadonlyMap<string, Tenant>;
  /** Only names for several tenants: rules and tests know them no more. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly services: ReadonlyMap<string, Service>;
  /** Ascending by id; a rule past its `until` is not among them. */
  readonly rules: readonly Rule[];
  readonly tests: readonly PolicyTest[];
  readonly budgets: readonly Budget[];
}

export interface Tenant {
  readonly name: string;
  /** Namespace names, each perhaps with `*` for any run of characters. */
  readonly namespaces: readonly string[];
  readonly networks: readonly Prefix[];
  readonly span: Span;
}

/** Groups in groups are expanded. */
export interface Group {
  readonly name: string;
  /** Ascending. */
  readonly tenants: readonly string[];
  readonly span: Span;
}

/** What a service means for each IP family: they differ in ICMP alone. */
export interface Service {
  readonly name: string;
  readonly 4: Traffic;
  readonly 6: Traffic;
  readonly span: Span;
}

/** Groups and lists are expanded. `namespace` may hold `*`; `any` is every address, known or not. */
export type Selector =
  | { readonly kind: "any" }
  | { readonly kind: "tenant"; readonly tenant: string }
  | { readonly kind: "namespace"; readonly tenant: string; readonly namespace: string };

/** One direction of a rule: what `opener` opens at `answerer`. */
export interface Clause {
  readonly opener: Selector;
  readonly answerer: Selector;
}

export interface Rule {
  /** Twelve hexadecimal digits: a hash of `text`, so it survives reformatting and moving. */
  readonly id: string;
  /** The sentence in canonical form: one line, single spaces, lists sorted, no comments. */
  readonly text: string;
  readonly effect: "allow" | "deny";
  /** `A <-> B` gives both directions, `each tenant <-> itself` one clause for each tenant. */
  readonly clauses: readonly Clause[];
  readonly services: readonly string[];
  readonly 4: Traffic;
  readonly 6: Traffic;
  /** Those after `on`, or every declared rail. */
  readonly rails: readonly string[];
  readonly acrossRails: boolean;
  readonly owner?: string;
  readonly because?: string;
  /** `YYYY-MM-DD`, the last day it holds. */
  readonly until?: string;
  readonly span: Span;
}

export interface PolicyTest {
  readonly title: string;
  readonly expectations: readonly Expectation[];
  readonly span: Span;
}

export type Expectation = ReachExpectation | CostExpectation;

export interface ReachExpectation {
  readonly kind: "reach";
  readonly openers: readonly Selector[];
  readonly answerers: readonly Selector[];
  readonly can: boolean;
  readonly services: readonly string[];
  readonly 4: Traffic;
  readonly 6: Traffic;
  readonly rails: readonly string[];
  readonly because?: string;
  readonly span: Span;
}

/** `megaflows on gpu-001 <= 200`: kept for the cost model, which evaluates it. */
export interface CostExpectation {
  readonly kind: "cost";
  readonly measure: "megaflows" | "masks";
  readonly node: string;
  readonly atMost: number;
  readonly span: Span;
}

export interface Budget {
  readonly megaflows?: number;
  readonly masks?: number;
  readonly span: Span;
}
