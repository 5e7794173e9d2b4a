/** tc's two forms, recorded from a guest kernel with a driver that plays a NIC (Linux 6.1.0-56, iproute2 6.1). */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTcJson } from "../../../src/verify/evidence/read-tc-json.js";
import { readTcText } from "../../../src/verify/evidence/read-tc-text.js";
import type { TcFilter, TcReading } from "../../../src/verify/evidence/tc-filter.js";
import { cookieOfUfid } from "../../../src/verify/evidence/ufid.js";

const folder = new URL("recorded", import.meta.url).pathname;
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

function filtersOf(reading: TcReading): readonly TcFilter[] {
  if ("unread" in reading) throw new Error(reading.unread);
  return reading.filters;
}

function recorded(name: string, form: "json" | "txt"): string {
  return readFileSync(`${folder}/${name}.${form}`, "utf8");
}

test("there are recordings of a NIC that works, lies, is full, and is left out", () => {
  expect(cases).toEqual(["none-full", "none-lying", "none-ok", "skip-full", "skiphw"]);
});

test.each(cases)("%s: both forms say the same", (name) => {
  const fromJson = filtersOf(readTcJson(recorded(name, "json"), "rep1"));
  expect(fromJson.length).toBeGreaterThan(0);
  expect(filtersOf(readTcText(recorded(name, "txt"), "rep1"))).toEqual(fromJson);
});

describe("what a filter says", () => {
  const filter = (name: string, handle: string, preference = 2) =>
    filtersOf(readTcJson(recorded(name, "json"), "rep1")).find(
      (one) => one.handle === handle && one.preference === preference,
    );

  test("in hardware, counted by the NIC alone", () => {
    expect(filter("none-ok", "0x2")).toEqual({
      device: "rep1",
      preference: 2,
      chain: 0,
      handle: "0x2",
      cookie: "d21f19ef1f478407d7bdc79f22ecc6c8",
      inHardware: true,
      inHardwareCount: 1,
      skipsSoftware: false,
      skipsHardware: false,
      counters: {
        packets: 5,
        hardwarePackets: 5,
        driverCounts: true,
        installedSeconds: 3,
        lastUsedSeconds: 1,
      },
    });
  });

  test("in hardware by its flag, counted by the CPU alone", () => {
    const { inHardware, counters } = filter("none-lying", "0x2") ?? {};
    expect(inHardware).toBe(true);
    expect(counters).toMatchObject({ packets: 5, hardwarePackets: undefined, driverCounts: true });
  });

  test("refused, and left out on purpose", () => {
    expect(filter("none-full", "0x2")).toMatchObject({ inHardware: false, skipsHardware: false });
    expect(filter("skiphw", "0x1")).toMatchObject({ inHardware: false, skipsHardware: true });
    expect(filter("skip-full", "0x1", 4)).toMatchObject({ inHardware: true, skipsSoftware: true });
  });
});

test("the cookie of OVS's words on byte order, and of a real pair", () => {
  expect(cookieOfUfid("aabbccdd-eeff-0011-2233-445566778899")).toBe(
    "ddccbbaa1100ffee5544332299887766",
  );
  expect(cookieOfUfid("b824e104-0777-42a0-b613-168293d752ca")).toBe(
    "04e124b8a0427707821613b6ca52d793",
  );
});

test("a port without filters, and what is no list of filters", () => {
  expect(readTcJson("", "p0")).toMatchObject({ filters: [] });
  expect(readTcJson("[]", "p0")).toMatchObject({ filters: [] });
  for (const text of ['{"a":1}', "[{", "Cannot find device", '[{"kind":"flower","options":7}]'])
    expect(readTcJson(text, "p0"), text).toHaveProperty("unread");
});

test("lines that nobody knows change nothing, and a cut paste keeps what it has", () => {
  const text = recorded("none-ok", "txt");
  const whole = filtersOf(readTcText(text, "rep1"));
  const withNoise = text.replaceAll("\tbacklog", "\tmood 3\n\tbacklog").replaceAll("\n", "\r\n");
  expect(filtersOf(readTcText(withNoise, "rep1"))).toEqual(whole);
  for (let end = 0; end < text.length; end += 97) {
    const some = filtersOf(readTcText(text.slice(0, end), "rep1"));
    expect(some.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, some.length - 1)));
  }
});
