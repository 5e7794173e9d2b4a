/** The end of a translation: what of it needs user space, and what of the mask the datapath gets. */

import { readField, type Words, wordOf } from "./flow-words.js";
import { laterFragment } from "./presence.js";

const vlanPresent = 0x1000;

const arpFields = ["arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha"] as const;
const icmpv6Fields = [
  "icmpv6_type",
  "icmpv6_code",
  "nd_target",
  "nd_sll",
  "nd_tll",
  "nd_options_type",
] as const;

/** No datapath can set these (commit_set_arp_action() and commit_set_nd_action() in lib/odp-util.c). */
export function isChangedSlowly(packet: Words, now: Words): boolean {
  const type = packet[wordOf.etherType];
  const isIcmpv6 = type === 0x86dd && ((packet[wordOf.internet] as number) & 0xff) === 58;
  if (type !== 0x0806 && !isIcmpv6) return false;
  const fields = isIcmpv6 ? icmpv6Fields : arpFields;
  return fields.some((one) => readField(now, one) !== readField(packet, one));
}

/** What the datapath cannot hold, or the packet does not have, leaves the mask (xlate_wc_finish()). */
export function finished(seen: Words, now: Words, packet: Words): Words {
  const looked = seen.slice();
  looked.fill(0, 0, wordOf.inPort);
  const internet = now[wordOf.internet] as number;
  const type = now[wordOf.etherType];
  const isIcmp =
    (type === 0x0800 && (internet & 0xff) === 1) || (type === 0x86dd && (internet & 0xff) === 58);
  if (isIcmp) looked[wordOf.ports] = (looked[wordOf.ports] as number) & 0x00ff00ff;
  if ((internet & laterFragment) !== 0) looked[wordOf.ports] = 0;
  if (((packet[wordOf.vlan] as number) & vlanPresent) === 0) looked[wordOf.vlan] = 0;
  else if (looked[wordOf.vlan] !== 0)
    looked[wordOf.vlan] = (looked[wordOf.vlan] as number) | vlanPresent;
  return looked;
}
