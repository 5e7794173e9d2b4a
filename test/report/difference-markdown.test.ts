/** Texts of a policy that mean something in Markdown: no cell of a table ends by them, and nothing of them is HTML. */

import { expect, test } from "vitest";
import { comparePolicies } from "../../src/policy/reachability/policy-difference.js";
import { printDifferenceMarkdown } from "../../src/report/difference-markdown.js";
import { policyOf } from "../support/checked.js";

const head = `rail pf1
tenant blue { namespace blue-* }
tenant red { namespace red-* }
service roce = 4791/udp
`;

test.each([
  "odd | odd",
  "`odd`",
  "``odd`` and `",
  "<b>odd</b>",
  "odd\\|",
  "[odd](http://y)",
  "|`odd|",
])("in an owner and a reason: %s", (odd) => {
  const said = `owner "${odd}" because "${odd}"`;
  const old = policyOf(`${head}allow blue <-> blue : roce`);
  const young = policyOf(`${head}allow blue <-> red : roce ${said}`);
  const shown = printDifferenceMarkdown(comparePolicies(old, young));
  const rows = shown.split("\n").filter((line) => line.startsWith("|"));
  expect(rows.length).toBeGreaterThan(2);
  for (const row of rows) {
    const cells = row.split(/(?<!\\)\|/);
    expect(cells, row).toHaveLength(7);
    for (const cell of cells) {
      const bare = withoutCode(cell.replaceAll("\\|", "|"));
      expect(bare.replaceAll("<br>", ""), row).not.toMatch(/[<>`[\]]|odd/);
    }
  }
  expect(rows.some((row) => row.replaceAll("\\|", "|").includes(odd))).toBe(true);
});

/** Code spans taken out as CommonMark reads them (section 6.1): up to the next run of just as many backticks. */
function withoutCode(text: string): string {
  const runs = [...text.matchAll(/`+/g)];
  let bare = "";
  let at = 0;
  for (let index = 0; index < runs.length; index++) {
    const end = runs.findIndex((run, later) => later > index && run[0] === runs[index]?.[0]);
    const [open, close] = [runs[index], runs[end]];
    if (open === undefined || close === undefined) continue;
    bare += text.slice(at, open.index);
    at = close.index + close[0].length;
    index = end;
  }
  return bare + text.slice(at);
}
