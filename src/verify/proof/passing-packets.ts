/**
 * Which IP packets belong to connections that are open: those that go forward, by protocol and destination port or
 * type; and answers, which are TCP's with ACK from the port that was opened, and echo replies to echoes.
 */

import type { Family } from "../../net/address.js";
import { tcpAck } from "../../net/packet.js";
import { icmpEcho, icmpv6Echo, protocol } from "../../net/protocol.js";
import { fieldOf } from "../../openflow/field.js";
import type { AddressClass } from "./address-classes.js";
import type { ConnectionSets } from "./connection-sets.js";
import { everything, type Node, nothing } from "./diagram.js";
import { headerBits, levelOfBit } from "./header-bits.js";
import type { HeaderSets } from "./header-sets.js";
import { rename, restrict } from "./rewrite-bits.js";

const number = fieldOf("tp_dst").index;
const protocolField = fieldOf("nw_proto").index;

export class PassingPackets {
  readonly #sets: HeaderSets;
  readonly #connections: ConnectionSets;
  readonly #known = new Map<string, Node>();

  constructor(sets: HeaderSets, connections: ConnectionSets) {
    this.#sets = sets;
    this.#connections = connections;
  }

  /** By fragment, protocol, ports, flags, type and code. */
  between(source: AddressClass, destination: AddressClass, family: Family): Node {
    const there = this.#connections.open(source, destination, family);
    const back = this.#connections.open(destination, source, family);
    const key = `${there} ${back} ${family}`;
    let packets = this.#known.get(key);
    if (packets === undefined) {
      const { operations } = this.#sets;
      const whole = operations.or(this.#forward(there, family), this.#answers(back, family));
      // no fragment shows its ports to a flow (ovs-ofctl(8), set-frags normal): all must be open
      const fragments = there === everything ? everything : nothing;
      packets = operations.choose(this.#sets.equal("nw_frag", 0n), whole, fragments);
      this.#known.set(key, packets);
    }
    return packets;
  }

  #forward(there: Node, family: Family): Node {
    const { operations } = this.#sets;
    const isNumber = (level: number) => headerBits[level]?.field === number;
    let packets = restrict(operations.diagrams, there, (level) => (isNumber(level) ? 0 : -1));
    for (const one of [protocol.tcp, protocol.udp, protocol.sctp])
      packets = operations.choose(this.#isProtocol(one), this.#ofProtocol(there, one), packets);
    const icmp = icmpOf(family);
    const types = rename(operations.diagrams, this.#ofProtocol(there, icmp.protocol), (level) => {
      const { bit } = headerBits[level] as { bit: number };
      return bit > 7 ? levelOfBit(icmp.type, bit - 8) : levelOfBit(icmp.code, bit);
    });
    return operations.choose(this.#isProtocol(icmp.protocol), types, packets);
  }

  #answers(back: Node, family: Family): Node {
    const { operations } = this.#sets;
    const source = fieldOf("tp_src").index;
    const fromPort = rename(operations.diagrams, this.#ofProtocol(back, protocol.tcp), (level) =>
      levelOfBit(source, (headerBits[level] as { bit: number }).bit),
    );
    const ack = this.#sets.masked("tcp_flags", BigInt(tcpAck), BigInt(tcpAck));
    const tcp = this.#sets.allOf(this.#isProtocol(protocol.tcp), ack, fromPort);
    const icmp = icmpOf(family);
    const echoes = restrict(operations.diagrams, this.#ofProtocol(back, icmp.protocol), (level) => {
      const { bit } = headerBits[level] as { bit: number };
      return bit > 7 ? (icmp.echo.request >> (bit - 8)) & 1 : -1;
    });
    const codes = rename(operations.diagrams, echoes, (level) =>
      levelOfBit(icmp.code, (headerBits[level] as { bit: number }).bit),
    );
    const replies = this.#sets.allOf(
      this.#isProtocol(icmp.protocol),
      this.#sets.equal(family === 4 ? "icmp_type" : "icmpv6_type", BigInt(icmp.echo.reply)),
      codes,
    );
    return operations.or(tcp, replies);
  }

  #isProtocol(one: number): Node {
    return this.#sets.equal("nw_proto", BigInt(one));
  }

  #ofProtocol(connections: Node, one: number): Node {
    return restrict(this.#sets.operations.diagrams, connections, (level) => {
      const at = headerBits[level] as { field: number; bit: number };
      return at.field === protocolField ? (one >> at.bit) & 1 : -1;
    });
  }
}

function icmpOf(family: Family) {
  return family === 4
    ? {
        protocol: protocol.icmp,
        type: fieldOf("icmp_type").index,
        code: fieldOf("icmp_code").index,
        echo: icmpEcho,
      }
    : {
        protocol: protocol.icmpv6,
        type: fieldOf("icmpv6_type").index,
        code: fieldOf("icmpv6_code").index,
        echo: icmpv6Echo,
      };
}
