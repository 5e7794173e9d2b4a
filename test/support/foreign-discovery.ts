/** Flows of somebody else that look at, rewrite and send on ARP and neighbour discovery of a small world. */

import type { Flow } from "../../src/openflow/flow.js";
import { printActions, printMatch } from "../../src/openflow/print.js";
import { readFlow } from "../../src/openflow/read.js";
import type { Random } from "./random.js";
import { bridgeMac, macs } from "./tiny-rail.js";

const ports = ["1", "2", "3", "4", "5", "LOCAL"];

/** Behind ours. */
const theirTable = 250;

/** One or two where packets come in, and what they lead to. */
export function foreignDiscovery(random: Random, ours: readonly Flow[]): readonly Flow[] {
  const first = ours.filter(({ table, actions }) => table === 0 && actions.length > 0);
  const lines: string[] = [];
  for (let count = 1 + random.below(2); count > 0; count--) {
    const kind = random.pick(kinds);
    const goesOn = printActions(random.pick(first).actions);
    const like = random.pick(first);
    const isLike = random.chance(0.5);
    const port = isLike ? portOf(like) : random.chance(0.7) ? `in_port=${random.pick(ports)}` : "";
    const rewrites = random.some(kind.rewrites(random)).slice(0, 2);
    const end = isLike ? printActions(like.actions) : random.pick(ends(random, goesOn));
    const match = joined([kind.match, ...random.some(kind.matches(random)).slice(0, 2), port]);
    const priority = random.pick([65535, 65534, 60001]);
    lines.push(`table=0, priority=${priority},${match} actions=${joined([...rewrites, end])}`);
  }
  for (let count = random.below(3); count > 0; count--) {
    const kind = random.pick(kinds);
    const match = joined([kind.match, ...random.some(kind.matches(random)).slice(0, 2)]);
    const rewrites = random.some(kind.rewrites(random)).slice(0, 1);
    const end = random.pick(["drop", ...ends(random, `output:${random.pick(ports)}`)]);
    const actions = end === "drop" ? end : joined([...rewrites, end]);
    lines.push(
      `table=${theirTable}, priority=${random.pick([1, 2, 3])},${match} actions=${actions}`,
    );
  }
  return [...new Map(lines.map((line) => [line.split(" actions=")[0], line])).values()].map(read);
}

function ends(random: Random, goesOn: string): readonly string[] {
  return [
    ...[goesOn, goesOn, "IN_PORT", `output:${random.pick(ports)}`, `resubmit(,${theirTable})`],
    `resubmit(,${theirTable}),${goesOn}`,
  ];
}

function portOf({ match }: Flow): string {
  const { inPort } = match;
  return inPort === undefined ? "" : printMatch({ inPort, fields: [] });
}

interface Kind {
  readonly match: string;
  readonly matches: (random: Random) => readonly string[];
  readonly rewrites: (random: Random) => readonly string[];
}

const six = (random: Random) =>
  random.chance(0.6)
    ? `fd00:1::${random.below(8)}`
    : `::${random.pick([1, 2, 4])}/::${random.pick([7])}`;
const four = (random: Random) =>
  random.chance(0.6) ? `10.1.0.${random.below(8)}` : `0.0.0.${random.pick([1, 2, 4])}/0.0.0.7`;
const mac = (random: Random) => random.pick([...macs, bridgeMac, "00:00:00:00:00:00"]);
const ethernet = (random: Random) => [`dl_src=${mac(random)}`, `dl_dst=${mac(random)}`];
const whole = (random: Random) => `fd00:1::${random.below(8)}`;

function discovery(type: number, option: "nd_sll" | "nd_tll", otherType: number): Kind {
  return {
    match: `icmp6,icmp_type=${type},icmp_code=0`,
    matches: (random) => [
      ...[`nd_target=${six(random)}`, `${option}=${mac(random)}`, `ipv6_src=${six(random)}`],
      ...[`ipv6_dst=${six(random)}`, ...ethernet(random)],
    ],
    rewrites: (random) => [
      ...[`set_field:${whole(random)}->nd_target`, `set_field:${mac(random)}->${option}`],
      ...[`set_field:${otherType}->icmpv6_type`, `set_field:133->icmpv6_type`],
      ...[`set_field:${whole(random)}->ipv6_src`, `set_field:${mac(random)}->eth_src`],
      `move:NXM_OF_ETH_SRC[]->NXM_NX_${option.toUpperCase()}[]`,
      `set_field:133->icmpv6_type,set_field:${mac(random)}->${option},set_field:${type}->icmpv6_type`,
      ...[
        "move:NXM_NX_IPV6_SRC[]->NXM_NX_ND_TARGET[]",
        "move:NXM_NX_ND_TARGET[]->NXM_NX_IPV6_DST[]",
      ],
    ],
  };
}

const kinds: readonly Kind[] = [
  ...[discovery(135, "nd_sll", 136), discovery(136, "nd_tll", 135)],
  {
    match: "icmp6",
    matches: (random) => [
      `icmp_type=${random.pick([133, 134, 135, 136, 137])}`,
      ...[`ipv6_src=${six(random)}`, `ipv6_dst=${six(random)}`, ...ethernet(random)],
    ],
    rewrites: (random) => [
      `set_field:${random.pick([133, 134, 135, 136, 137])}->icmpv6_type`,
      ...["set_field:1->icmpv6_code", "set_field:0->icmpv6_code"],
      `set_field:${whole(random)}->ipv6_src`,
    ],
  },
  {
    match: "arp",
    matches: (random) => [
      ...[`arp_op=${random.below(3)}`, `arp_spa=${four(random)}`, `arp_tpa=${four(random)}`],
      ...[`arp_sha=${mac(random)}`, `arp_tha=${mac(random)}`, ...ethernet(random)],
    ],
    rewrites: (random) => [
      ...[`set_field:${random.below(3)}->arp_op`, `set_field:10.1.0.${random.below(8)}->arp_spa`],
      ...[`set_field:10.1.0.${random.below(8)}->arp_tpa`, `set_field:${mac(random)}->arp_sha`],
      ...["move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]", "move:NXM_OF_ETH_SRC[]->NXM_NX_ARP_SHA[]"],
    ],
  },
];

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(",");
}

function read(line: string): Flow {
  const flow = readFlow(line);
  if (flow === undefined || flow.match.unknown !== undefined) throw new Error(`not read: ${line}`);
  return flow;
}
