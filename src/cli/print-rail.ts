/** A compiled rail as text that `ovs-ofctl add-flows` takes, and as an object. */

import type { CompiledRail, Provenance } from "../compile/compiled-rail.js";
import { printActions, printFlow, printMatch } from "../openflow/print.js";
import { printPlace } from "../text/source.js";
import type { CompileDocument } from "./documents.js";

type Because = CompileDocument["rails"][number]["flows"][number]["because"];

export type PortNumbers = ReadonlyMap<string, number>;

/** A comment line for the rail and before each table: what it is for. */
export function printRail(compiled: CompiledRail, portNumbers?: PortNumbers): string {
  const { node, rail, mode, ports, tables, flows } = compiled;
  const lines = [`# node ${node}, rail ${rail} (${mode}), bridge ${ports.bridge}`];
  for (const table of tables) {
    const own = flows.filter((flow) => flow.table === table.number);
    lines.push(`# ${table.name}: ${table.purpose}`);
    for (const flow of own) lines.push(printFlow(flow, portNumbers));
  }
  return `${lines.join("\n")}\n`;
}

export function railObject(
  compiled: CompiledRail,
  portNumbers?: PortNumbers,
): CompileDocument["rails"][number] {
  const { node, rail, mode, ports, tables, flows, provenance } = compiled;
  const names = new Map(tables.map(({ number, name }) => [number, name]));
  return {
    node,
    rail,
    mode,
    bridge: ports.bridge,
    tables: [...tables],
    flows: flows.map((flow) => ({
      table: flow.table,
      tableName: names.get(flow.table) ?? null,
      priority: flow.priority,
      cookie: `0x${flow.cookie.toString(16)}`,
      match: printMatch(flow.match, portNumbers),
      actions: printActions(flow.actions, portNumbers),
      because: becauseOf(provenance.get(flow.cookie)),
    })),
  };
}

/** The rules that a flow serves, or the duty of the fence itself; null for a cookie that nobody knows. */
export function becauseOf(provenance: Provenance | undefined): Because {
  if (provenance === undefined) return null;
  if (provenance.kind === "fence") return { duty: provenance.duty };
  return {
    rules: provenance.rules.map(({ id, text, span }) => ({ id, text, place: printPlace(span) })),
  };
}
