/** Made-up `dpctl/dump-flows -m` lines in the shapes that OVS prints: for benchmarks and properties. */

type Random = () => number;

/** A small generator with a seed (mulberry32): the same lines for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of a node under load: mostly RoCE in hardware, some in software TC, drops, IPv6 and ARP. */
export function megaflowLines(count: number, seed = 1): string {
  const random = seededRandom(seed);
  const lines: string[] = [];
  for (let index = 0; index < count; index++) lines.push(megaflowLine(random));
  return `${lines.join("\n")}\n`;
}

export function megaflowLine(random: Random): string {
  const kind = Math.floor(random() * 10);
  const port = `pf${pick(random, 2)}vf${pick(random, 64)}`;
  if (kind === 0) return line(random, arpMatch(random, port), "drop", "dp:tc");
  if (kind === 1) return line(random, ipv6Match(random, port), "p0", "offloaded:yes, dp:tc");
  if (kind === 2) return line(random, ipv4Match(random, "p0"), "drop", "offloaded:yes, dp:tc");
  if (kind === 3) return line(random, kernelMatch(random, port), rewrite(random), "dp:ovs");
  return line(random, ipv4Match(random, port), rewrite(random), "offloaded:yes, dp:tc");
}

function line(random: Random, match: string, actions: string, layer: string): string {
  const packets = pick(random, 1e9);
  return `ufid:${ufid(random)}, ${match}, packets:${packets}, bytes:${packets * 1514}, used:${(random() * 9).toFixed(3)}s, ${layer}, actions:${actions}`;
}

const tcHead =
  "skb_priority(0/0),skb_mark(0/0),ct_state(0/0),ct_zone(0/0),ct_mark(0/0),ct_label(0/0),recirc_id(0),dp_hash(0/0)";

function ipv4Match(random: Random, port: string): string {
  return `${tcHead},in_port(${port}),packet_type(ns=0/0,id=0/0),eth(src=${mac(random)},dst=${mac(random)}),eth_type(0x0800),ipv4(src=${ipv4(random)},dst=${ipv4(random)}/255.255.255.192,proto=17,tos=0/0,ttl=0/0,frag=no),udp(src=0/0,dst=4791)`;
}

function ipv6Match(random: Random, port: string): string {
  return `${tcHead},in_port(${port}),packet_type(ns=0/0,id=0/0),eth(src=${mac(random)},dst=${mac(random)}),eth_type(0x86dd),ipv6(src=fd00:101::${hex(random, 4)},dst=fd00:101::${hex(random, 4)}/ffff:ffff:ffff:ffff::,label=0/0,proto=17,tclass=0/0,hlimit=0/0,frag=no),udp(src=0/0,dst=4791)`;
}

function kernelMatch(random: Random, port: string): string {
  return `recirc_id(0),dp_hash(0/0),skb_priority(0/0),in_port(${port}),skb_mark(0/0),ct_state(0/0),ct_zone(0/0),ct_mark(0/0),ct_label(0/0),eth(src=${mac(random)},dst=${mac(random)}),eth_type(0x0800),ipv4(src=${ipv4(random)},dst=${ipv4(random)},proto=6,tos=0/0,ttl=0/0,frag=no),tcp(src=0/0,dst=${pick(random, 65536)}),tcp_flags(0/0)`;
}

function arpMatch(random: Random, port: string): string {
  return `${tcHead},in_port(${port}),packet_type(ns=0/0,id=0/0),eth(src=${mac(random)},dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=${ipv4(random)},tip=${ipv4(random)},op=1,sha=${mac(random)},tha=00:00:00:00:00:00/00:00:00:00:00:00)`;
}

function rewrite(random: Random): string {
  return `set(eth(src=${mac(random)},dst=${mac(random)})),p${pick(random, 2)}`;
}

function pick(random: Random, below: number): number {
  return Math.floor(random() * below);
}

function hex(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) text += pick(random, 16).toString(16);
  return text;
}

function mac(random: Random): string {
  return `0a:58:${hex(random, 2)}:${hex(random, 2)}:${hex(random, 2)}:${hex(random, 2)}`;
}

function ipv4(random: Random): string {
  return `10.${pick(random, 256)}.${pick(random, 256)}.${pick(random, 256)}`;
}

function ufid(random: Random): string {
  return `${hex(random, 8)}-${hex(random, 4)}-${hex(random, 4)}-${hex(random, 4)}-${hex(random, 12)}`;
}
