/** A RoCEv2 packet between two endpoints. */

import type { Address, Family } from "../../src/net/address.js";
import type { Mac } from "../../src/net/mac.js";
import type { Frame } from "../../src/net/packet.js";
import { protocol } from "../../src/net/protocol.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import type { Random } from "./random.js";

/** From a source port of the sender's choice (RoCEv2, annex A17 of the InfiniBand specification). */
export function roceFrame(
  random: Random,
  from: Endpoint,
  to: Endpoint,
  destination: Mac,
  family: Family = 4,
): Frame {
  return {
    source: from.mac as Mac,
    destination,
    body: {
      kind: "ip",
      source: ownAddress(from, family),
      destination: ownAddress(to, family),
      protocol: protocol.udp,
      fragment: "no",
      timeToLive: 64,
      typeOfService: 2,
      transport: { kind: "ports", source: 0xc000 + random.below(0x4000), destination: 4791 },
    },
  };
}

export function ownAddress(endpoint: Endpoint, family: Family): Address {
  return endpoint.addresses.find((address) => address.family === family) as Address;
}
