/** Each folder of read-back with a `dump.flows`: what our reader makes of the text of an OpenFlow switch. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ReadFlow } from "../../src/openflow/flow-line.js";
import { printFlow } from "../../src/openflow/print.js";
import { readFlows } from "../../src/openflow/read.js";
import { positionOf, type Source, underlined } from "../../src/text/source.js";

const folder = new URL("read-back", import.meta.url).pathname;
const cases = readdirSync(folder).filter((name) => existsSync(join(folder, name, "dump.flows")));

function expectedOf(source: Source) {
  const { flows, problems } = readFlows(source);
  return {
    flows: flows.map((flow) => ({
      line: positionOf(source, flow.span.start).line,
      flow: printFlow(flow),
      ...(flow.understood ? {} : { notUnderstood: notUnderstood(flow) }),
      statistics: flow.statistics,
    })),
    problems: problems.map(({ kind, span }) => ({
      kind,
      line: positionOf(source, span.start).line,
      text: underlined(span),
    })),
  };
}

function notUnderstood({ match, actions }: ReadFlow): string[] {
  const unknown = actions.flatMap((action) => (action.kind === "unknown" ? [action.text] : []));
  return [...(match.unknown ?? []), ...unknown];
}

test.each(cases)("reads back: %s", async (name) => {
  const text = readFileSync(join(folder, name, "dump.flows"), "utf8");
  const expected = expectedOf({ name, text });
  const json = JSON.stringify(expected, (_, value) => (typeof value === "bigint" ? `${value}` : value), 2);
  await expect(`${json}\n`).toMatchFileSnapshot(join(folder, name, "expected.json"));
});

test.each(cases)("every key and value of %s stands where it says", (name) => {
  const source = { name, text: readFileSync(join(folder, name, "dump.flows"), "utf8") };
  for (const flow of readFlows(source).flows) {
    expect(underlined(flow.span)).toBe(flow.text);
    let end = flow.span.start;
    for (const { key, value } of flow.parts) {
      // in order, inside the line, nothing twice, and only separators between
      expect(source.text.slice(end, key.start)).toMatch(
        /^([\s,)]*|.*: ADD )(,?actions=)?$/,
      );
      expect(underlined(key)).toMatch(/^"?[A-Za-z0-9_.]+"?$/);
      if (value !== undefined) expect(source.text.slice(key.end, value.start)).toMatch(/^[=:(]$/);
      end = (value ?? key).end;
    }
    expect(source.text.slice(end, flow.span.end)).toMatch(/^\)?$/);
  }
});
