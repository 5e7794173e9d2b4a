/**
 * Tables that nobody compiled (resubmit, masked and whole writes, moves, overlaps, fragments): what the prover says of a
 * packet as a set of one is what `evaluate` says, which is held to Open vSwitch itself elsewhere.
 */

import { expect, test } from "vitest";
import { evaluate, type Output } from "../../../src/openflow/evaluate.js";
import { type FieldName, fieldOf, fieldsInOrder } from "../../../src/openflow/field.js";
import { fieldsOf, type PacketFields } from "../../../src/openflow/packet-fields.js";
import { printFlow } from "../../../src/openflow/print.js";
import { tablesOf } from "../../../src/openflow/tables.js";
import type { Bits, Cube } from "../../../src/verify/cube.js";
import { outcomesWithin } from "../../../src/verify/proof/cube-outcomes.js";
import { isScratchField } from "../../../src/verify/proof/header-bits.js";
import { HeaderSets } from "../../../src/verify/proof/header-sets.js";
import type { Sent } from "../../../src/verify/proof/outcome.js";
import {
  constantsOf,
  type PacketKindName,
  packetKinds,
} from "../../../src/verify/proof/packet-kind.js";
import { flowTablesOf } from "../../../src/verify/proof/rail-prover.js";
import { Relevance } from "../../../src/verify/proof/relevance.js";
import { TableWalk } from "../../../src/verify/proof/table-walk.js";
import { sampleTables } from "../../openflow/arbitrary-tables.js";

const seed = 20261123;
const runs = 60;
const framesPerRun = 25;

test(`${runs} random tables x ${framesPerRun} frames (seed ${seed})`, { timeout: 240_000 }, () => {
  const seen = { compared: 0, sent: 0, unknown: 0 };
  for (const [flows, list] of sampleTables(seed, runs, framesPerRun)) {
    const sets = new HeaderSets();
    const portNumbers = new Map<string, number>();
    const tables = flowTablesOf(flows, portNumbers);
    const walked = { tables, relevance: new Relevance(tables), portNumbers };
    const walks = new Map<PacketKindName, TableWalk>(
      packetKinds.map((kind) => [kind, new TableWalk(sets, constantsOf(kind), walked)]),
    );
    const concrete = tablesOf(flows);
    for (const [frame, inPort] of list) {
      const packet = fieldsOf(frame);
      // no flow sees the type of a fragment, so none asks for its target: the prover leaves it out
      if ((packet.get("nw_frag") ?? 0n) !== 0n && packet.has("nd_target")) continue;
      const outcomes = outcomesWithin(sets, walks, inPort, exactly(packet));
      const context = `${flows.map((flow) => printFlow(flow)).join("\n")}\nport ${inPort} ${JSON.stringify([...packet].map(([name, value]) => `${name}=${value}`))}`;
      expect(outcomes, context).toHaveLength(1);
      const { sent, kind } = outcomes[0] as {
        sent: readonly Sent[] | "unknown";
        kind: PacketKindName;
      };
      const { outputs, doubt } = evaluate(concrete, packet, { inPort });
      if (sent === "unknown") {
        expect(doubt, context).toBeDefined();
        seen.unknown++;
        continue;
      }
      // where flows of one priority do the same in the end, the prover knows more
      if (doubt !== undefined) {
        expect(["ambiguous", "unknown-match"], context).toContain(doubt.kind);
        continue;
      }
      const walk = walks.get(kind) as TableWalk;
      expect(sent.map((one) => printSent(walk, one, packet)).sort(), context).toEqual(
        outputs.map(printOutput).sort(),
      );
      seen.compared++;
      seen.sent += sent.length;
    }
  }
  expect(seen.compared).toBeGreaterThan((runs * framesPerRun) / 3);
  expect(seen.sent).toBeGreaterThan(100);
  expect(seen.unknown).toBeGreaterThan(0);
});

function exactly(packet: PacketFields): Cube {
  const cube = new Map<FieldName, Bits>();
  for (const { name, full, index } of fieldsInOrder)
    if (!isScratchField(index) && name !== "nd_reserved" && name !== "nd_options_type")
      cube.set(name, { value: packet.get(name) ?? 0n, mask: full, from: name });
  return cube;
}

const shown = fieldsInOrder.filter(({ index }) => !isScratchField(index));

function printSent({ substitutions }: TableWalk, { port, fields }: Sent, packet: PacketFields) {
  const values = shown.map(({ name }) => {
    const { value, mask, from } = substitutions.bitsOf(fields, fieldOf(name).index);
    const own = packet.get(fieldsInOrder[from]?.name as FieldName) ?? 0n;
    return `${name}=${value | (own & ~mask)}`;
  });
  return `${port} ${values.join()}`;
}

function printOutput({ port, fields }: Output): string {
  return `${port} ${shown.map(({ name }) => `${name}=${fields.get(name) ?? 0n}`).join()}`;
}
