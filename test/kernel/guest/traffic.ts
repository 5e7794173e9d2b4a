/** What pods say to each other in the box, and what of it arrived. */

import { sleep } from "./shell.js";
import type { Heard, Sending } from "./station.js";
import { type Seat, storage, type World } from "./world.js";

export type Kind = "roce" | "nccl" | "ping" | "nfs" | "near-roce";

export interface Conversation {
  readonly rail: string;
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
  readonly isAllowed: boolean;
}

/** What became of it: of so many packets sent, so many arrived (TCP and ping: came back). */
export interface Told extends Conversation {
  readonly sent: number;
  readonly arrived: number;
}

export interface Selection {
  readonly rails?: readonly string[];
  /** Only these; default: all. */
  readonly kinds?: readonly Kind[];
  /** 0 for IPv4, 1 for IPv6; default: both. */
  readonly families?: readonly number[];
  readonly count?: number;
}

const portOf = { roce: 4791, "near-roce": 4792, nccl: 50007, nfs: 2049 } as const;

/** The neighbours, the way out and the way in, for both tenants; and what nobody may. */
const pairs = [
  ["worker-0", "worker-1"],
  ["worker-0", "worker-8"],
  ["worker-8", "worker-1"],
  ["asr-0", "asr-8"],
  ["asr-8", "asr-0"],
  ["asr-0", "worker-0"],
  ["worker-8", "asr-0"],
] as const;

/** Says all of it, stations at the same time, each one thing after the other. */
export async function converse(world: World, selection: Selection = {}): Promise<Told[]> {
  const { count = 5 } = selection;
  for (const station of world.stations) await station.heard();
  const told = await Promise.all(
    conversations(world, selection).map(async ({ seat, ...conversation }) => {
      const { from, to, kind } = conversation;
      const sending: Sending = { from, to, count, gapMs: 30 };
      // nobody answers what is forbidden: one try is enough
      const short = conversation.isAllowed ? sending : { ...sending, count: 1 };
      if (kind === "ping")
        return { conversation, sent: short.count, back: await seat.station.ping(short) };
      const port = portOf[kind];
      if (kind === "nccl" || kind === "nfs")
        return { conversation, sent: short.count, back: await seat.station.tcp(short, port) };
      return { conversation, sent: await seat.station.udp(sending, port), back: undefined };
    }),
  );
  await sleep(300);
  const heard = new Map<string, Heard>();
  for (const station of world.stations) heard.set(station.name, await station.heard());
  return told.map(({ conversation, sent, back }) => {
    const arrived = back ?? heardOf(world, heard, conversation);
    return { ...conversation, sent, arrived };
  });
}

function heardOf(
  world: World,
  heard: ReadonlyMap<string, Heard>,
  conversation: Conversation,
): number {
  const { to, from, kind } = conversation;
  if (kind === "ping") throw new Error("a ping comes back");
  const seat = world.seats.find(({ ips }) => ips.includes(to));
  return heard.get(seat?.station.name ?? "")?.get(`udp ${from} ${portOf[kind]}`) ?? 0;
}

type Planned = Conversation & { readonly seat: Seat };

function conversations(world: World, { rails, kinds, families }: Selection): Planned[] {
  const names = rails ?? [...new Set(world.seats.map(({ rail }) => rail))];
  const all = names.flatMap((rail) => [...betweenPods(world, rail), ...toStorage(world, rail)]);
  return all.filter(
    ({ kind, from }) =>
      (kinds === undefined || kinds.includes(kind)) &&
      (families === undefined || families.includes(from.includes(":") ? 1 : 0)),
  );
}

function betweenPods(world: World, rail: string): Planned[] {
  return pairs.flatMap(([opener, answerer]) => {
    const seat = world.seat(opener, rail);
    const target = world.seat(answerer, rail);
    const isAllowed = seat.namespace === target.namespace;
    const isSearch = seat.namespace.startsWith("search-");
    const kinds: Kind[] = !isAllowed
      ? ["roce"]
      : ["roce", "ping", ...(isSearch ? (["nccl"] as const) : []), "near-roce"];
    return seat.ips.flatMap((from, family) =>
      kinds.map((kind) => {
        const to = target.ips[family] ?? "";
        return { seat, rail, from, to, kind, isAllowed: isAllowed && kind !== "near-roce" };
      }),
    );
  });
}

/** The storage network is behind the routed rail's leaf. */
function toStorage(world: World, rail: string): Planned[] {
  if (rail !== "pf0") return [];
  return ["worker-0", "asr-0"].flatMap((pod) => {
    const seat = world.seat(pod, rail);
    return seat.ips.map((from, family): Planned => {
      const to = storage[family] ?? "";
      return { seat, rail, from, to, kind: "nfs", isAllowed: pod.startsWith("worker-") };
    });
  });
}
