/** Numbers, prefixes, days and globs: what the grammar lets pass loosely, so as to say well what is wrong. */

import { parsePrefix, printPrefix } from "../net/prefix.js";
import type { Diagnostic } from "../text/diagnostic.js";
import type { Span } from "../text/source.js";
import type { Name, Network, ServiceTerm } from "./tree.js";

export interface Reading<T> {
  readonly value?: T;
  readonly finding?: Diagnostic;
}

const largestNumber = 1_000_000_000;

export function readNetwork(wrote: string, span: Span): Reading<Network> {
  const parsed = parsePrefix(wrote);
  switch (parsed.kind) {
    case "prefix":
      return { value: { prefix: parsed.prefix, span } };
    case "host-bits":
      return {
        finding: { code: "host-bits-set", wrote, write: printPrefix(parsed.prefix), span },
      };
    case "malformed":
      return { finding: { code: "bad-prefix", wrote, span } };
  }
}

/** `wrote` matches the grammar's `ports`. */
export function readPorts(wrote: string, span: Span): Reading<ServiceTerm> {
  const [range = "", protocol] = wrote.split("/");
  const [firstDigits = "", lastDigits = firstDigits] = range.split("-");
  for (const digits of new Set([firstDigits, lastDigits])) {
    if (isUpTo(digits, 65535)) continue;
    // the last one stands right before the slash
    const start = digits === firstDigits ? span.start : span.start + firstDigits.length + 1;
    const place = { source: span.source, start, end: start + digits.length };
    return { finding: { code: "bad-port", wrote: digits, span: place } };
  }
  const first = Number(firstDigits);
  const last = Number(lastDigits);
  if (first > last) {
    const write = `${lastDigits}-${firstDigits}`;
    const place = { ...span, end: span.start + range.length };
    return { finding: { code: "reversed-range", wrote: range, write, span: place } };
  }
  return {
    value: { kind: "ports", protocol: protocol as "tcp" | "udp" | "sctp", first, last, span },
  };
}

/** `place` is that of the numbers, `span` of the whole term. */
export function readIcmpNumber(
  type: string,
  code: string | undefined,
  place: Span,
  span: Span,
): Reading<ServiceTerm> {
  if (!isUpTo(type, 255)) {
    const end = place.start + type.length;
    return {
      finding: { code: "bad-icmp-number", wrote: type, what: "type", span: { ...place, end } },
    };
  }
  if (code === undefined) return { value: { kind: "icmp", type: Number(type), span } };
  if (!isUpTo(code, 255)) {
    const start = place.end - code.length;
    return {
      finding: { code: "bad-icmp-number", wrote: code, what: "code", span: { ...place, start } },
    };
  }
  return { value: { kind: "icmp", type: Number(type), code: Number(code), span } };
}

export function readNumber(wrote: string, span: Span): Reading<number> {
  return isUpTo(wrote, largestNumber)
    ? { value: Number(wrote) }
    : { finding: { code: "bad-number", wrote, span } };
}

/** What Kubernetes and plain CNI callers may name a namespace, and `*`. */
export function readGlob(name: Name): Reading<Name> {
  const wrong = /[^A-Za-z0-9._*-]/u.exec(name.text);
  if (wrong === null && name.text !== "") return { value: name };
  const character = wrong?.[0] ?? "";
  return { finding: { code: "bad-glob", wrote: name.text, character, span: name.span } };
}

/** `YYYY-MM-DD`, and in the calendar. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isUpTo(digits: string, largest: number): boolean {
  return Number(digits) <= largest;
}
