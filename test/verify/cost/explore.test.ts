/** Every megaflow of a box, where it can be seen by hand; and what makes an uplink without a bound. */

import { describe, expect, test } from "vitest";
import { classifyTables } from "../../../src/datapath/unwildcard/classified-tables.js";
import {
  addField,
  wordCount,
  wordOf,
  wordsOf,
} from "../../../src/datapath/unwildcard/flow-words.js";
import { Translator } from "../../../src/datapath/unwildcard/translation.js";
import type { Address } from "../../../src/net/address.js";
import { parseAddress } from "../../../src/net/address.js";
import { parseMac } from "../../../src/net/mac.js";
import { fieldsOf } from "../../../src/openflow/packet-fields.js";
import { readFlows } from "../../../src/openflow/read.js";
import { type Box, boxOf, explore } from "../../../src/verify/cost/explore.js";
import { MegaflowSet } from "../../../src/verify/cost/megaflow-set.js";
import { popcount } from "../../../src/verify/cost/value-count.js";
import { bridgeMac, leafMac, macs, tinyRail } from "../../support/tiny-rail.js";

const text = [
  "table=0, priority=10,udp,tp_dst=8/0xfff8 actions=drop",
  "table=0, priority=0 actions=drop",
].join("\n");

/** UDP to ports from 0 up to `last`, of which that many bits at the end are free. */
function portsUpTo(last: number): Box {
  const packet = new Int32Array(wordCount);
  packet[wordOf.etherType] = 0x0800;
  addField(packet, "nw_proto", 17n);
  const box = boxOf(packet);
  box.free[wordOf.ports] = last;
  return { ...box, destinationPorts: [{ first: 0, last }] };
}

describe("ports of which 8 to 15 have a flow", () => {
  test.each([
    // one of 0-7, which miss in the thirteenth bit, and one of 8-15
    [15, 2, 1],
    // 16-31 miss one bit earlier
    [31, 3, 2],
    [63, 4, 3],
  ])("0 to %i make %i megaflows in %i masks", (last, megaflows, masks) => {
    const { flows } = readFlows({ name: "flows", text });
    const known = new MegaflowSet();
    let found = 0;
    explore(new Translator(classifyTables(flows)), portsUpTo(last), known, () => found++);
    expect([known.all.length, known.masks]).toEqual([megaflows, masks]);
    expect(found).toBeGreaterThanOrEqual(megaflows);
    // again: nothing new
    explore(new Translator(classifyTables(flows)), portsUpTo(last), known, () => {});
    expect(known.all.length).toBe(megaflows);
  });
});

test.each([
  ["routed", bridgeMac, 48],
  ["bridged", macs[0], 0],
] as const)(
  "at the uplink of a %s rail a megaflow has of the source MAC, which a router writes anew (for %s): %i bits",
  (mode, destination, bits) => {
    const { flows } = tinyRail({ mode });
    const tables = classifyTables(flows);
    const frame = {
      source: parseMac(leafMac) as bigint,
      destination: parseMac(destination) as bigint,
      body: {
        kind: "ip" as const,
        source: parseAddress("10.1.0.9") as Address,
        destination: parseAddress("10.1.0.5") as Address,
        protocol: 17,
        fragment: "no" as const,
        timeToLive: 64,
        typeOfService: 0,
        transport: { kind: "ports" as const, source: 50001, destination: 4791 },
      },
    };
    const packet = wordsOf(fieldsOf(frame), tables.portNumber("p0"));
    const { looked } = new Translator(tables).translate(packet);
    const source = new Int32Array(wordCount);
    addField(source, "dl_src", (1n << 48n) - 1n);
    const seen = [...looked.keys()].map(
      (word) => (looked[word] as number) & (source[word] as number),
    );
    expect(seen.reduce((sum, each) => sum + popcount(each), 0)).toBe(bits);
  },
);
