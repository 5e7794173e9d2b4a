/** From Ohm's nodes to the tree. Spans count from the start of the sentence; place.ts moves them. */

import type { Node } from "ohm-js";
import type { Diagnostic } from "../text/diagnostic.js";
import type { Span } from "../text/source.js";
import { matchRule, operation } from "./grammar.js";
import { collect, isRepeated, itemsOf, keep, nameOf, report, spanOf } from "./nodes.js";
import { clausesOf, selectorOf, serviceOf, sidesOf } from "./read-rule.js";
import {
  type Reading,
  readGlob,
  readIcmpNumber,
  readNetwork,
  readNumber,
  readPorts,
} from "./read-value.js";
import type {
  ExpectationTree,
  IcmpTypeName,
  Name,
  Network,
  ReachTree,
  RuleSentence,
  Sentence,
  ServiceTerm,
} from "./tree.js";

export interface SentenceReading {
  readonly sentence: Sentence;
  readonly findings: readonly Diagnostic[];
}

/** Undefined: the text does not match the rule. */
export function readSentence(text: string, rule: string): SentenceReading | undefined {
  const node = matchRule(text, rule);
  if (node === undefined) return undefined;
  const { value, findings } = collect(() => sentenceOf(node));
  return { sentence: value, findings };
}

const sentenceOf = operation<Sentence>("sentence", {
  Use(_use, path) {
    return { kind: "use", path: nameOf(path), span: spanOf(this) };
  },
  Rail(_rail, names) {
    return { kind: "rail", names: itemsOf(names).map(nameOf), span: spanOf(this) };
  },
  Tenant(_tenant, name, _open, members, _close) {
    const namespaces: Name[] = [];
    const networks: Network[] = [];
    for (const member of members.children) {
      const [kind, items] = membersOf(member);
      for (const item of items) {
        if (kind === "namespace") keep(namespaces, readGlob(nameOf(item)));
        else keep(networks, readNetwork(item.sourceString, spanOf(item)));
      }
    }
    return { kind: "tenant", name: nameOf(name), namespaces, networks, span: spanOf(this) };
  },
  Group(_group, name, _is, members) {
    const span = spanOf(this);
    return { kind: "group", name: nameOf(name), members: itemsOf(members).map(nameOf), span };
  },
  Service(_service, name, _is, list) {
    const terms: ServiceTerm[] = [];
    for (const term of itemsOf(list)) keep(terms, termOf(term));
    return { kind: "service", name: nameOf(name), terms, span: spanOf(this) };
  },
  Rule(effect, sides, _colon, services, clauses) {
    return {
      kind: "rule",
      effect: effect.sourceString === "allow" ? "allow" : "deny",
      sides: sidesOf(sides),
      services: itemsOf(services).map(serviceOf),
      ...clausesOf(clauses),
      span: spanOf(this),
    };
  },
  Test(_test, title, _open, expectations, _close) {
    const span = spanOf(this);
    const list = expectations.children.map(expectationOf);
    return { kind: "test", title: nameOf(title), expectations: list, span };
  },
  Budget(_budget, _open, members, _close) {
    const said: { megaflows?: number; masks?: number } = {};
    const seen = new Map<string, Span>();
    for (const member of members.children) {
      const [measure, number] = measureOf(member);
      if (isRepeated(seen, measure, member)) continue;
      const value = report(readNumber(number.sourceString, spanOf(number)));
      if (value !== undefined) said[measure] = value;
    }
    return { kind: "budget", ...said, span: spanOf(this) };
  },
});

const membersOf = operation<readonly ["namespace" | "network", readonly Node[]]>("members", {
  TenantMember_namespace: (_word, list) => ["namespace", itemsOf(list)],
  TenantMember_network: (_word, list) => ["network", itemsOf(list)],
});

const measureOf = operation<readonly ["megaflows" | "masks", Node]>("measure", {
  BudgetMember: (word, number) => [word.sourceString === "masks" ? "masks" : "megaflows", number],
});

const termOf = operation<Reading<ServiceTerm>>("term", {
  ports(_first, _dash, _last, _slash, _protocol) {
    return readPorts(this.sourceString, spanOf(this));
  },
  Icmp(_word, types) {
    const type = types.children[0];
    const span = spanOf(this);
    return type === undefined ? { value: { kind: "icmp", span } } : icmpTypeOf(type)(span);
  },
});

const icmpTypeOf = operation<(span: Span) => Reading<ServiceTerm>>("icmpType", {
  icmpType_name(name) {
    return (span) => ({
      value: { kind: "icmp", type: name.sourceString as IcmpTypeName, span },
    });
  },
  icmpType_number(digits) {
    return (span) => readIcmpNumber(digits.sourceString, undefined, spanOf(digits), span);
  },
  icmpType_code(digits, _slash, code) {
    return (span) => readIcmpNumber(digits.sourceString, code.sourceString, spanOf(this), span);
  },
});

const expectationOf = operation<ExpectationTree>("expectation", {
  Cost(measure, _on, node, _atMost, number) {
    return {
      kind: "cost",
      measure: measure.sourceString === "masks" ? "masks" : "megaflows",
      node: nameOf(node),
      atMost: report(readNumber(number.sourceString, spanOf(number))) ?? 0,
      span: spanOf(this),
    };
  },
  Reach(openers, can, _reach, answerers, _with, services, clauses) {
    const said: Pick<RuleSentence, "rails" | "because"> = clausesOf(clauses);
    const reach: ReachTree = {
      kind: "reach",
      openers: itemsOf(openers).map(selectorOf),
      can: can.sourceString === "can",
      answerers: itemsOf(answerers).map(selectorOf),
      services: itemsOf(services).map(serviceOf),
      ...(said.rails !== undefined && { rails: said.rails }),
      ...(said.because !== undefined && { because: said.because }),
      span: spanOf(this),
    };
    return reach;
  },
});
