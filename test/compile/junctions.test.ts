import { expect, test } from "vitest";
import { bridgeMac, frame, ip, leafMac, macs, sent, tinyRail } from "../support/tiny-rail.js";

test.each(["routed", "bridged"] as const)(
  "every table of a %s rail but the first, which is not ours alone, ends in a drop",
  (mode) => {
    const { tables, flows } = tinyRail({ mode });
    const ends = flows.filter(({ priority, match }) => priority === 0 && match.fields.length === 0);
    expect(ends.every(({ actions }) => actions.length === 0)).toBe(true);
    expect(ends.map(({ table }) => table)).toEqual(tables.slice(1).map(({ number }) => number));
    // in the first, each port of ours has its own
    const own = flows.filter((flow) => flow.table === 0);
    expect(own.filter(({ match }) => match.inPort === undefined)).toEqual([]);
  },
);

test("an ICMPv6 message that is no neighbour discovery is traffic like any other", () => {
  const rail = tinyRail({ rules: "allow red <-> red : ping" });
  const echo = (type: number) =>
    ip("fd00:1::5", "fd00:1::9", { protocol: 58, transport: { kind: "icmp", type, code: 0 } });
  expect(sent(rail, "v0", frame(macs[0], bridgeMac, echo(128)))).toBe("p0");
  expect(sent(rail, "v0", frame(macs[0], bridgeMac, echo(1)))).toBe("drop");
});

test("a routed rail's pod reaches the gateway's MAC alone, to the last bit", () => {
  const rail = tinyRail();
  for (let bit = 0n; bit < 48n; bit++) {
    const good = frame(macs[0], bridgeMac, ip("10.1.0.5", "10.1.0.9"));
    const bad = { ...good, destination: good.destination ^ (1n << bit) };
    expect(sent(rail, "v0", bad)).toBe("drop");
  }
  expect(sent(rail, "v0", frame(macs[0], leafMac, ip("fd00:1::5", "fd00:1::9")))).toBe("drop");
});
