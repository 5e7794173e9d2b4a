/** The words for sentences that cannot be read. */

import type { Description } from "./description.js";
import type { Slip, SyntaxFinding } from "./diagnostic.js";

export function describeSyntax(finding: SyntaxFinding): Description {
  switch (finding.code) {
    case "syntax-error":
      return finding.slip === undefined
        ? { message: `expected ${listed(finding.expected)}, found ${foundText(finding.found)}` }
        : describeSlip(finding.slip, finding.expected);
    case "repeated-clause":
      return {
        message: `\`${finding.word}\` is said twice`,
        underline: "second time",
        help: "keep one of the two",
      };
  }
}

function describeSlip(slip: Slip, expected: readonly string[]): Description {
  switch (slip.kind) {
    case "arrow":
      return slip.wrote === "->"
        ? { message: "`each … itself` goes both ways", underline: "write `<->`" }
        : { message: `\`${slip.wrote}\` is not an arrow`, underline: `write \`${slip.write}\`` };
    case "missing-colon":
      return {
        message: "a rule needs a `:` between its sides and its services",
        underline: `write \`${slip.write}\``,
      };
    case "missing-service":
      return {
        message: "this rule names no service",
        help: "end it with `: SERVICE`, or with `: all` for every protocol and port",
      };
    case "unterminated-string":
      return {
        message: "this text has no closing quote",
        help: 'close it with `"` on the same line',
      };
    case "unclosed-brace":
      return { message: "this `{` has no closing `}`" };
    case "keyword-as-name":
      return {
        message: `\`${slip.keyword}\` is a keyword and cannot be a name`,
        ...(slip.write !== undefined && { underline: `write \`${slip.write}\`` }),
        ...(slip.write === undefined && { help: "choose another name" }),
      };
    case "port-without-protocol":
      return {
        message: `port \`${slip.port}\` needs a protocol`,
        help: `write \`${slip.port}/udp\` or \`${slip.port}/tcp\``,
      };
    case "protocol-first":
      return {
        message: `\`${slip.wrote}\` has the protocol first`,
        underline: `write \`${slip.write}\``,
      };
    case "port-in-rule":
      return {
        message: `a rule names services, not ports: \`${slip.wrote}\``,
        help: `define \`service NAME = ${slip.wrote}\` and write \`NAME\` here`,
      };
    case "spare-comma":
      return { message: "nothing follows this comma", help: "remove the comma" };
    case "semicolon":
      return { message: "sentences need no `;` between them", help: "remove the `;`" };
    case "missing-comma":
      return { message: "a comma is missing here", underline: `write \`${slip.write}\`` };
    case "unquoted":
      return { message: "this text needs quotes", underline: `write \`${slip.write}\`` };
    case "respelled":
      return {
        message: `expected ${listed(expected)}, found \`${slip.wrote}\``,
        help: `did you mean \`${slip.write}\`?`,
      };
  }
}

function foundText(found: string): string {
  // pasted text brings spaces that are none, and marks that cannot be seen
  if (/^[\s\p{C}]$/u.test(found)) {
    const code = (found.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
    return `the invisible character U+${code}`;
  }
  return found === "" ? "the end" : `\`${found}\``;
}

/** `a, b or c`. */
export function listed(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? "something else";
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
