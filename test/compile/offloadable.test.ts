import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import { findNotOffloadable } from "../../src/compile/offloadable.js";
import { smallFleet } from "../support/small-fleet.js";
import { policyOf } from "../support/small-policy.js";

const text = `rail pf1, pf2
  tenant a { namespace a-* } service gone = 80/sctp service web = 80/tcp
  allow a <-> a : gone, web on pf1`;

test("an SCTP port is found at its rule, on the rails where that holds", () => {
  const policy = policyOf(text);
  const [found] = findNotOffloadable(policy, "pf1");
  expect(found).toMatchObject({ code: "not-offloadable", service: "gone", feature: "sctp-port" });
  expect(text.slice(found?.span.start, found?.span.end)).toMatch(/^allow a <-> a : gone/);
  expect(findNotOffloadable(policy, "pf2")).toEqual([]);
});

test("all of SCTP needs no port, so it can be offloaded", () => {
  const policy = policyOf("rail pf1 tenant a { namespace a-* } allow a <-> a : all");
  expect(findNotOffloadable(policy, "pf1")).toEqual([]);
});

test("a rail with such a rule has no flows at all", () => {
  const ports = { bridge: "br", uplink: "p0", uplinkSource: "verify" } as const;
  const node = { name: "n", rails: new Map([["pf1", ports]]) };
  const inventory = { ...smallFleet, nodes: new Map([["n", node]]) };
  const { flows, diagnostics } = compileRail(policyOf(text), inventory, { node: "n", rail: "pf1" });
  expect(flows).toEqual([]);
  expect(diagnostics).toHaveLength(1);
});
