/**
 * What a policy file says, as written: names are not resolved. Numbers, prefixes, dates and globs are read and
 * valid; one that was not is reported by the parser and left out. Every span covers exactly its own words.
 */

import type { Prefix } from "../net/prefix.js";
import type { Source, Span } from "../text/source.js";

export interface PolicyTree {
  readonly source: Source;
  /** In the order of the file, which means nothing. A sentence that cannot be read is not among them. */
  readonly sentences: readonly Sentence[];
  /**
   * Names that a sentence which could not be read seems to define; `every` name where a `use` could not be
   * followed. Their use is no second mistake.
   */
  readonly lost?: ReadonlySet<string> | "every";
}

export type Sentence =
  | UseSentence
  | RailSentence
  | TenantSentence
  | GroupSentence
  | ServiceSentence
  | RuleSentence
  | TestSentence
  | BudgetSentence;

/** A word of the author. `text` is without the quotes, if any; the span is with them. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** `use "services.policy"` */
export interface UseSentence {
  readonly kind: "use";
  /** Relative to the folder of the file that says it, with `/`. */
  readonly path: Name;
  readonly span: Span;
}

/** `rail pf1, pf2` */
export interface RailSentence {
  readonly kind: "rail";
  readonly names: readonly Name[];
  readonly span: Span;
}

/** `tenant search { namespace search-train, speech-*  network 10.200.0.0/16 }` */
export interface TenantSentence {
  readonly kind: "tenant";
  readonly name: Name;
  /** Each perhaps with `*` for any run of characters. */
  readonly namespaces: readonly Name[];
  readonly networks: readonly Network[];
  readonly span: Span;
}

export interface Network {
  readonly prefix: Prefix;
  readonly span: Span;
}

/** `group research = search, speech`: members are tenants or groups. */
export interface GroupSentence {
  readonly kind: "group";
  readonly name: Name;
  readonly members: readonly Name[];
  readonly span: Span;
}

/** `service nfs = 2049/tcp, 20048/tcp` */
export interface ServiceSentence {
  readonly kind: "service";
  readonly name: Name;
  readonly terms: readonly ServiceTerm[];
  readonly span: Span;
}

export type ServiceTerm = PortTerm | IcmpTerm;

/** `4791/udp` (first = last) or `50000-51000/tcp` */
export interface PortTerm {
  readonly kind: "ports";
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly first: number;
  readonly last: number;
  readonly span: Span;
}

/** `icmp` (every type), `icmp echo`, `icmp 3`, `icmp 3/4`. Numbers are those of ICMP for IPv4. */
export interface IcmpTerm {
  readonly kind: "icmp";
  readonly type?: IcmpTypeName | number;
  /** Only after a number. */
  readonly code?: number;
  readonly span: Span;
}

export type IcmpTypeName =
  | "echo"
  | "unreachable"
  | "fragmentation-needed"
  | "time-exceeded"
  | "parameter-problem";

/** `allow research -> storage : nfs on pf1 across rails owner "…" because "…" until 2027-03-31` */
export interface RuleSentence {
  readonly kind: "rule";
  readonly effect: "allow" | "deny";
  readonly sides: RuleSides;
  readonly services: readonly ServiceReference[];
  /** Absent or at least one. */
  readonly rails?: readonly Name[];
  readonly acrossRails: boolean;
  readonly owner?: Name;
  readonly because?: Name;
  /** `YYYY-MM-DD`, a day that exists. */
  readonly until?: Name;
  readonly span: Span;
}

export type RuleSides = PairSides | EachSides;

export interface PairSides {
  readonly kind: "pair";
  readonly openers: readonly SelectorReference[];
  /** `<->` */
  readonly bothWays: boolean;
  readonly answerers: readonly SelectorReference[];
  readonly span: Span;
}

/** `each tenant <-> itself`; with `group`, `each GROUP <-> itself`: once for each tenant of that group. */
export interface EachSides {
  readonly kind: "each";
  readonly group?: Name;
  readonly span: Span;
}

export type SelectorReference =
  | { readonly kind: "any"; readonly span: Span }
  /** A tenant or a group. */
  | { readonly kind: "name"; readonly name: Name; readonly span: Span }
  /** `TENANT/NAMESPACE`, the namespace perhaps with `*`. */
  | {
      readonly kind: "namespace";
      readonly tenant: Name;
      readonly namespace: Name;
      readonly span: Span;
    };

export type ServiceReference =
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "service"; readonly name: Name; readonly span: Span };

/** `test "tenants are apart" { … }` */
export interface TestSentence {
  readonly kind: "test";
  readonly title: Name;
  readonly expectations: readonly ExpectationTree[];
  readonly span: Span;
}

export type ExpectationTree = ReachTree | CostTree;

/** `search cannot reach speech with roce on pf2 because "…"` */
export interface ReachTree {
  readonly kind: "reach";
  readonly openers: readonly SelectorReference[];
  readonly can: boolean;
  readonly answerers: readonly SelectorReference[];
  readonly services: readonly ServiceReference[];
  readonly rails?: readonly Name[];
  readonly because?: Name;
  readonly span: Span;
}

/** `megaflows on gpu-001 <= 200` */
export interface CostTree {
  readonly kind: "cost";
  readonly measure: "megaflows" | "masks";
  readonly node: Name;
  readonly atMost: number;
  readonly span: Span;
}

/** `budget { megaflows 4000  masks 24 }`: at least one of the two. */
export interface BudgetSentence {
  readonly kind: "budget";
  readonly megaflows?: number;
  readonly masks?: number;
  readonly span: Span;
}
