/** Known slips. Each repair is tried on the sentence before it is suggested. */

import { rocePort } from "../net/protocol.js";
import type { Slip } from "../text/diagnostic.js";
import { closestName } from "../text/edit-distance.js";
import { fits } from "./grammar.js";
import { keywords, openings } from "./words.js";

/** A sentence that does not match, and where it stopped. */
export interface Broken {
  readonly text: string;
  readonly rule: string;
  readonly at: number;
  readonly expected: readonly string[];
}

export interface FoundSlip {
  readonly slip: Slip;
  /** What is underlined, counted from the start of the sentence. */
  readonly start: number;
  readonly end: number;
}

/** The word, text or mark at that place; `10.0.0.0/8` and `udp/4791` are one word each. */
export function wordAt(text: string, at: number): string {
  const pattern = /"[^"\r\n]*"?|[^\s,{}:="#<>]+(?<!-(?=>))|./suy;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

export function findSlip(broken: Broken): FoundSlip | undefined {
  for (const find of finders) {
    const found = find(broken);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Finder = (broken: Broken) => FoundSlip | undefined;

const finders: readonly Finder[] = [
  unterminatedString,
  unclosedBrace,
  wrongArrow,
  keywordAsName,
  portInRule,
  protocolFirst,
  portWithoutProtocol,
  missingService,
  missingColon,
  spareComma,
  semicolon,
  missingComma,
  unquoted,
  respelled,
];

function unterminatedString({ text, at }: Broken): FoundSlip | undefined {
  const word = wordAt(text, at);
  if (!/^"[^"]*$/.test(word)) return undefined;
  return { slip: { kind: "unterminated-string" }, start: at, end: at + word.trimEnd().length };
}

function unclosedBrace(broken: Broken): FoundSlip | undefined {
  if (broken.at < broken.text.length || !broken.expected.includes("`}`")) return undefined;
  if (!fits(`${broken.text}\n}`, broken.rule)) return undefined;
  const start = broken.text.indexOf("{");
  return { slip: { kind: "unclosed-brace" }, start, end: start + 1 };
}

function wrongArrow(broken: Broken): FoundSlip | undefined {
  if (!broken.expected.includes("`<->`")) return undefined;
  const wrote = /^(?:<?[=~-]*>{1,2}|[→⇒⟶]|[↔⇔⟷]|=|to\b)/u.exec(broken.text.slice(broken.at))?.[0];
  // `<-` is not among them: to turn the sides round is the author's decision
  if (wrote === undefined) return undefined;
  const bothWays = /^<.*>$|[↔⇔⟷]/u.test(wrote);
  const writes = bothWays ? ["<->"] : ["->", "<->"];
  for (const write of writes) {
    const found = replacing(broken, broken.at, wrote.length, write);
    if (found) return under(broken.at, wrote.length, { kind: "arrow", wrote, write });
  }
  return undefined;
}

function keywordAsName(broken: Broken): FoundSlip | undefined {
  const keyword = wordAt(broken.text, broken.at).split("/")[0] as string;
  if (!keywords.has(keyword) || !replacing(broken, broken.at, keyword.length, "x"))
    return undefined;
  const write = `"${keyword}"`;
  const quoted = replacing(broken, broken.at, keyword.length, write);
  const slip: Slip = { kind: "keyword-as-name", keyword, ...(quoted && { write }) };
  return under(broken.at, keyword.length, slip);
}

function portInRule(broken: Broken): FoundSlip | undefined {
  const { text, at } = broken;
  // `tcp` alone would be the name of a service, so `tcp/443` stops at the slash
  const before =
    text[at] === "/" ? (/(?<![\w.-])(?:tcp|udp|sctp)$/.exec(text.slice(0, at))?.[0] ?? "") : "";
  if (before === "" && !broken.expected.includes("a service or `all`")) return undefined;
  const start = at - before.length;
  const wrote = before + wordAt(text, at);
  const port = /^(?:(?:tcp|udp|sctp)\/)?(\d+(?:-\d+)?)(?:\/(?:tcp|udp|sctp))?$/.exec(wrote)?.[1];
  if (port === undefined || !replacing(broken, start, wrote.length, "x")) return undefined;
  const protocol = /[a-z]+/.exec(wrote)?.[0] ?? usualProtocol(port);
  return under(start, wrote.length, { kind: "port-in-rule", wrote: `${port}/${protocol}` });
}

function protocolFirst(broken: Broken): FoundSlip | undefined {
  const match = /^(tcp|udp|sctp)(?:\/| +|:)(\d+(?:-\d+)?)(?![\w/])/i.exec(
    broken.text.slice(broken.at),
  );
  if (match === null) return undefined;
  const [wrote, protocol = "", port = ""] = match;
  const write = `${port}/${protocol.toLowerCase()}`;
  if (!replacing(broken, broken.at, wrote.length, write)) return undefined;
  return under(broken.at, wrote.length, { kind: "protocol-first", wrote, write });
}

function portWithoutProtocol(broken: Broken): FoundSlip | undefined {
  const port = wordAt(broken.text, broken.at);
  if (!/^\d+(-\d+)?$/.test(port)) return undefined;
  const write = `${port}/${usualProtocol(port)}`;
  if (!replacing(broken, broken.at, port.length, write)) return undefined;
  return under(broken.at, port.length, { kind: "port-without-protocol", port });
}

function missingService(broken: Broken): FoundSlip | undefined {
  const { text, at, expected, rule } = broken;
  const insert = expected.includes("`:`") ? ": x " : "x ";
  if (rule !== "Rule" || !(insert === ": x " || expected.includes("a service or `all`")))
    return undefined;
  const word = wordAt(text, at);
  if (word !== "" && !keywords.has(word)) return undefined;
  if (!replacing(broken, at, 0, ` ${insert}`)) return undefined;
  if (word !== "") return under(at, word.length, { kind: "missing-service" });
  return { slip: { kind: "missing-service" }, start: 0, end: text.length };
}

function missingColon(broken: Broken): FoundSlip | undefined {
  const { text, at, expected } = broken;
  const word = wordAt(text, at);
  if (!expected.includes("`:`") || word === "") return undefined;
  if (!replacing(broken, at, 0, ": ")) return undefined;
  return under(at, word.length, { kind: "missing-colon", write: `: ${word}` });
}

function spareComma(broken: Broken): FoundSlip | undefined {
  const before = broken.text.slice(0, broken.at).trimEnd();
  const places = [before.endsWith(",") ? before.length - 1 : -1, broken.at];
  for (const start of places) {
    if (broken.text[start] === "," && replacing(broken, start, 1, " "))
      return under(start, 1, { kind: "spare-comma" });
  }
  return undefined;
}

function semicolon(broken: Broken): FoundSlip | undefined {
  const isOne = broken.text[broken.at] === ";" && replacing(broken, broken.at, 1, " ");
  return isOne ? under(broken.at, 1, { kind: "semicolon" }) : undefined;
}

function missingComma(broken: Broken): FoundSlip | undefined {
  const { text, at, expected } = broken;
  const word = wordAt(text, at);
  if (word === "" || !expected.includes("`,`") || !replacing(broken, at, 0, ", ")) return undefined;
  return under(at, word.length, { kind: "missing-comma", write: `, ${word}` });
}

function unquoted(broken: Broken): FoundSlip | undefined {
  if (!broken.expected.includes("a text in quotes")) return undefined;
  const rest = broken.text.slice(broken.at);
  const wordForms = [/^'[^'\r\n]*'/, /^[“„][^”“\r\n]*[”“]/, /^[^\s"{}]+/];
  for (const form of [
    ...wordForms,
    /^[^"{}\r\n]+?(?=\s+(?:on|across|owner|because|until)\b|\s*$)/,
  ]) {
    const wrote = form.exec(rest)?.[0];
    if (wrote === undefined || keywords.has(wrote)) continue;
    const write = `"${wrote.replace(/^['“„]|['”“]$/gu, "")}"`;
    if (replacing(broken, broken.at, wrote.length, write))
      return under(broken.at, wrote.length, { kind: "unquoted", write });
  }
  return undefined;
}

function respelled(broken: Broken): FoundSlip | undefined {
  const wrote = wordAt(broken.text, broken.at);
  const candidates = broken.expected
    .filter((words) => words.startsWith("`"))
    .map((words) => words.slice(1, -1));
  const write = closestName(wrote, candidates);
  if (write === undefined) return undefined;
  const rule = broken.at === 0 ? (openings.get(write) ?? broken.rule) : broken.rule;
  if (!replacing({ ...broken, rule }, broken.at, wrote.length, write)) return undefined;
  return under(broken.at, wrote.length, { kind: "respelled", wrote, write });
}

function replacing({ text, rule }: Broken, start: number, length: number, write: string): boolean {
  return fits(text.slice(0, start) + write + text.slice(start + length), rule);
}

function under(start: number, length: number, slip: Slip): FoundSlip {
  return { slip, start, end: start + length };
}

function usualProtocol(port: string): "udp" | "tcp" {
  return port === String(rocePort) ? "udp" : "tcp";
}
