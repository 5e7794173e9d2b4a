/**
 * Equal but differently written tables must prove equal: compiled flows are rewritten in random ways that keep what
 * becomes of packets, and the proof may neither object nor give up. That the rewritings keep it is checked with single
 * packets; and with one slip in what they wrote, the proof must see what those packets see.
 */

import { expect, test } from "vitest";
import { compileRail } from "../../src/compile/compile-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { localPort } from "../../src/openflow/match.js";
import { fieldsOf } from "../../src/openflow/packet-fields.js";
import { proveRail } from "../../src/verify/proof/prove-rail.js";
import { nastyWorld } from "../support/nasty-world.js";
import { Random } from "../support/random.js";
import { type ArrivalPort, randomArrival } from "../support/random-frame.js";
import { randomWorld, type World, worldRepresentors } from "../support/random-world.js";
import { Judge, printHeaders } from "../support/rewritings/judge.js";
import { rewrite, rewritings } from "../support/rewritings/rewrite.js";
import { slip } from "../support/rewritings/slip.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20261124);
const nodes = Number(process.env["RAILFENCE_WORLDS"] ?? 200);
const mostRewritings = 60;
const triedPackets = 60;
const triedTowardsSlip = 120;
const names = Object.keys(rewritings);

test(`${nodes} random nodes in other words (seed ${seed})`, { timeout: 1_800_000 }, async () => {
  const random = new Random(seed);
  const used = new Map<string, number>();
  const slips = { seen: 0, different: 0, equal: 0, unknown: 0 };
  for (let index = 0; index < nodes; index++) {
    const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
    const rail = random.pick([...world.inventory.rails.keys()]);
    const { flows, ports } = compileRail(world.policy, world.inventory, { node: world.node, rail });
    const portNumbers = new Map<string, number>([
      [ports.uplink, 1],
      ...worldRepresentors.map((name, at) => [name, at + 2] as const),
    ]);
    // one alone in its turn, so that it is known which breaks something; else many on top of each other
    const choices = index % 4 === 0 ? [names[(index / 4) % names.length] as string] : names;
    const rewritten = rewrite(random, flows, 1 + random.below(mostRewritings), choices);
    for (const name of rewritten.names) used.set(name, (used.get(name) ?? 0) + 1);
    const where = `node ${index}, rail ${rail}: ${rewritten.names.join(", ")}`;
    const before = new Judge(flows, portNumbers);
    const after = new Judge(rewritten.flows, portNumbers);
    const tried = { world, rail, before, portNumbers };
    const old = new Set(flows);
    const written = rewritten.flows.filter((flow) => !old.has(flow));
    const changed = { after, count: triedPackets, towards: [...written, ...flows] };
    expect(firstDifference(random, { ...tried, ...changed }), where).toBeUndefined();
    const proof = proveRail({ ...world, rail, flows: rewritten.flows, portNumbers });
    expect(
      proof.findings.map(({ flow }) => flow),
      where,
    ).toEqual([]);
    expect(proof.verdict, where).toBe("equal");

    const slipped = slip(random, written, rewritten.flows);
    if (slipped === undefined) continue;
    const wrong = new Judge(slipped.flows, portNumbers);
    const aimed = { after: wrong, count: triedTowardsSlip, towards: [slipped.flow] };
    const seen = firstDifference(random, { ...tried, ...aimed });
    const { verdict, findings } = proveRail({ ...world, rail, flows: slipped.flows, portNumbers });
    slips[verdict]++;
    const said = `${where}; ${slipped.how}`;
    if (seen !== undefined) {
      slips.seen++;
      expect(verdict, `${said}: ${seen.text}`).not.toBe("equal");
      if (!seen.isDoubt) expect(verdict, `${said}: ${seen.text}`).toBe("different");
    }
    for (const { kind, packet, port } of findings) {
      const inPort = typeof port.port === "number" ? port.port : expect.fail(port.name);
      if (kind === "different")
        expect(wrong.outcome({ packet, inPort }), said).not.toBe(
          before.outcome({ packet, inPort }),
        );
    }
  }
  console.log(
    `rewritings: ${JSON.stringify(Object.fromEntries(used))}; slips: ${JSON.stringify(slips)}`,
  );
  if (nodes < 200) return;
  expect(names.filter((name) => (used.get(name) ?? 0) < 10)).toEqual([]);
  expect(slips.seen).toBeGreaterThan(nodes / 20);
});

interface Tried {
  readonly world: World;
  readonly rail: string;
  readonly portNumbers: ReadonlyMap<string, number>;
  readonly before: Judge;
  readonly after: Judge;
  readonly count: number;
  /** Packets are led towards one of these. */
  readonly towards: readonly Flow[];
}

interface Difference {
  readonly text: string;
  readonly isDoubt: boolean;
}

/** One that is certain, if there is any. */
function firstDifference(random: Random, tried: Tried): Difference | undefined {
  const { world, rail, before, after } = tried;
  let doubt: Difference | undefined;
  for (let count = 0; count < tried.count; count++) {
    const { port, frame } = randomArrival(random, world, rail);
    const first = { packet: fieldsOf(frame), inPort: numberOf(port, tried.portNumbers) };
    const one = random.chance(0.8) ? after.led(random, first, random.pick(tried.towards)) : first;
    const [was, is] = [before.outcome(one), after.outcome(one)];
    if (was === is) continue;
    const isDoubt = is === "doubt";
    const text = `port ${one.inPort}, ${printHeaders(one.packet)}: ${was || "drop"} -> ${is || "drop"}`;
    if (!isDoubt) return { text, isDoubt };
    doubt ??= { text, isDoubt };
  }
  return doubt;
}

function numberOf(port: ArrivalPort, numbers: ReadonlyMap<string, number>): number {
  if (port === "host") return localPort;
  return port === "uplink" ? 1 : (numbers.get(port.representor) ?? expect.fail());
}
