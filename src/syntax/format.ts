/** A file in one form: one sentence a line, comments kept where they stand. */

import { type Span, underlined } from "../text/source.js";
import type { ParsedPolicy } from "./parse.js";
import type { ExpectationTree, Name, RuleSentence, Sentence, TenantSentence } from "./tree.js";

const longestLine = 100;

/**
 * The text in its form; parsed again it gives the same sentences, and formatted again itself. A file with
 * diagnostics comes back as it is, and so does a sentence with a comment inside.
 */
export function formatPolicy({ tree, diagnostics }: ParsedPolicy): string {
  const { text } = tree.source;
  if (diagnostics.length > 0) return text;
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  let written = "";
  let end = start;
  for (const sentence of tree.sentences) {
    written += between(text.slice(end, sentence.span.start), written === "");
    written += printSentence(sentence);
    end = sentence.span.end;
  }
  return `${written}${between(text.slice(end), written === "")}`.trimEnd().concat("\n");
}

/** What stands between two sentences: comments, and at most one empty line at a time. */
function between(gap: string, isFirst: boolean): string {
  const lines = gap.split(/\r?\n/).map((line) => line.trim());
  const behind = lines[0] as string;
  const below = lines.slice(1, -1);
  // the last line ends where the next sentence begins, or the file
  const last = lines.length > 1 ? (lines.at(-1) as string) : "";
  const kept = [...below, last].filter(
    (line, index, all) => line !== "" || (index < all.length - 1 && all[index - 1] !== ""),
  );
  const head = behind === "" ? "" : `${isFirst ? "" : "  "}${behind}`;
  const isEmpty = isFirst && head === "";
  if (isEmpty)
    return kept
      .map((line) => `${line}\n`)
      .join("")
      .trimStart();
  return `${head}\n${kept.map((line) => `${line}\n`).join("")}`;
}

function printSentence(sentence: Sentence): string {
  const written = underlined(sentence.span);
  if (hasComment(written)) return written;
  switch (sentence.kind) {
    case "use":
      return `use ${words(sentence.path)}`;
    case "rail":
      return filled(["rail", ...listed(sentence.names)]);
    case "tenant":
      return printTenant(sentence);
    case "group":
      return filled(["group", words(sentence.name), "=", ...listed(sentence.members)]);
    case "service":
      return filled(["service", words(sentence.name), "=", ...listed(sentence.terms)]);
    case "rule":
      return printRule(sentence);
    case "test": {
      const lines = sentence.expectations.map((one) => `${printExpectation(one)}\n`);
      return `test ${words(sentence.title)} {\n${lines.join("")}}`;
    }
    case "budget": {
      const { megaflows, masks } = sentence;
      const parts = [
        ...(megaflows === undefined ? [] : [`megaflows ${megaflows}`]),
        ...(masks === undefined ? [] : [`masks ${masks}`]),
      ];
      return `budget { ${parts.join("  ")} }`;
    }
  }
}

function printTenant({ name, namespaces, networks }: TenantSentence): string {
  const members = [
    ...(namespaces.length === 0 ? [] : [["namespace", ...listed(namespaces)]]),
    ...(networks.length === 0 ? [] : [["network", ...listed(networks)]]),
  ];
  const head = `tenant ${words(name)} {`;
  const line = `${head} ${members.map((member) => member.join(" ")).join("  ")} }`;
  if (line.length <= longestLine) return line;
  return `${head}\n${members.map((member) => `${filled(member, "  ", "    ")}\n`).join("")}}`;
}

function printRule(rule: RuleSentence): string {
  const { effect, sides, services, rails, acrossRails, owner, because, until } = rule;
  const clauses = [
    ...(rails === undefined ? [] : [`on ${listed(rails).join(" ")}`]),
    ...(acrossRails ? ["across rails"] : []),
    ...(owner === undefined ? [] : [`owner ${words(owner)}`]),
    ...(because === undefined ? [] : [`because ${words(because)}`]),
    ...(until === undefined ? [] : [`until ${words(until)}`]),
  ];
  const what =
    sides.kind === "each"
      ? ["each", sides.group === undefined ? "tenant" : words(sides.group), "<->", "itself"]
      : [...listed(sides.openers), sides.bothWays ? "<->" : "->", ...listed(sides.answerers)];
  const head = [effect, ...what, ":", ...listed(services)];
  const line = [...head, ...clauses].join(" ");
  if (line.length <= longestLine) return line;
  return [filled(head), ...clauses.map((clause) => `  ${clause}`)].join("\n");
}

function printExpectation(one: ExpectationTree): string {
  if (one.kind === "cost") return `  ${one.measure} on ${words(one.node)} <= ${one.atMost}`;
  const parts = [
    ...listed(one.openers),
    one.can ? "can" : "cannot",
    "reach",
    ...listed(one.answerers),
    "with",
    ...listed(one.services),
    ...(one.rails === undefined ? [] : ["on", ...listed(one.rails)]),
    ...(one.because === undefined ? [] : ["because", words(one.because)]),
  ];
  return filled(parts, "  ", "    ");
}

/** As written, each with the comma that follows it. */
function listed(items: readonly { readonly span: Span }[]): string[] {
  return items.map((item, index) => words(item) + (index < items.length - 1 ? "," : ""));
}

/** Words with single spaces, broken where the line would be too long. */
function filled(parts: readonly string[], first = "", further = "  "): string {
  const lines: string[] = [];
  let line = first + parts[0];
  for (const part of parts.slice(1)) {
    if (line.length + 1 + part.length > longestLine) {
      lines.push(line);
      line = further + part;
    } else line += ` ${part}`;
  }
  return [...lines, line].join("\n");
}

/** A text in quotes stands on one line already; `icmp  3` may not. */
function words({ span }: Name | { readonly span: Span }): string {
  const written = underlined(span);
  return written.startsWith('"') ? written : written.replace(/\s+/g, " ");
}

function hasComment(written: string): boolean {
  return /#/.test(written.replace(/"[^"\r\n]*"/g, ""));
}
