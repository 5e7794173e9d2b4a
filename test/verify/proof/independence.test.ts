/**
 * The checker does not share its core with the compiler: a mistake that both make is one that no proof finds. What both
 * know is named here, file by file; whoever adds to it says that the proof may trust that, too.
 */

import { describe, expect, test } from "vitest";
import { ImportGraph } from "../../support/import-graph.js";

/** Values that both read or write, and the outside facts about them: no thought of how a policy becomes flows. */
const known = [
  // the inputs of both
  ...["policy/checked-policy.ts", "policy/inventory.ts", "text/source.ts"],
  // addresses, ports and packets
  ...["net/address.ts", "net/address-set.ts", "net/prefix.ts", "net/mac.ts"],
  ...["net/interval-set.ts", "net/protocol.ts", "net/traffic.ts"],
  // what a flow is, and how it is printed
  ...["openflow/flow.ts", "openflow/match.ts", "openflow/match-spec.ts", "openflow/action.ts"],
  ...["openflow/field.ts", "openflow/print.ts", "openflow/print-value.ts"],
  ...["openflow/read-port.ts", "openflow/read-value.ts", "openflow/our-cookie.ts"],
];

const graph = ImportGraph.ofFolder(new URL("../../../src", import.meta.url).pathname);
const checker = graph.reached(graph.in("verify/proof"));
const compiler = graph.reached(graph.in("compile"));

function waysInto(
  folder: string,
  ways: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  return [...ways].filter(([path]) => path.startsWith(folder)).map(([, way]) => way);
}

describe("the proof and the compiler", () => {
  test("no way leads from the proof to the compiler", () => {
    expect(waysInto("compile/", checker)).toEqual([]);
  });

  test("no way leads from the compiler to the proof, or to what the proof is confirmed with", () => {
    expect(waysInto("verify/", compiler)).toEqual([]);
    expect(waysInto("policy/decide", compiler)).toEqual([]);
    expect(waysInto("openflow/evaluate", compiler)).toEqual([]);
  });

  test("both know these files, and no other", () => {
    const shared = [...checker.keys()].filter((path) => compiler.has(path));
    expect(shared.sort()).toEqual([...known].sort());
  });
});

test("a way by way of another file is noticed, types and all", () => {
  const files = new Map([
    ["verify/proof/one.ts", 'import type { Two } from "../two.js";'],
    ["verify/two.ts", '// import "./three.js"\nexport { x } from "../compile/core.js";'],
    ["verify/three.ts", ""],
    ["compile/core.ts", 'const late = await import("../net/mac.js");'],
    ["net/mac.ts", ""],
  ]);
  const made = new ImportGraph(files);
  const ways = made.reached(made.in("verify/proof"));
  expect(waysInto("compile/", ways)).toEqual([
    ["verify/proof/one.ts", "verify/two.ts", "compile/core.ts"],
  ]);
  expect([...ways.keys()]).not.toContain("verify/three.ts");
  expect([...made.reached(["compile/core.ts"]).keys()]).toContain("net/mac.ts");
});
