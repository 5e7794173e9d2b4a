/** Random policy files: correct sentences with odd spacing, and soups of their words. */

import fc from "fast-check";

const name = fc.constantFrom(
  "a",
  "b",
  "search",
  "gpu-1",
  "x.y_z",
  "on-1",
  "tenant2",
  "n",
  "echo",
  "tcp",
);
const glob = fc.oneof(name, fc.constantFrom("*", "dev-*", "*-x", "1st", '"test"', '"all"', '"*"'));
const text = fc.constantFrom('""', '"n"', '"joint evaluation"', '"# {,}:"', '"é 漢"', '"a-*"');
const network = fc.constantFrom(
  "10.0.0.0/8",
  "10.1.2.3",
  "fd00:200::/48",
  "::/0",
  "::1",
  "1::2:0/112",
);
const ports = fc.constantFrom("4791/udp", "1-9/tcp", "0-65535/sctp");
const term = fc.oneof(
  ports,
  fc.constantFrom("icmp", "icmp echo", "icmp 3", "icmp 3/4", "icmp time-exceeded"),
);
const selector = fc.oneof(
  fc.constant("any"),
  name,
  fc.tuple(name, glob).map(([tenant, namespace]) => `${tenant}/${namespace}`),
);
const service = fc.oneof(name, fc.constant("all"));
const number = fc.nat(10_000).map(String);
const measure = fc.constantFrom("megaflows", "masks");

/** Each as a list of words and marks between which space may stand. */
type Words = readonly string[];

function list(item: fc.Arbitrary<string>): fc.Arbitrary<Words> {
  return fc
    .array(item, { minLength: 1, maxLength: 4 })
    .map((items) => items.flatMap((one, index) => (index === 0 ? [one] : [",", one])));
}

function words(...parts: (string | fc.Arbitrary<string> | fc.Arbitrary<Words>)[]) {
  const arbitraries = parts.map((part) => (typeof part === "string" ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map((values) => values.flat() as Words);
}

const clauses = fc
  .subarray(["on", "across", "owner", "because", "until"])
  .chain((kinds) => fc.shuffledSubarray(kinds, { minLength: kinds.length }))
  .chain((kinds) => fc.tuple(...kinds.map(clause)).map((parts) => parts.flat()));

function clause(kind: string): fc.Arbitrary<Words> {
  if (kind === "on") return words("on", list(name));
  if (kind === "across") return fc.constant(["across", "rails"]);
  if (kind === "until") return words("until", fc.constantFrom("2027-03-31", "2028-02-29"));
  return words(kind, text);
}

const sides = fc.oneof(
  words("each", fc.oneof(fc.constant("tenant"), name), "<->", "itself"),
  words(list(selector), fc.constantFrom("->", "<->"), list(selector)),
);
const member = fc.oneof(words("namespace", list(glob)), words("network", list(network)));
const expectation = fc.oneof(
  words(measure, "on", fc.constantFrom("gpu-001", "4u", '"test"'), "<=", number),
  words(
    list(selector),
    fc.constantFrom("can", "cannot"),
    "reach",
    list(selector),
    "with",
    list(service),
    fc.oneof(fc.constant([] as Words), words("on", list(name)), words("because", text)),
  ),
);

function some(part: fc.Arbitrary<Words>): fc.Arbitrary<Words> {
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.flat());
}

const sentence: fc.Arbitrary<Words> = fc.oneof(
  words("use", text),
  words("rail", list(name)),
  words("tenant", name, "{", some(member), "}"),
  words("group", name, "=", list(name)),
  words("service", name, "=", list(term)),
  words(fc.constantFrom("allow", "deny"), sides, ":", list(service), clauses),
  words("test", text, "{", some(expectation), "}"),
  fc.constantFrom(
    ["budget", "{", "masks", "3", "}"],
    ["budget", "{", "megaflows", "40", "masks", "3", "}"],
  ),
);

const gap = fc.constantFrom(" ", "  ", "\n", "\r\n\t", " # allow { \n", "\n# c\n\n\n");

/** Files that the grammar takes; empty texts stand where a namespace would not bear them only by chance. */
export const correctPolicy: fc.Arbitrary<string> = fc
  .array(sentence, { maxLength: 6 })
  .chain((sentences) => spaced(sentences.flat()));

/** Words of the language in any order: few of them are policies, many nearly. */
export const wordSoup: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: sentence },
      {
        weight: 2,
        arbitrary: fc.oneof(name, glob, text, network, term, service).map((one) => [one]),
      },
      {
        weight: 2,
        arbitrary: fc
          .constantFrom(
            ...["use", "rail", "tenant", "allow", "test", "budget", "each", "itself", "any", "on"],
            ...["{", "}", ",", ":", "->", "<->", "=", "=>", "/", '"', "#", "<=", "4791", "é", "-"],
          )
          .map((one) => [one]),
      },
    ),
    { maxLength: 6 },
  )
  .chain((parts) => spaced(parts.flat(), fc.oneof(gap, fc.constant(""))));

function spaced(parts: Words, between: fc.Arbitrary<string> = gap): fc.Arbitrary<string> {
  return fc
    .array(between, { minLength: parts.length, maxLength: parts.length })
    .map((gaps) => parts.map((part, index) => part + gaps[index]).join(""));
}
