/** What a NIC's driver has to be able to do for a megaflow, one by one: each may be what it refuses. */

import type { DatapathAction, DatapathField, Megaflow, Place } from "../../datapath/megaflow.js";

export interface Trait {
  /** Megaflows that ask for the same of the driver have the same name for it. */
  readonly name: string;
  readonly place: Place;
}

/** Ports that `isOrdinaryPort` says yes to are no trait. */
export function traitsOf(
  megaflow: Megaflow,
  isOrdinaryPort: (port: string) => boolean,
): readonly Trait[] {
  const { match, actions } = megaflow;
  const traits = new Map<string, Place>();
  const add = (name: string, place: Place | undefined) => {
    if (place !== undefined && !traits.has(name)) traits.set(name, place);
  };
  for (const [index, field] of match.fields.entries())
    for (const name of matchTraits(field)) add(name, match.placeOf(index));
  const port = match.items.find(({ key }) => key === "in_port");
  if (!isOrdinaryPort(String(match.inPort))) add(`in_port ${match.inPort}`, port);
  let outputs = 0;
  for (const action of actions) {
    if (action.kind === "output") {
      if (!isOrdinaryPort(String(action.port))) add(`output ${action.port}`, action.place);
      if (++outputs === 2) add("several outputs", action.place);
    } else for (const name of actionTraits(action)) add(name, action.place);
  }
  return [...traits].map(([name, place]) => ({ name, place }));
}

/** The kernel hands a driver one key for the ports of all transports (FLOW_DISSECTOR_KEY_PORTS). */
const ports = /(^|\.)(tcp|udp|sctp)\.(src|dst)$/;

/** Fields of which a driver may refuse single values. */
const byValue = /(^|\.)(eth_type|proto|frag)$/;

const ignored: ReadonlySet<string> = new Set(["in_port", "recirc_id"]);

function matchTraits({ name, value, mask, bits }: DatapathField): readonly string[] {
  if (mask === 0n || ignored.has(name)) return [];
  const general = ports.test(name) ? "ports" : name;
  if (byValue.test(name)) return [`${general} ${value & mask}`];
  // of a port or a MAC a driver may refuse a part; an address's prefix is as good as the whole
  const isWhole = mask === (1n << BigInt(bits)) - 1n || isAddress(name, bits);
  return isWhole ? [general] : [general, `${general} in part`];
}

function isAddress(name: string, bits: number): boolean {
  return /\.(src|dst)$/.test(name) && (bits === 32 || bits === 128);
}

function actionTraits(action: DatapathAction): readonly string[] {
  if (action.kind === "set") return action.fields.map(({ name }) => `set ${name}`);
  if (action.kind === "other") return [action.name];
  return [action.kind];
}
