/** What ethtool and tc say of the netdevs that are ports of bridges. */

import { z } from "zod";
import {
  absent,
  type Fact,
  mapFact,
  present,
  readFact,
  valueIn,
} from "../../verify/doctor/fact.js";
import type { PortFacts, PortFilters } from "../../verify/doctor/node-facts.js";
import { readHwTcOffload } from "../../verify/evidence/port-features.js";
import { readTcJson } from "../../verify/evidence/read-tc-json.js";
import type { TcFilter } from "../../verify/evidence/tc-filter.js";
import { cookieOfUfid } from "../../verify/evidence/ufid.js";
import { inParallel } from "./in-parallel.js";
import type { NodeSource } from "./node-source.js";
import { parsedJson } from "./ovsdb-table.js";

const qdiscs = z.array(z.object({ kind: z.string(), dev: z.string() }));

export async function readIngress(source: NodeSource): Promise<Fact<ReadonlySet<string>>> {
  const words = ["tc", "-j", "qdisc", "show"] as const;
  const shown = readFact(await source.command(...words), words.join(" "), (text) =>
    text.trim() === "" ? [] : qdiscs.safeParse(parsedJson(text)).data,
  );
  return mapFact(
    shown,
    (found) =>
      new Set(
        found.filter(({ kind }) => kind === "ingress" || kind === "clsact").map(({ dev }) => dev),
      ),
  );
}

/** The netdevs of eSwitches. */
export interface NicPortNames {
  readonly onBridges: readonly string[];
  /** On no bridge; Open vSwitch may have left filters there all the same. */
  readonly others: readonly string[];
  /** Those that can have filters. */
  readonly withQdisc: ReadonlySet<string>;
}

export async function readPorts(
  source: NodeSource,
  { onBridges, others, withQdisc }: NicPortNames,
): Promise<ReadonlyMap<string, PortFacts>> {
  const offload = new Map(
    await inParallel(onBridges, async (name) => [name, await readOffload(source, name)] as const),
  );
  const strays = others.filter((name) => withQdisc.has(name));
  const filters = await readOwners(
    source,
    onBridges.filter((name) => withQdisc.has(name)),
    strays,
  );
  return new Map(
    [...onBridges, ...strays].map((name) => [
      name,
      {
        tcOffload: offload.get(name) ?? { state: "absent" },
        filters: filters.get(name) ?? { state: "absent" },
      },
    ]),
  );
}

async function readOffload(source: NodeSource, name: string): Promise<PortFacts["tcOffload"]> {
  const shown = await source.command("ethtool", "-k", name);
  return readFact(shown, `ethtool -k ${name}`, readHwTcOffload);
}

/**
 * Filters are listed between two dumps of megaflows and once more after them: one that is in both listings, and whose
 * megaflow is in neither dump, is nobody's. Megaflows come and go all the time; such a filter does not.
 */
async function readOwners(
  source: NodeSource,
  onBridges: readonly string[],
  strays: readonly string[],
): Promise<ReadonlyMap<string, Fact<PortFilters>>> {
  const names = [...onBridges, ...strays];
  if (names.length === 0) return new Map();
  const before = await readCookies(source);
  const listed = await inParallel(
    names,
    async (name) => [name, await readFilters(source, name)] as const,
  );
  const after = await readCookies(source);
  const known = new Set([...(valueIn(before) ?? []), ...(valueIn(after) ?? [])]);
  const owners = new Map<string, Fact<PortFilters>>();
  for (const [name, filters] of listed) {
    // without the switch's word nobody can say whose a filter is: said once, of the ports on bridges
    if (after.state !== "present") owners.set(name, strays.includes(name) ? absent : after);
    else if (filters.state !== "present") owners.set(name, filters);
    else owners.set(name, await ownersOf(source, name, filters.value, known));
  }
  return owners;
}

async function ownersOf(
  source: NodeSource,
  port: string,
  filters: readonly TcFilter[],
  known: ReadonlySet<string>,
): Promise<Fact<PortFilters>> {
  const ours = filters.filter(({ cookie }) => isOfUfid(cookie));
  const suspects = ours.filter(({ cookie = "" }) => !known.has(cookie));
  const again = suspects.length === 0 ? undefined : valueIn(await readFilters(source, port));
  const still = new Set(again?.map(({ cookie }) => cookie));
  return present({
    owned: ours.length - suspects.length,
    orphans: suspects.filter(({ cookie }) => still.has(cookie)).map(printFilter),
    foreign: filters.filter(({ cookie }) => !isOfUfid(cookie)).map(printFilter),
  });
}

async function readFilters(source: NodeSource, port: string): Promise<Fact<readonly TcFilter[]>> {
  // -s: some releases of tc print cookies with statistics only
  const words = ["tc", "-s", "-d", "-j", "filter", "show", "dev", port, "ingress"] as const;
  const shown = await source.command(...words);
  return readFact(shown, words.join(" "), (text) => {
    const reading = readTcJson(text, port);
    return "unread" in reading ? undefined : reading.filters;
  });
}

async function readCookies(source: NodeSource): Promise<Fact<ReadonlySet<string>>> {
  const dump = await source.command("ovs-appctl", "dpctl/dump-flows", "-m");
  return mapFact(
    dump,
    (text) =>
      new Set(
        [...text.matchAll(/\bufid:([0-9a-f-]{36})/g)].map(([, ufid = ""]) => cookieOfUfid(ufid)),
      ),
  );
}

/** As long as a ufid; other programs seldom give their filters a cookie at all. */
function isOfUfid(cookie: string | undefined): boolean {
  return cookie?.length === 32;
}

/** As one finds it again with tc. */
function printFilter({ preference, chain, handle }: TcFilter): string {
  return `pref ${preference ?? "?"}${chain === 0 ? "" : ` chain ${chain}`} handle ${handle ?? "?"}`;
}
