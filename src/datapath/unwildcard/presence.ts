/** Whether a packet has a field at all; to know, OVS looks at what says so (mf_are_prereqs_ok() in lib/meta-flow.c). */

import { type FieldName, fragmentBits } from "../../openflow/field.js";
import { type Need, needOf } from "../../openflow/prerequisite.js";
import { addField, readField, type Words, wordOf } from "./flow-words.js";

export const laterFragment = Number(fragmentBits.later) << 24;

/** What tells which fields there are, of a packet or of many: undefined where it is not known. To ask is to look. */
export interface Headers {
  readonly etherType: number;
  /** No later fragment. */
  readonly isWhole: boolean;
  readonly protocol: () => number | undefined;
  /** Of an ICMPv6 message. */
  readonly code: () => number | undefined;
  readonly type: () => number | undefined;
}

/** Whether there surely is a field with that need. */
export function isMetBy(
  need: Need,
  { etherType, isWhole, protocol, code, type }: Headers,
): boolean {
  const isInternet = etherType === 0x0800 || etherType === 0x86dd;
  const isMessage = () => etherType === 0x86dd && protocol() === 58 && code() === 0;
  switch (need) {
    case "nothing":
      return true;
    case "ip":
      return isInternet;
    case "ipv4":
      return etherType === 0x0800;
    case "ipv6":
      return etherType === 0x86dd;
    case "arp":
      return etherType === 0x0806 || etherType === 0x8035;
    case "ports":
      return isInternet && isWhole && [6, 17, 132].includes(protocol() ?? 0);
    case "tcp":
      return isInternet && isWhole && protocol() === 6;
    case "icmp":
      return etherType === 0x0800 && protocol() === 1;
    case "icmpv6":
      return etherType === 0x86dd && protocol() === 58;
    case "neighbour":
      return isMessage() && [135, 136].includes(type() ?? 0);
    case "solicitation":
      return isMessage() && type() === 135;
    case "advertisement":
      return isMessage() && type() === 136;
  }
}

export function isThere(field: FieldName, now: Words, looked: Words): boolean {
  const internet = now[wordOf.internet] as number;
  const lookAt = (one: FieldName) => {
    addField(looked, one, 0xffn);
    return Number(readField(now, one));
  };
  return isMetBy(needOf(field), {
    etherType: now[wordOf.etherType] as number,
    isWhole: (internet & laterFragment) === 0,
    protocol: () => lookAt("nw_proto"),
    code: () => lookAt("icmpv6_code"),
    type: () => lookAt("icmpv6_type"),
  });
}

export function isIp(now: Words): boolean {
  const type = now[wordOf.etherType];
  return type === 0x0800 || type === 0x86dd;
}

/** Of ARP, the operation. */
export function lookAtProtocol(looked: Words): void {
  looked[wordOf.internet] = (looked[wordOf.internet] as number) | 0xff;
}

/** Fields that are written only beside a look at the protocol: what mf_set_mask_l3_prereqs() of lib/meta-flow.c names. */
export const writesLookAtProtocol: ReadonlySet<FieldName> = new Set<FieldName>([
  "nw_src",
  "nw_dst",
  "ipv6_src",
  "ipv6_dst",
  "ipv6_label",
  "nw_tos",
  "nw_ecn",
  "nw_ttl",
  "arp_op",
  "arp_spa",
  "arp_tpa",
  "arp_sha",
  "arp_tha",
]);
