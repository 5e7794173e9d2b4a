/** A megaflow's traffic in a few words: `10.101.0.16 -> 10.101.0.32 udp 4791`. */

import type { Megaflow } from "../datapath/megaflow.js";
import { protocolName } from "../net/protocol.js";
import { type FieldName, fieldOf } from "../openflow/field.js";
import { printMasked } from "../openflow/print-value.js";

export function describeTraffic(megaflow: Megaflow): string {
  const text = (names: readonly FieldName[]): string | undefined => {
    for (const { field, value, mask } of megaflow.match.fields)
      if (field !== undefined && names.includes(field) && mask !== 0n)
        return printMasked(fieldOf(field), value & mask, mask);
    return undefined;
  };
  const source = text(["nw_src", "ipv6_src", "arp_spa"]) ?? text(["dl_src"]) ?? "any";
  const destination = text(["nw_dst", "ipv6_dst", "arp_tpa"]) ?? text(["dl_dst"]) ?? "any";
  const number = text(["nw_proto"]);
  const selector = text(["tp_dst", "icmp_type", "icmpv6_type"]);
  const words = [source, "->", destination];
  if (text(["arp_op"]) !== undefined) words.push("arp");
  if (number !== undefined)
    words.push(/^\d+$/.test(number) ? protocolName(Number(number)) : `protocol ${number}`);
  if (selector !== undefined) words.push(selector);
  return words.join(" ");
}
