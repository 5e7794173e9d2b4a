/**
 * Flows of somebody else beside ours, and tables of theirs, in words that the packets of a small world (neighbour-space.ts)
 * tell apart.
 */

import type { Flow } from "../../src/openflow/flow.js";
import { printActions, printMatch } from "../../src/openflow/print.js";
import { readFlow } from "../../src/openflow/read.js";
import type { Random } from "./random.js";
import { macs } from "./tiny-rail.js";

const ports = ["1", "2", "3", "4", "5", "LOCAL"];

/** Two of theirs, behind ours. */
const theirTables = [250, 252] as const;

/** One to three flows where packets come in, sometimes further on, and what these lead to. */
export function foreignFlows(random: Random, ours: readonly Flow[]): readonly Flow[] {
  const first = ours.filter(({ table }) => table === 0);
  const lines: string[] = [];
  const add = (table: number, priority: number, match: string, actions: string) =>
    lines.push(
      `table=${table}, priority=${priority}${match === "" ? "" : `,${match}`} actions=${actions}`,
    );
  const priority = () => random.pick([65535, 65534, 60001, 50099, 101, 1]);
  for (let count = 1 + random.below(3); count > 0; count--) {
    if (random.chance(0.4)) {
      // what another flow does, in other words
      const like = random.pick(random.chance(0.7) ? first : ours);
      if (like.actions.length === 0) continue;
      const actions = printActions(like.actions);
      const before = random.pick(["", "set_field:7->reg9,", "output:IN_PORT,", "resubmit(,250),"]);
      add(like.table, like.priority + 1, printMatch(like.match), `${before}${actions}`);
    } else {
      const table = random.chance(0.8) ? 0 : random.pick(ours).table;
      add(table, priority(), randomMatch(random), randomActions(random, ours, table));
    }
  }
  for (const table of theirTables)
    for (let count = random.below(3); count > 0; count--)
      add(table, priority(), randomMatch(random), randomActions(random, ours, table));
  if (random.chance(0.25)) addConjunction(random, add);
  return [...new Map(lines.map((line) => [line.split(" actions=")[0], line])).values()].map(read);
}

type Add = (table: number, priority: number, match: string, actions: string) => void;

function addConjunction(random: Random, add: Add): void {
  const priority = random.pick([65535, 50101]);
  const [one, other] = random.shuffled(["arp_spa", "arp_tpa"]);
  for (let count = 1 + random.below(2); count > 0; count--)
    add(0, priority, `arp,${one}=10.1.0.${random.below(8)}`, "conjunction(5,1/2)");
  add(0, priority, `arp,${other}=${bits(random)}`, "conjunction(5,2/2)");
  add(0, priority, "conj_id=5,arp", random.pick(["drop", "output:3", "output:IN_PORT"]));
}

function bits(random: Random): string {
  const mask = 1 + random.below(7);
  return `0.0.0.${random.below(8) & mask}/0.0.0.${mask}`;
}

function randomMatch(random: Random): string {
  const address = (field: string) =>
    `${field}=${random.chance(0.5) ? `10.1.0.${random.below(8)}` : bits(random)}`;
  const families: readonly (() => readonly string[])[] = [
    () => [],
    () => ["arp", ...random.some([address("arp_spa"), address("arp_tpa"), "arp_op=1"])],
    () => ["ip", ...random.some([address("nw_src"), address("nw_dst")])],
    () => ["udp", random.pick(["tp_dst=4791", "tp_dst=4790/0xfffe", "tp_src=443"])],
    () => ["tcp", random.pick(["tcp_flags=+ack", "tp_src=443", "tp_dst=443"])],
    () => ["ip", random.pick(["nw_frag=later", "nw_frag=first", "nw_frag=yes", "nw_proto=1"])],
  ];
  const common = [
    `dl_src=${random.pick(macs)}`,
    `dl_dst=${random.pick(macs)}`,
    random.pick(["vlan_tci=0x1000/0x1000", "vlan_tci=0x0000/0x1000"]),
    random.pick(["reg9=7", "reg9=0", "reg0=0"]),
  ];
  return [
    ...random.pick(families)(),
    ...(random.chance(0.3) ? [random.pick(common)] : []),
    ...(random.chance(0.6) ? [`in_port=${random.pick(ports)}`] : []),
  ].join(",");
}

function randomActions(random: Random, ours: readonly Flow[], table: number): string {
  const port = () => random.pick(ports);
  const later = theirTables.filter((one) => one > table);
  const tables = [...theirTables, 0, random.pick(ours).table];
  const next = () => random.pick(tables);
  const choices: readonly (() => string)[] = [
    ...[() => "drop", () => "drop", () => `output:${port()}`, () => "IN_PORT"],
    () => (later.length === 0 ? "drop" : `goto_table:${random.pick(later)}`),
    ...[() => `resubmit(,${next()})`, () => `resubmit(${port()},${next()})`],
    ...[() => `resubmit(${port()},0)`, () => `resubmit(${port()},250)`],
    ...[
      () => `resubmit(,${next()}),output:${port()}`,
      () => `set_field:7->reg9,resubmit(,${next()})`,
    ],
    () => `set_field:${random.pick(macs)}->eth_dst,resubmit(,${next()})`,
    () => `move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],resubmit(,${next()})`,
    () => `move:NXM_NX_REG9[]->NXM_NX_REG0[],resubmit(,${next()})`,
    () => random.pick(["NORMAL", "ct(table=1)", "controller"]),
  ];
  return random.pick(choices)();
}

function read(line: string): Flow {
  const flow = readFlow(line);
  if (flow === undefined || flow.match.unknown !== undefined) throw new Error(`not read: ${line}`);
  return flow;
}
