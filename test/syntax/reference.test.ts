/** Every policy in grammar/README.md is what the page says it is. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkPolicy } from "../../src/policy/check.js";
import { loadPolicy } from "../../src/policy/load.js";
import { runTests } from "../../src/policy/run-tests.js";
import { renderDiagnostics } from "../../src/report/diagnostic-text.js";
import { formatPolicy } from "../../src/syntax/format.js";
import { parsePolicy } from "../../src/syntax/parse.js";
import { keywords } from "../../src/syntax/words.js";
import { type Diagnostic, severityOf } from "../../src/text/diagnostic.js";
import { today } from "../support/rejected-case.js";

const page = readFileSync(new URL("../../grammar/README.md", import.meta.url), "utf8");

/** After three backticks: `policy`, `policy rejected CODE` or `policy file NAME`. */
const blocks = [...page.matchAll(/^```policy ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => {
  const [, words = "", text = ""] = match;
  const [kind = "", name = ""] = words.split(" ");
  return { line: page.slice(0, match.index).split("\n").length + 1, kind, name, text };
});
const files = new Map(
  blocks.filter(({ kind }) => kind === "file").map(({ name, text }) => [name, text]),
);

describe("grammar/README.md", () => {
  test.each(blocks)("line $line, $kind $name", async ({ kind, name, text }) => {
    const diagnostics = await check(text);
    const errors = diagnostics.filter((one) => severityOf(one) === "error");
    if (kind === "rejected") expect(errors.map(({ code }) => code)).toEqual([name]);
    else expect(renderDiagnostics(errors)).toBe("");
  });

  test.each(blocks.filter(({ kind }) => kind !== "rejected"))(
    "line $line says the same when it is formatted",
    async ({ text }) => {
      const parsed = parsePolicy({ name: "block.policy", text });
      expect(await check(formatPolicy(parsed))).toHaveLength((await check(text)).length);
    },
  );

  test("shows every kind of sentence", () => {
    const shown = blocks.flatMap(
      ({ text }) => parsePolicy({ name: "block.policy", text }).tree.sentences,
    );
    expect(new Set(shown.map(({ kind }) => kind)).size).toBe(8);
  });

  test("names every keyword", () => {
    const list = /cannot be names:\n([\s\S]*?)\.\n/.exec(page)?.[1] ?? "";
    const named = [...list.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    expect(named.toSorted()).toEqual([...keywords].sort());
  });

  test("links to sections that are there", () => {
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replace(/,/g, "").replace(/ /g, "-"),
    );
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => !anchors.includes(anchor ?? ""))).toEqual([]);
  });

  test("the message that it shows is the one that is printed", async () => {
    const shown = /^```\n(error\[[\s\S]*?)^```$/m.exec(page)?.[1] ?? "";
    const name = "services.policy";
    const { diagnostics } = parsePolicy({ name, text: "service roce = 4791\n" });
    expect(renderDiagnostics(diagnostics)).toBe(shown);
  });
});

async function check(text: string): Promise<readonly Diagnostic[]> {
  const loaded = await loadPolicy(["block.policy"], (path) => {
    const found = path === "block.policy" ? text : files.get(path);
    if (found === undefined) throw new Error("no such file or directory");
    return found;
  });
  const { policy, diagnostics } = checkPolicy(loaded.files, { today });
  const tests = policy === undefined ? [] : runTests(policy);
  return [...loaded.diagnostics, ...diagnostics, ...tests];
}
