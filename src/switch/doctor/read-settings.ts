/** The settings of Open vSwitch from its database. */

import { type Fact, mapFact, readFact, valueIn } from "../../verify/doctor/fact.js";
import type {
  BridgeSettings,
  InterfaceSettings,
  PortSettings,
  SwitchSettings,
} from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { mapOf, membersOf, oneOf, type Row, readTable } from "./ovsdb-table.js";

export async function readSettings(source: NodeSource): Promise<Fact<SwitchSettings>> {
  const tables = new Map<string, readonly Row[]>();
  for (const name of ["Open_vSwitch", "Bridge", "Port", "Interface"]) {
    const words = ["ovs-vsctl", "--format=json", "list", name] as const;
    const rows = readFact(await source.command(...words), words.join(" "), readTable);
    if (rows.state !== "present") return mapFact(rows, () => nothing);
    tables.set(name, valueIn(rows) ?? []);
  }
  return { state: "present", value: settingsOf(tables) };
}

const nothing: SwitchSettings = { otherConfig: new Map(), bridges: [] };

function settingsOf(tables: ReadonlyMap<string, readonly Row[]>): SwitchSettings {
  const rows = (name: string) => tables.get(name) ?? [];
  const interfaces = byId(rows("Interface"), interfaceOf);
  const ports = byId(rows("Port"), (row) => portOf(row, interfaces));
  return {
    otherConfig: mapOf(rows("Open_vSwitch")[0]?.["other_config"]),
    bridges: rows("Bridge")
      .map((row) => bridgeOf(row, ports))
      .sort(byName),
  };
}

function bridgeOf(row: Row, ports: ReadonlyMap<string, PortSettings>): BridgeSettings {
  const failMode = oneOf(row["fail_mode"]);
  return {
    name: oneOf(row["name"]) ?? "",
    datapathType: oneOf(row["datapath_type"]) ?? "system",
    failMode: failMode === "secure" || failMode === "standalone" ? failMode : "unset",
    netflow: membersOf(row["netflow"]).length > 0,
    sflow: membersOf(row["sflow"]).length > 0,
    ipfix: membersOf(row["ipfix"]).length > 0,
    mirrors: membersOf(row["mirrors"]).length,
    ports: found(membersOf(row["ports"]), ports).sort(byName),
  };
}

function portOf(row: Row, interfaces: ReadonlyMap<string, InterfaceSettings>): PortSettings {
  const bondMode = oneOf(row["bond_mode"]);
  return {
    name: oneOf(row["name"]) ?? "",
    ...(bondMode === undefined ? {} : { bondMode }),
    interfaces: found(membersOf(row["interfaces"]), interfaces).sort(byName),
  };
}

function interfaceOf(row: Row): InterfaceSettings {
  const error = oneOf(row["error"]);
  const mac = oneOf(row["mac_in_use"]);
  const linkState = oneOf(row["link_state"]);
  return {
    name: oneOf(row["name"]) ?? "",
    type: oneOf(row["type"]) ?? "",
    ...(error === undefined ? {} : { error }),
    ...(mac === undefined ? {} : { mac }),
    ...(linkState === undefined ? {} : { linkState }),
  };
}

function byId<T>(rows: readonly Row[], value: (row: Row) => T): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [oneOf(row["_uuid"]) ?? "", value(row)]));
}

function found<T>(ids: readonly string[], all: ReadonlyMap<string, T>): T[] {
  return ids.map((id) => all.get(id)).filter((one) => one !== undefined);
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
