/**
 * All megaflows that packets make at the port of a rail of IPv4 alone, with Open vSwitch itself as the judge: a packet is
 * traced, and for each bit of its megaflow those are traced that differ there first, unless they are in a megaflow that is
 * known. Nothing of the models of `datapath/unwildcard` or `verify/cost`, not even their words.
 */

import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { all, type Kind, maskOf, pack, printPacket, type Values } from "./traced-packets.js";

export interface TracedTally {
  readonly megaflows: number;
  readonly masks: number;
}

interface Box {
  readonly kind: Kind;
  readonly values: Values;
  readonly free: Values;
}

/** The same, all fields as one number. */
interface Packed {
  readonly kind: Kind;
  readonly packet: bigint;
  readonly free: bigint;
}

/** Of one kind and mask: a packet that is in one of these needs no trace. */
interface MaskOfKind {
  readonly mask: bigint;
  readonly found: Set<string>;
}

export async function tracedMegaflows(
  ovs: PrivateSwitch,
  bridge: string,
  { inPort, sourceMac }: { readonly inPort: number; readonly sourceMac?: bigint },
): Promise<TracedTally> {
  const byKind = new Map<string, MaskOfKind[]>();
  const waiting: Packed[] = [...startsOf(sourceMac)].map(({ kind, values, free }) => ({
    kind,
    packet: pack(values),
    free: pack(free),
  }));
  for (let box = waiting.pop(); box !== undefined; box = waiting.pop()) {
    const { kind, packet } = box;
    const key = `${kind.etherType} ${kind.fragment} ${kind.isTagged}`;
    const masks = byKind.get(key) ?? [];
    byKind.set(key, masks);
    let one = masks.find(({ mask, found }) => found.has((packet & mask).toString(16)));
    if (one === undefined) {
      const text = await ovs.trace(bridge, `in_port=${inPort},${printPacket(kind, packet)}`);
      const mask = pack(maskOf(text, kind));
      one = masks.find((known) => known.mask === mask);
      if (one === undefined) {
        one = { mask, found: new Set() };
        masks.push(one);
      }
      one.found.add((packet & mask).toString(16));
    }
    split(box, one.mask, waiting);
  }
  return tallyOf(byKind);
}

/** Fragment bits are in every mask of IP, and in no other. */
function tallyOf(byKind: ReadonlyMap<string, readonly MaskOfKind[]>): TracedTally {
  const masks = new Set<string>();
  let megaflows = 0;
  for (const [kind, known] of byKind)
    for (const { mask, found } of known) {
      masks.add(`${kind.includes("undefined")} ${mask.toString(16)}`);
      megaflows += found.size;
    }
  return { megaflows, masks: masks.size };
}

/** The packets that differ in one bit first, from the highest on. */
function split({ kind, packet, free }: Packed, mask: bigint, waiting: Packed[]): void {
  let left = free;
  for (let open = free & mask; open !== 0n; ) {
    const bit = 1n << BigInt(open.toString(2).length - 1);
    open ^= bit;
    left ^= bit;
    waiting.push({ kind, packet: packet ^ bit, free: left });
  }
}

function* startsOf(sourceMac: bigint | undefined): Generator<Box> {
  const ethernet: Values = {
    ethernetDestination: all(48),
    ...(sourceMac === undefined ? { ethernetSource: all(48) } : {}),
  };
  const source: Values = sourceMac === undefined ? {} : { ethernetSource: sourceMac };
  for (const isTagged of [false, true]) {
    const tag: Values = isTagged ? { tag: 0x1000n } : {};
    const open: Values = isTagged ? { ...ethernet, tag: 0xefffn } : ethernet;
    const made = (kind: Omit<Kind, "isTagged">, fixed: Values, free: Values): Box => ({
      kind: { ...kind, isTagged },
      values: { ...source, ...tag, ...fixed },
      free: { ...open, ...free },
    });
    const addresses = { source: all(32), destination: all(32) };
    const macs = { senderMac: all(48), targetMac: all(48) };
    yield made({ etherType: 0x0806 }, {}, { ...addresses, ...macs, operation: all(8) });
    for (const fragment of ["no", "first", "later"] as const) {
      yield made(
        { etherType: 0x86dd, fragment },
        fragment === "later" ? { protocol: 44n } : { protocol: 59n },
        {},
      );
      const kind = { etherType: 0x0800, fragment };
      if (fragment === "later") yield made(kind, {}, { ...addresses, protocol: all(8) });
      else {
        const ports = { ...addresses, first: all(16), second: all(16) };
        yield made({ ...kind, upper: "tcp" }, { protocol: 6n }, { ...ports, flags: all(12) });
        for (const protocol of [17n, 132n])
          yield made({ ...kind, upper: "ports" }, { protocol }, ports);
        const message = { ...addresses, first: all(8), second: all(8) };
        yield made({ ...kind, upper: "icmp" }, { protocol: 1n }, message);
        for (let protocol = 0n; protocol < 256n; protocol++)
          if (![1n, 6n, 17n, 132n].includes(protocol)) yield made(kind, { protocol }, addresses);
      }
    }
  }
}
