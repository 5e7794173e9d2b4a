/** Whether a packet has a field at all; to know, OVS looks at what says so (mf_are_prereqs_ok() in lib/meta-flow.c). */

import { type FieldName, fragmentBits } from "../../openflow/field.js";
import { type Need, needOf } from "../../openflow/prerequisite.js";
import { addField, readField, type Words, wordOf } from "./flow-words.js";

export const laterFragment = Number(fragmentBits.later) << 24;

export function isThere(field: FieldName, now: Words, looked: Words): boolean {
  const need: Need = needOf(field);
  const type = now[wordOf.etherType];
  const internet = now[wordOf.internet] as number;
  const isProtocol = (number: number) => {
    lookAtProtocol(looked);
    return (internet & 0xff) === number;
  };
  const isWhole = (internet & laterFragment) === 0;
  switch (need) {
    case "nothing":
      return true;
    case "ip":
      return isIp(now);
    case "ipv4":
      return type === 0x0800;
    case "ipv6":
      return type === 0x86dd;
    case "arp":
      return type === 0x0806 || type === 0x8035;
    case "ports":
      return isIp(now) && isWhole && [6, 17, 132].some(isProtocol);
    case "tcp":
      return isIp(now) && isWhole && isProtocol(6);
    case "icmp":
      return type === 0x0800 && isProtocol(1);
    case "icmpv6":
      return type === 0x86dd && isProtocol(58);
    case "neighbour":
    case "solicitation":
    case "advertisement":
      return type === 0x86dd && isProtocol(58) && isMessage(need, now, looked);
  }
}

function isMessage(
  need: "neighbour" | "solicitation" | "advertisement",
  now: Words,
  looked: Words,
): boolean {
  addField(looked, "icmpv6_code", 0xffn);
  if (readField(now, "icmpv6_code") !== 0n) return false;
  addField(looked, "icmpv6_type", 0xffn);
  const type = readField(now, "icmpv6_type");
  return (type === 135n && need !== "advertisement") || (type === 136n && need !== "solicitation");
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
