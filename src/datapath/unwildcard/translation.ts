/**
 * What OVS makes of one packet: the flows it meets and the bits it looks at on the way, as xlate_actions() of
 * ofproto/ofproto-dpif-xlate.c has it. Whatever is looked at is in the megaflow's mask.
 */

import type { Action } from "../../openflow/action.js";
import { type FieldName, fieldOf, fragmentBits } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import { inPort as backToSender } from "../../openflow/match.js";
import { type Need, needOf } from "../../openflow/prerequisite.js";
import type { ClassifiedTables } from "./classified-tables.js";
import { lookUp } from "./classifier.js";
import { addField, readField, setField, type Words, wordCount, wordOf } from "./flow-words.js";

export interface Translation {
  /** The packet as it came. */
  readonly packet: Words;
  readonly looked: Words;
  readonly path: readonly PathStep[];
  /** Numbers of the ports it leaves by, in order. */
  readonly outputs: readonly number[];
  /** It leaves with an ARP, ICMP or neighbour discovery field changed: OVS sends such packets from user space. */
  readonly slow: boolean;
  /** The mask depends on the order of subtables of one highest priority, which OVS does not promise. */
  readonly tied: boolean;
  readonly doubt?: "unknown-match" | "unknown-action" | "too-deep";
}

export interface PathStep {
  readonly table: number;
  /** Without one, nothing matched there. */
  readonly flow?: Flow;
}

const deepest = 64;
const anyFragment = Number(fragmentBits.any) << 24;
const laterFragment = Number(fragmentBits.later) << 24;
const vlanPresent = 0x1000;

