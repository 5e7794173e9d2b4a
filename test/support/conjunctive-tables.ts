/** Random tables of conjunctive matches that meet, and packets for them: all values come from few. */

import type { Action } from "../../src/openflow/action.js";
import type { Flow } from "../../src/openflow/flow.js";
import { fieldsOf, type PacketFields } from "../../src/openflow/packet-fields.js";
import { readFlow } from "../../src/openflow/read.js";
import type { Random } from "./random.js";

const priorities = [10, 20, 30] as const;
const ids = [1, 2] as const;
const matches = [
  ["nw_src=10.0.0.0/30", "nw_src=10.0.0.1", "nw_src=10.0.0.2", "nw_src=10.0.0.0/24"],
  ["nw_dst=10.0.1.1", "nw_dst=10.0.1.0/24", "nw_dst=10.0.1.2"],
  ["tp_dst=80", "tp_dst=80/0xfff0", "tp_dst=443"],
] as const;
const inPorts = ["in_port=1", "in_port=2"] as const;
const plain = [
  "",
  "tcp",
  "tcp,nw_src=10.0.0.1",
  "tcp,tp_dst=80",
  "tcp,nw_dst=10.0.1.0/24",
] as const;
const ends = ["drop", "output:2", "output:3", "goto_table:1", "resubmit(,1)"] as const;

/** Mostly each id at one priority; sometimes at several, with dimensions too few, or with plain flows beside them. */
export function conjunctiveTables(random: Random): readonly Flow[] {
  const flows = new Map<string, string>();
  const add = (match: string, actions: string) => flows.set(match, `${match} actions=${actions}`);
  add("table=1, priority=1,tcp,tp_dst=80", "output:3");
  for (const id of ids) {
    const of = 2 + random.below(2);
    const own = random.pick(priorities);
    for (let dimension = 1; dimension <= of; dimension++)
      for (let count = 0; count < 2; count++) {
        const priority = random.chance(0.9) ? own : random.pick(priorities);
        const others = random.chance(0.15) ? `,conjunction(${3 - id},1/2)` : "";
        const note = random.chance(0.1) ? "note:00.00.00.00.00.01," : "";
        const port = random.chance(0.1) ? `${random.pick(inPorts)},` : "";
        const field = random.pick(matches[dimension - 1] ?? matches[0]);
        add(
          `table=0, priority=${priority},tcp,${port}${field}`,
          `${note}conjunction(${id},${dimension}/${of})${others}`,
        );
      }
    if (random.chance(0.9))
      add(
        `table=0, priority=${random.pick(priorities)},conj_id=${id}${random.pick(["", ",tcp", ",tcp,nw_src=10.0.0.1"])}`,
        random.pick(ends),
      );
  }
  for (let count = random.below(4); count > 0; count--) {
    const match = random.pick(plain);
    const priority = random.pick([5, 15, 25, 30]);
    add(`table=0, priority=${priority}${match === "" ? "" : `,${match}`}`, random.pick(ends));
  }
  return [...flows.values()].map((line) => {
    const flow = readFlow(line);
    if (flow === undefined || flow.match.unknown !== undefined || hasUnknown(flow.actions))
      throw new Error(`not read: ${line}`);
    return flow;
  });
}

function hasUnknown(actions: readonly Action[]): boolean {
  return actions.some(({ kind }) => kind === "unknown");
}

export interface ConjunctivePacket {
  readonly packet: PacketFields;
  readonly inPort: number;
  /** What `ofproto/trace` takes. */
  readonly text: string;
}

/** Every packet that the tables can tell apart. */
export function conjunctivePackets(): ConjunctivePacket[] {
  const found: ConjunctivePacket[] = [];
  for (const inPort of [1, 2])
    for (const source of [1n, 2n, 9n])
      for (const destination of [1n, 2n, 3n])
        for (const port of [80, 81, 443]) {
          const packet = fieldsOf({
            source: 0x0a5800000001n,
            destination: 0x0a5800000002n,
            body: {
              kind: "ip",
              source: { family: 4, value: 0x0a000000n | source },
              destination: { family: 4, value: 0x0a000100n | destination },
              protocol: 6,
              fragment: "no",
              timeToLive: 64,
              typeOfService: 0,
              transport: { kind: "ports", source: 1000, destination: port, tcpFlags: 2 },
            },
          });
          const text = `in_port=${inPort},tcp,dl_src=0a:58:00:00:00:01,dl_dst=0a:58:00:00:00:02,nw_src=10.0.0.${source},nw_dst=10.0.1.${destination},nw_ttl=64,tp_src=1000,tp_dst=${port},tcp_flags=0x002`;
          found.push({ packet, inPort, text });
        }
  return found;
}
