/** The canonical text of a rule, and the identity that follows from it. */

import { createHash } from "node:crypto";
import type { RuleSentence, SelectorReference } from "../syntax/tree.js";

/**
 * One line, single spaces, lists sorted and without repeats, the smaller side of `<->` first. Names stay as written:
 * a group that gains a member, or a service a port, leaves the rule the same rule.
 */
export function canonicalText(rule: RuleSentence): string {
  const services = rule.services.map((each) => (each.kind === "all" ? "all" : each.name.text));
  return [
    rule.effect,
    sidesText(rule),
    ":",
    listOf(services),
    ...(rule.rails === undefined ? [] : ["on", listOf(rule.rails.map(({ text }) => text))]),
    ...(rule.acrossRails ? ["across rails"] : []),
    ...(rule.owner === undefined ? [] : ["owner", `"${rule.owner.text}"`]),
    ...(rule.because === undefined ? [] : ["because", `"${rule.because.text}"`]),
    ...(rule.until === undefined ? [] : ["until", rule.until.text]),
  ].join(" ");
}

/** Twelve hexadecimal digits: among 20,000 rules two share an identity once in a million policies. */
export function idOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function sidesText({ sides }: RuleSentence): string {
  if (sides.kind === "each") return `each ${sides.group?.text ?? "tenant"} <-> itself`;
  const openers = listOf(sides.openers.map(selectorText));
  const answerers = listOf(sides.answerers.map(selectorText));
  if (!sides.bothWays) return `${openers} -> ${answerers}`;
  return [openers, answerers].sort().join(" <-> ");
}

function selectorText(selector: SelectorReference): string {
  switch (selector.kind) {
    case "any":
      return "any";
    case "name":
      return selector.name.text;
    case "namespace":
      return `${selector.tenant.text}/${selector.namespace.text}`;
  }
}

function listOf(words: readonly string[]): string {
  return [...new Set(words)].sort().join(", ");
}