/** What mf_set_mask_l3_prereqs() of lib/meta-flow.c names. */
const withProtocol: ReadonlySet<FieldName> = new Set<FieldName>([
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

/** The words as `wordsOf` makes them; `start` is the first table. */
export function translate(tables: ClassifiedTables, packet: Words, start = 0): Translation {
  const run = new Run(tables, packet);
  run.enter(start, packet[wordOf.inPort] as number, 0);
  run.finish();
  return run;
}

class Run implements Translation {
  readonly packet: Words;
  readonly looked: Words = new Int32Array(wordCount);
  readonly path: PathStep[] = [];
  readonly outputs: number[] = [];
  slow = false;
  tied = false;
  doubt?: Exclude<Translation["doubt"], undefined>;
  readonly #tables: ClassifiedTables;
  readonly #now: Words;

  constructor(tables: ClassifiedTables, packet: Words) {
    this.#tables = tables;
    this.packet = packet;
    this.#now = packet.slice();
    this.looked[wordOf.inPort] = -1;
    addField(this.looked, "dl_type", 0xffffn);
    if (this.#isIp()) addField(this.looked, "nw_frag", 3n);
  }

  enter(table: number, asPort: number, depth: number): void {
    const { rule, tied } = this.#lookUp(table, asPort);
    if (tied) this.tied = true;
    if (rule === undefined) {
      this.path.push({ table });
      return;
    }
    const { flow } = rule;
    this.path.push({ table, flow });
    if (flow.match.unknown !== undefined) this.doubt = "unknown-match";
    for (const action of flow.actions) {
      if (this.doubt !== undefined) return;
      this.#apply(action, flow, depth);
    }
  }

  #lookUp(table: number, asPort: number) {
    const classifier = this.#tables.byNumber.get(table);
    if (classifier === undefined) return { rule: undefined, tied: false };
    const now = this.#now;
    const port = now[wordOf.inPort] as number;
    const ports = now[wordOf.ports] as number;
    // no fragment has ports in a lookup, not even the first (rule_dpif_lookup_from_table())
    if (((now[wordOf.internet] as number) & anyFragment) !== 0) now[wordOf.ports] = 0;
    now[wordOf.inPort] = asPort;
    const found = lookUp(classifier, now, this.looked);
    now[wordOf.inPort] = port;
    now[wordOf.ports] = ports;
    return found;
  }

  #apply(action: Action, flow: Flow, depth: number): void {
    const port = this.packet[wordOf.inPort] as number;
    switch (action.kind) {
      case "goto":
        this.enter(action.table, port, depth);
        return;
      case "resubmit":
        if (depth >= deepest) {
          this.doubt = "too-deep";
          return;
        }
        this.enter(
          action.table ?? flow.table,
          action.port === undefined || action.port === backToSender
            ? port
            : this.#tables.portNumber(action.port),
          depth + 1,
        );
        return;
      case "output": {
        const to = this.#tables.portNumber(action.port);
        // never back to where it came from, unless told so by name
        if (to === port) return;
        this.outputs.push(to === backToSender ? port : to);
        if (this.#isChangedSlowly()) this.slow = true;
        return;
      }
      case "set":
        this.#set(action.field, action.value, action.mask ?? fieldOf(action.field).full);
        return;
      case "move":
        if (!this.#isThere(action.to) || !this.#isThere(action.from)) return;
        addField(this.looked, action.from, fieldOf(action.from).full);
        addField(this.looked, action.to, fieldOf(action.to).full);
        setField(this.#now, action.to, readField(this.#now, action.from), fieldOf(action.to).full);
        return;
      case "unknown":
        this.doubt = "unknown-action";
    }
  }

  /** What is set was looked at before: OVS matches the old value, so as not to set what is right already. */
  #set(field: FieldName, value: bigint, mask: bigint): void {
    if (!this.#isThere(field)) return;
    // the protocol tells whether there is a header to set (OVS commit 61b39d8c4, CVE-2023-1668)
    if (withProtocol.has(field))
      this.looked[wordOf.internet] = (this.looked[wordOf.internet] as number) | 0xff;
    addField(this.looked, field, mask);
    setField(this.#now, field, value, mask);
  }

  /** Whether the packet has the field; to know, OVS looks too (mf_are_prereqs_ok()). */
  #isThere(field: FieldName): boolean {
    const need: Need = needOf(field);
    const type = this.#now[wordOf.etherType];
    const word = this.#now[wordOf.internet] as number;
    const isProtocol = (number: number) => {
      this.looked[wordOf.internet] = (this.looked[wordOf.internet] as number) | 0xff;
      return (word & 0xff) === number;
    };
    const isWhole = (word & laterFragment) === 0;
    switch (need) {
      case "nothing":
        return true;
      case "ip":
        return this.#isIp();
      case "ipv4":
        return type === 0x0800;
      case "ipv6":
        return type === 0x86dd;
      case "arp":
        return type === 0x0806 || type === 0x8035;
      case "ports":
        return this.#isIp() && isWhole && [6, 17, 132].some(isProtocol);
      case "tcp":
        return this.#isIp() && isWhole && isProtocol(6);
      case "icmp":
        return type === 0x0800 && isProtocol(1);
      case "icmpv6":
        return type === 0x86dd && isProtocol(58);
      case "neighbour":
      case "solicitation":
      case "advertisement":
        return type === 0x86dd && isProtocol(58) && this.#isNeighbour(need);
    }
  }

  #isNeighbour(need: "neighbour" | "solicitation" | "advertisement"): boolean {
    addField(this.looked, "icmpv6_code", 0xffn);
    if (readField(this.#now, "icmpv6_code") !== 0n) return false;
    addField(this.looked, "icmpv6_type", 0xffn);
    const type = readField(this.#now, "icmpv6_type");
    return (
      (type === 135n && need !== "advertisement") || (type === 136n && need !== "solicitation")
    );
  }

  #isIp(): boolean {
    const type = this.#now[wordOf.etherType];
    return type === 0x0800 || type === 0x86dd;
  }

  #isChangedSlowly(): boolean {
    const fields: readonly FieldName[] =
      this.packet[wordOf.etherType] === 0x0806
        ? ["arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha"]
        : ["icmpv6_type", "icmpv6_code", "nd_target", "nd_sll", "nd_tll", "nd_options_type"];
    const isFor =
      this.packet[wordOf.etherType] === 0x0806 ||
      (this.packet[wordOf.etherType] === 0x86dd &&
        ((this.packet[wordOf.internet] as number) & 0xff) === 58);
    return isFor && fields.some((one) => readField(this.#now, one) !== readField(this.packet, one));
  }

  /** What the datapath cannot hold, or the packet does not have, leaves the mask (xlate_wc_finish()). */
  finish(): void {
    const { looked, packet } = this;
    looked.fill(0, 0, wordOf.inPort);
    const internet = this.#now[wordOf.internet] as number;
    const type = this.#now[wordOf.etherType];
    const isIcmp =
      (type === 0x0800 && (internet & 0xff) === 1) || (type === 0x86dd && (internet & 0xff) === 58);
    if (isIcmp) looked[wordOf.ports] = (looked[wordOf.ports] as number) & 0x00ff00ff;
    if ((internet & laterFragment) !== 0) looked[wordOf.ports] = 0;
    if (((packet[wordOf.vlan] as number) & vlanPresent) === 0) looked[wordOf.vlan] = 0;
    else if (looked[wordOf.vlan] !== 0)
      looked[wordOf.vlan] = (looked[wordOf.vlan] as number) | vlanPresent;
  }
}
