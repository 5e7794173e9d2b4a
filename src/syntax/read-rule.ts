/** From Ohm's nodes to the parts of rules and expectations. */

import type { Node } from "ohm-js";
import type { Span } from "../text/source.js";
import { operation } from "./grammar.js";
import { found, isRepeated, itemsOf, nameOf, report, spanOf } from "./nodes.js";
import { isDay, readGlob } from "./read-value.js";
import type {
  EachSides,
  PairSides,
  RuleSentence,
  SelectorReference,
  ServiceReference,
} from "./tree.js";

export const sidesOf: (node: Node) => PairSides | EachSides = operation<PairSides | EachSides>(
  "sides",
  {
    Sides_each(_each, of, _arrow, _itself) {
      const span = spanOf(this);
      const isTenant = of.sourceString === "tenant";
      return isTenant ? { kind: "each", span } : { kind: "each", group: nameOf(of), span };
    },
    Sides_pair(openers, arrow, answerers) {
      return {
        kind: "pair",
        openers: itemsOf(openers).map(selectorOf),
        bothWays: arrow.sourceString === "<->",
        answerers: itemsOf(answerers).map(selectorOf),
        span: spanOf(this),
      };
    },
  },
);

export const selectorOf: (node: Node) => SelectorReference = operation<SelectorReference>(
  "selector",
  {
    selector_any(_any) {
      return { kind: "any", span: spanOf(this) };
    },
    selector_name(name) {
      return { kind: "name", name: nameOf(name), span: spanOf(this) };
    },
    selector_namespace(tenant, _slash, glob) {
      const namespace = nameOf(glob);
      report(readGlob(namespace));
      return { kind: "namespace", tenant: nameOf(tenant), namespace, span: spanOf(this) };
    },
  },
);

export const serviceOf: (node: Node) => ServiceReference = operation<ServiceReference>("service", {
  service_all(_all) {
    return { kind: "all", span: spanOf(this) };
  },
  service_name(name) {
    return { kind: "service", name: nameOf(name), span: spanOf(this) };
  },
});

type Clauses = Pick<RuleSentence, "rails" | "acrossRails" | "owner" | "because" | "until">;

const clauseOf = operation<Partial<Clauses>>("clause", {
  RuleClause_on: (_on, rails) => ({ rails: itemsOf(rails).map(nameOf) }),
  RuleClause_across: (_across, _rails) => ({ acrossRails: true }),
  RuleClause_owner: (_owner, text) => ({ owner: nameOf(text) }),
  RuleClause_because: (_because, text) => ({ because: nameOf(text) }),
  RuleClause_until: (_until, day) => {
    const until = nameOf(day);
    if (isDay(until.text)) return { until };
    found({ code: "bad-date", wrote: until.text, span: until.span });
    return {};
  },
  ReachClause_on: (_on, rails) => ({ rails: itemsOf(rails).map(nameOf) }),
  ReachClause_because: (_because, text) => ({ because: nameOf(text) }),
});

export function clausesOf(clauses: Node): Clauses {
  let said: Clauses = { acrossRails: false };
  const seen = new Map<string, Span>();
  for (const clause of clauses.children) {
    const word = /^[a-z]+/.exec(clause.sourceString)?.[0] ?? "";
    if (!isRepeated(seen, word, clause)) said = { ...said, ...clauseOf(clause) };
  }
  return said;
}
