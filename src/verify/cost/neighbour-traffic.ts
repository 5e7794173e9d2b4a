/**
 * ARP and neighbour discovery that a real network stack sends before anything else: every endpoint of the node asks
 * for its gateways and for whom it may meet; on a bridged rail it is asked too, and both answer.
 */

import type { LocalEndpoint } from "../../compile/fleet.js";
import type { RailView } from "../../compile/rail-view.js";
import { addField, type Words, wordCount, wordOf } from "../../datapath/unwildcard/flow-words.js";
import type { Address, Family } from "../../net/address.js";
import { addressSetOf, subtractAddresses, uniteAddresses } from "../../net/address-set.js";
import { broadcastMac, type Mac } from "../../net/mac.js";
import { neighbourDiscovery, protocol } from "../../net/protocol.js";
import { etherTypes } from "../../openflow/field.js";
import { type Box, boxOf } from "./explore.js";

/** A station's end of an exchange. */
interface Station {
  readonly mac: Mac;
  readonly address: Address;
}

/** Of stations that the inventory gives no link-layer address. */
const someMac = 0x02_00_00_00_00_01n;
const { neighbourSolicitation, neighbourAdvertisement } = neighbourDiscovery;

export function* neighbourTraffic(
  view: RailView,
  portNumber: (name: string) => number,
): Generator<Box, void, undefined> {
  const locals = view.fleet.locals();
  const ownAddresses = locals.flatMap(({ addresses }) => addresses);
  for (const local of locals)
    for (const address of local.addresses) {
      const port = portNumber(local.representor);
      const own = { mac: local.mac, address };
      for (const other of neighboursOf(view, local, address.family))
        yield* exchange(view, port, own, other);
      if (view.isRouted) continue;
      const uplink = portNumber(view.ports.uplink);
      for (const other of neighboursOf(view, local, address.family, ownAddresses))
        yield* exchange(view, uplink, other, own);
    }
}

function* neighboursOf(
  view: RailView,
  local: LocalEndpoint,
  family: Family,
  except: readonly Address[] = local.addresses,
): Generator<Station, void, undefined> {
  let set = addressSetOf(family, view.gateways(family));
  for (const member of view.fleet.members())
    if (member.party.standing === undefined && view.isMeeting(local.party, member.party, family))
      set = uniteAddresses(set, member.endpoints(family));
  for (const { first, last } of subtractAddresses(set, addressSetOf(family, except)).ranges)
    for (let value = first; value <= last; value++)
      yield { mac: view.isRouted ? view.mac : someMac, address: { family, value } };
}

/** The one asks for the other, by broadcast or multicast; on a bridged rail it answers the other's question too. */
function* exchange(
  view: RailView,
  port: number,
  from: Station,
  to: Station,
): Generator<Box, void, undefined> {
  const isAnswer = view.isRouted ? [false] : [false, true];
  for (const answers of isAnswer)
    yield boxOf(
      from.address.family === 4 ? arp(port, from, to, answers) : discovery(port, from, to, answers),
    );
}

function arp(port: number, from: Station, to: Station, answers: boolean): Words {
  const words = frame(port, etherTypes.arp, from.mac, answers ? to.mac : broadcastMac);
  addField(words, "arp_op", answers ? 2n : 1n);
  addField(words, "arp_spa", from.address.value);
  addField(words, "arp_tpa", to.address.value);
  addField(words, "arp_sha", from.mac);
  addField(words, "arp_tha", answers ? to.mac : 0n);
  return words;
}

function discovery(port: number, from: Station, to: Station, answers: boolean): Words {
  // RFC 4291, section 2.7.1, and RFC 2464, section 7: the group of the last 24 bits
  const low = to.address.value & 0xffffffn;
  const words = frame(port, etherTypes.ipv6, from.mac, answers ? to.mac : 0x3333ff000000n | low);
  addField(words, "ipv6_src", from.address.value);
  addField(
    words,
    "ipv6_dst",
    answers ? to.address.value : (0xff02n << 112n) | (0x1ffn << 24n) | low,
  );
  addField(words, "nw_proto", BigInt(protocol.icmpv6));
  addField(words, "nw_ttl", 255n);
  addField(words, "icmpv6_type", BigInt(answers ? neighbourAdvertisement : neighbourSolicitation));
  addField(words, "nd_target", answers ? from.address.value : to.address.value);
  addField(words, answers ? "nd_tll" : "nd_sll", from.mac);
  return words;
}

function frame(port: number, etherType: number, source: Mac, destination: Mac): Words {
  const words = new Int32Array(wordCount);
  words[wordOf.inPort] = port;
  words[wordOf.etherType] = etherType;
  addField(words, "dl_src", source);
  addField(words, "dl_dst", destination);
  return words;
}
