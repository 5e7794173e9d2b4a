/**
 * Offloadable by construction: only matches and actions that OVS's TC layer and mlx5 accept. Answers to ARP and
 * neighbour discovery, and the host's own port, are the only exceptions, and each is bound to its place here.
 */

import { expect, test } from "vitest";
import { protocol } from "../../src/net/protocol.js";
import type { Action } from "../../src/openflow/action.js";
import { etherTypes, type FieldName } from "../../src/openflow/field.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";
import { type CompiledWorld, compiledWorlds, worldText } from "../support/compiled-world.js";
import { Random } from "../support/random.js";
import { worldRepresentors } from "../support/random-world.js";

const seed = 20_261_204;

/** Registers are gone before the datapath; the others have keys in flower, and mlx5 takes them. */
const registers = ["reg0", "reg1", "reg2", "reg3"] as const;
const fields = new Set<FieldName>([
  ...registers,
  ...(["vlan_tci", "dl_src", "dl_dst", "dl_type", "nw_proto", "nw_frag"] as const),
  ...(["nw_src", "nw_dst", "ipv6_src", "ipv6_dst"] as const),
  ...(["icmp_type", "icmp_code", "icmpv6_type", "icmpv6_code"] as const),
  ...(["tp_src", "tp_dst", "tcp_flags"] as const),
]);
const arpFields = new Set<FieldName>(["arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha"]);
const neighbourFields = new Set<FieldName>(["nd_target", "nd_sll", "nd_tll"]);

function matched({ match }: Flow, name: FieldName): bigint | undefined {
  return match.fields.find(({ field }) => field === name)?.value;
}

/** There and back: the datapath sees nothing of it. */
const isRetype = (tableName: string) => /^(neighbour-retype|unknown-mac\.[0-9]+)$/.test(tableName);
/** OVS_KEY_ATTR_ND_EXTENSIONS: the userspace datapath alone knows them, openvswitch.ko refuses the flow. */
const userspaceOnly = new Set<string>(["nd_reserved", "nd_options_type"]);

const isArp = (flow: Flow) => matched(flow, "dl_type") === BigInt(etherTypes.arp);
const isNeighbour = (flow: Flow) =>
  matched(flow, "nw_proto") === BigInt(protocol.icmpv6) &&
  [135n, 136n].includes(matched(flow, "icmpv6_type") ?? 0n);

async function forEachFlow(
  law: (flow: Flow, tableName: string, world: CompiledWorld) => void,
): Promise<void> {
  for await (const world of compiledWorlds(new Random(seed), 40)) {
    const names = new Map(world.compiled.tables.map(({ name, number }) => [number, name]));
    for (const flow of world.compiled.flows) {
      try {
        law(flow, names.get(flow.table) ?? "", world);
      } catch (cause) {
        throw new Error(`${printFlow(flow)}\n${worldText(world)}`, { cause });
      }
    }
  }
}

test(`every match is on fields that the eSwitch can match, but for ARP and discovery (seed ${seed})`, async () => {
  await forEachFlow((flow) => {
    for (const { field } of flow.match.fields)
      if (arpFields.has(field)) expect(isArp(flow)).toBe(true);
      else if (neighbourFields.has(field)) expect(isNeighbour(flow)).toBe(true);
      else expect(fields.has(field), field).toBe(true);
  });
});

test(`source ports are looked at in TCP answers alone, ports in UDP and TCP alone (seed ${seed})`, async () => {
  await forEachFlow((flow, tableName) => {
    const upper = Number(matched(flow, "nw_proto") ?? -1);
    if (matched(flow, "tp_dst") !== undefined)
      expect([protocol.tcp, protocol.udp]).toContain(upper);
    if (matched(flow, "tp_src") === undefined) return;
    expect(upper).toBe(protocol.tcp);
    expect(["tcp-answer", "late-answer"]).toContain(tableName);
    if (flow.actions.length > 0) expect(matched(flow, "tcp_flags")).toBe(0x10n);
  });
});

test(`every action can be offloaded, but for answers to ARP and discovery (seed ${seed})`, async () => {
  await forEachFlow((flow, tableName, world) => {
    const answers = tableName === "arp-reply" || tableName === "neighbour-reply";
    for (const action of flow.actions)
      if (!isOffloadable(action, world))
        expect(answers || (isRetype(tableName) && isNeighbour(flow))).toBe(true);
    if (answers && flow.actions.length > 0) expect(isArp(flow) || isNeighbour(flow)).toBe(true);
  });
});

test(`no flow writes what the kernel's datapath cannot (seed ${seed})`, async () => {
  await forEachFlow((flow) => {
    for (const action of flow.actions)
      if (action.kind === "set") expect(userspaceOnly).not.toContain(action.field);
  });
});

/** Ethernet addresses, registers (never seen by the datapath), ports of the rail's own bridge, or the next table. */
function isOffloadable(action: Action, { compiled }: CompiledWorld): boolean {
  switch (action.kind) {
    case "goto":
      return true;
    case "set":
      return ["dl_src", "dl_dst", ...registers].includes(action.field) && action.mask === undefined;
    case "output":
      return [compiled.ports.uplink, "LOCAL", ...worldRepresentors].includes(String(action.port));
    case "move":
    case "resubmit":
    case "controller":
    case "write-actions":
    case "clear-actions":
    case "queue":
    case "note":
    case "conjunction":
    case "unknown":
      return false;
  }
}

test(`the host's port is reached from the uplink alone, and no flow leads to another rail's port (seed ${seed})`, async () => {
  await forEachFlow((flow, _, { compiled, inventory, node }) => {
    const own = new Set<unknown>([compiled.ports.uplink, "LOCAL", "IN_PORT", 0xfffe, 0xfff8]);
    for (const { node: place, rail, representor } of inventory.endpoints)
      if (place === node && rail === compiled.rail) own.add(representor);
    if (flow.match.inPort !== undefined) expect(own).toContain(flow.match.inPort);
    for (const action of flow.actions)
      if (action.kind === "output") {
        expect(own).toContain(action.port);
        if (action.port === "LOCAL") expect(flow.match.inPort).toBe(compiled.ports.uplink);
      }
  });
});

test(`a packet only ever goes forward through the tables, and no table is beyond what OVS has (seed ${seed})`, async () => {
  await forEachFlow((flow, tableName) => {
    expect(tableName).not.toBe("");
    expect(flow.table).toBeLessThan(254);
    const [last, ...before] = [...flow.actions].reverse();
    expect(before.filter(({ kind }) => kind === "goto" || kind === "output")).toEqual([]);
    if (last?.kind === "goto") expect(last.table).toBeGreaterThan(flow.table);
  });
});
