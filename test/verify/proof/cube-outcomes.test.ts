/** The walk of one megaflow (verify/walk.ts) and the prover's diagrams say the same of every part of it. */

import { expect, test } from "vitest";
import { type FieldName, fieldOf } from "../../../src/openflow/field.js";
import { fieldsOf } from "../../../src/openflow/packet-fields.js";
import type { Bits, Cube } from "../../../src/verify/cube.js";
import { noPortNames, openflowPortName } from "../../../src/verify/port-names.js";
import { outcomesWithin } from "../../../src/verify/proof/cube-outcomes.js";
import { RailProver } from "../../../src/verify/proof/rail-prover.js";
import { indexTables } from "../../../src/verify/table-index.js";
import { walk } from "../../../src/verify/walk.js";
import { breakFlows } from "../../support/break-flows.js";
import { compiledRailOf } from "../../support/compiled-world.js";
import { nastyWorld } from "../../support/nasty-world.js";
import { Random } from "../../support/random.js";
import { randomArrival } from "../../support/random-frame.js";
import { randomWorld } from "../../support/random-world.js";

const seed = 20261123;
const worlds = 6;
const cubesPerWorld = 40;
/** A cube of packets that OVS would never put into one megaflow falls into more parts than it is worth. */
const mostParts = 300;

test(`${worlds * cubesPerWorld} cubes are treated alike, part by part (seed ${seed})`, {
  timeout: 240_000,
}, async () => {
  const random = new Random(seed);
  let parts = 0;
  for (let index = 0; index < worlds; index++) {
    const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
    const rail = random.pick([...world.inventory.rails.keys()]);
    const compiled = compiledRailOf(world, rail);
    const { bridge, uplink } = compiled.ports;
    const broken = random.chance(0.5) ? breakFlows(random, compiled.flows) : undefined;
    const flows = broken?.flows ?? compiled.flows;
    const { fence, walks } = new RailProver({ ...world, rail, flows }).compare();
    const pipeline = {
      index: indexTables(flows, noPortNames, bridge, 0),
      names: noPortNames,
      bridge,
    };
    for (let count = 0; count < cubesPerWorld; count++) {
      const { port, frame } = randomArrival(random, world, rail);
      if (port === "host") continue;
      const inPort = port === "uplink" ? uplink : port.representor;
      const cube = cubeAround(random, fieldsOf(frame));
      const treatments = [];
      for (const treatment of walk(pipeline, inPort, cube)) {
        treatments.push(treatment);
        if (treatments.length > mostParts) break;
      }
      if (treatments.length > mostParts) continue;
      for (const { packets, outputs, opaque } of treatments) {
        const expected = opaque === undefined ? outputs.map((one) => one.port).join() : "unknown";
        for (const { sent } of outcomesWithin(fence.sets, walks, inPort, packets)) {
          const found =
            sent === "unknown"
              ? sent
              : sent.map((one) => openflowPortName(one.port, noPortNames, bridge)).join();
          expect(found, `world ${index}, ${broken?.how}, ${inPort}: ${print(packets)}`).toBe(
            expected,
          );
          parts++;
        }
      }
    }
  }
  expect(parts).toBeGreaterThan(worlds * cubesPerWorld);
});

/** Like a megaflow: what tables look at anyway is known, of the rest something. */
function cubeAround(random: Random, fields: ReadonlyMap<FieldName, bigint>): Cube {
  const known: FieldName[] = ["dl_type", "vlan_tci", "nw_frag", "nw_proto", "icmpv6_type"];
  const cube = new Map<FieldName, Bits>();
  for (const from of [...known, ...fields.keys()]) {
    const { full } = fieldOf(from);
    const mask =
      known.includes(from) || random.chance(0.8) ? full : full & ~((1n << 6n) - 1n) & full;
    const bits = { value: (fields.get(from) ?? 0n) & mask, mask, from };
    if (mask !== 0n && (fields.has(from) || from === "vlan_tci" || from === "nw_frag"))
      cube.set(from, bits);
  }
  return cube;
}

function print(cube: Cube): string {
  return [...cube]
    .map(([name, { value, mask }]) => `${name}=${value.toString(16)}/${mask.toString(16)}`)
    .join(" ");
}
