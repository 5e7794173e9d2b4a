/** The bill for a terminal: each node and rail with what its traffic makes, and who makes most of it. */

import { printPlace } from "../text/source.js";
import type { HostileCost, NodeCost, RailCost, Tally } from "../verify/cost/cost.js";
import { adviceLines } from "./advice-text.js";
import { harmless } from "./columns.js";
import { counted, tallyText } from "./tally-text.js";

/** Most lines of one kind that are shown; JSON has all. */
const most = 8;

export function printCost(nodes: readonly NodeCost[]): string {
  return nodes.map(nodeText).join("\n");
}

function nodeText(cost: NodeCost): string {
  const lines = cost.rails.flatMap((rail) => [...railLines(rail), ""]);
  lines.push(...limitLines(cost));
  return `${lines.join("\n")}\n`;
}

function railLines(cost: RailCost): string[] {
  const { node, rail, bridge, flows, legitimate, ports, rules, neighbours } = cost;
  const lines = [
    `${node} ${rail} (${harmless(bridge)}): ${tallyText(legitimate)}, one connection for each pair and service; ${counted(flows, "flow")}`,
    `  with every port of clients and services, over time: ${tallyText(cost.everyPort)}`,
    "",
    "  by rule",
  ];
  for (const { rule, shared, ...tally } of rules.slice(0, most)) {
    const also = shared === 0 ? "" : `, ${shared} of them other rules' too`;
    lines.push(`    ${columns(tally)}  ${printPlace(rule.span)}${also}`);
    lines.push(`    ${" ".repeat(width)}  ${harmless(rule.text)}`);
  }
  lines.push(...more(rules.length), "  by port");
  for (const { port, endpoint, ...tally } of ports.slice(0, most))
    lines.push(
      `    ${columns(tally)}  ${harmless(port)}${endpoint === undefined ? " (uplink)" : ` ${harmless(endpoint)}`}`,
    );
  lines.push(...more(ports.length));
  if (neighbours.megaflows > 0) {
    const slow =
      neighbours.inUserspace === 0
        ? ""
        : `; ${neighbours.inUserspace} of them are answered in user space`;
    lines.push(`  ARP and neighbour discovery, apart: ${tallyText(neighbours)}${slow}`);
  }
  if (cost.hostile !== undefined) lines.push(...hostileLines(cost.hostile));
  for (const one of cost.advice ?? []) lines.push(...adviceLines(one, legitimate));
  return lines;
}

function hostileLines(hostile: readonly HostileCost[]): string[] {
  const lines = [
    "  hostile: the most that any packets at a port can make, all of them one after another; each EtherType that is",
    "  neither IP nor ARP adds to it, of which there are over 64,000",
  ];
  for (const { port, bound, perSourceMac } of hostile)
    if (bound === undefined)
      lines.push(`    ${"no bound found".padStart(width)}  ${harmless(port)}`);
    else {
      const least = bound.isExact ? "" : ", perhaps fewer";
      const each = perSourceMac ? ", for each source MAC on that wire" : "";
      lines.push(
        `    ${columns(bound)}  ${harmless(port)}${least}${each}, and ${bound.perOtherEtherType} for each other EtherType`,
      );
    }
  if (hostile.some(({ perSourceMac }) => perSourceMac))
    lines.push(
      "  not bounded: how many source MACs there are at the uplink of a routed rail. A router writes the source MAC anew,",
      "  so a megaflow has all of it, and nothing checks whose it is: who is on that wire makes as many as it likes",
    );
  return lines;
}

function limitLines({ node, megaflows, tableSize }: NodeCost): string[] {
  const lines = [`${node}, all rails: ${counted(megaflows, "megaflow")}`];
  lines.push(
    megaflows > startingLimit
      ? `  more than the ${startingLimit} that Open vSwitch takes at its start: until its revalidators raise the limit, packets go to user space`
      : `  Open vSwitch takes ${startingLimit} at its start`,
  );
  if (tableSize !== undefined)
    lines.push(
      megaflows > tableSize
        ? `  more than the eSwitch's ${tableSize} entries`
        : `  ${Math.round((100 * megaflows) / tableSize)} % of the eSwitch's ${tableSize} entries`,
    );
  return lines;
}

/** ofproto/ofproto-dpif-upcall.c: min(flow-limit, 10000), until revalidation proves quick. */
const startingLimit = 10_000;
const width = 26;

function columns({ megaflows, masks }: Tally): string {
  return `${megaflows} megaflows, ${masks} masks`.padStart(width);
}

function more(count: number): string[] {
  return count > most ? [`    and ${count - most} more`] : [];
}
