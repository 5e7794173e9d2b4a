/**
 * The same policy with other sentences in the place of some rules. They are parsed and checked as an author's are, so
 * advice that does not hold as a sentence cannot be given.
 */

import { checkRule } from "../../policy/check-rule.js";
import type { CheckedPolicy, Rule } from "../../policy/checked-policy.js";
import type { Definitions } from "../../policy/definitions.js";
import { namesOf } from "../../policy/names.js";
import { formatPolicy } from "../../syntax/format.js";
import { parsePolicy } from "../../syntax/parse.js";
import type { Name } from "../../syntax/tree.js";
import { type Diagnostic, severityOf } from "../../text/diagnostic.js";
import type { Span } from "../../text/source.js";

export interface RewrittenPolicy {
  readonly policy: CheckedPolicy;
  /** In the formatter's form. */
  readonly sentences: readonly string[];
}

/** Before every `until`: the policy was checked for its day already. */
const longAgo = "0001-01-01";

/** Undefined where the sentences are no policy: one that goes one way is none for RoCEv2. */
export function rewrittenPolicy(
  policy: CheckedPolicy,
  replaced: readonly Rule[],
  texts: readonly string[],
): RewrittenPolicy | undefined {
  const problems: Diagnostic[] = [];
  const report = (found: Diagnostic) => problems.push(found);
  const groups = new Map([...policy.groups].map(([name, { tenants }]) => [name, tenants] as const));
  const [first] = replaced;
  if (first === undefined) return undefined;
  const definitions = definitionsOf(policy, first.span);
  const names = namesOf(definitions, groups, policy.services, report, () => false);
  const sentences: string[] = [];
  const rules: Rule[] = [];
  for (const text of texts) {
    const parsed = parsePolicy({ name: "advice", text });
    problems.push(...parsed.diagnostics);
    sentences.push(formatPolicy(parsed).trimEnd());
    for (const sentence of parsed.tree.sentences) {
      if (sentence.kind !== "rule") return undefined;
      const traffic = (name: string) => policy.services.get(name);
      const checked = checkRule(sentence, names, traffic, longAgo, report);
      if (checked === undefined) return undefined;
      rules.push(checked);
    }
  }
  if (problems.some((one) => severityOf(one) === "error")) return undefined;
  const others = policy.rules.filter((one) => !replaced.includes(one));
  const isNew = ({ id }: Rule) => !others.some((other) => other.id === id);
  const all = [...others, ...rules.filter(isNew)].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { policy: { ...policy, rules: all }, sentences };
}

function definitionsOf({ rails, tenants, services }: CheckedPolicy, span: Span): Definitions {
  const nameOf = (text: string): Name => ({ text, span });
  return {
    rails: new Map(rails.map((text) => [text, nameOf(text)])),
    tenants: new Map(
      [...tenants].map(([text, { namespaces, networks }]) => [
        text,
        {
          kind: "tenant",
          name: nameOf(text),
          namespaces: namespaces.map(nameOf),
          networks: networks.map((prefix) => ({ prefix, span })),
          span,
        },
      ]),
    ),
    groups: new Map(),
    services: new Map(
      [...services.keys()].map((text) => [
        text,
        { kind: "service", name: nameOf(text), terms: [], span },
      ]),
    ),
  };
}
