/**
 * What OVS makes of a packet: the flows it meets and the bits it looks at on the way, as xlate_actions() of
 * ofproto/ofproto-dpif-xlate.c has it. Whatever is looked at is in the megaflow's mask.
 *
 * A packet that agrees with the one before in all that was looked at up to some table has come there the same way, so
 * its walk begins there.
 */

import type { Action } from "../../openflow/action.js";
import { type FieldName, fieldOf, fragmentBits } from "../../openflow/field.js";
import type { Flow } from "../../openflow/flow.js";
import { inPort as backToSender } from "../../openflow/match.js";
import type { ClassifiedTables } from "./classified-tables.js";
import { finished, isChangedSlowly } from "./finish.js";
import { addField, readField, setField, type Words, wordCount, wordOf } from "./flow-words.js";
import { type Lookup, lookUp } from "./look-up.js";
import { isIp, isThere, lookAtProtocol, writesLookAtProtocol } from "./presence.js";
import { newState, type WalkState } from "./walk-state.js";

export interface Translation {
  readonly looked: Words;
  readonly path: readonly PathStep[];
  /** Numbers of the ports it leaves by, in order. */
  readonly outputs: readonly number[];
  /** It leaves with an ARP or ICMPv6 field changed: OVS sends such packets from user space. */
  readonly slow: boolean;
  /** The mask depends on the order of subtables of one highest priority, which OVS does not promise. */
  readonly tied: boolean;
  readonly doubt?:
    | "unknown-match"
    | "unknown-action"
    | "unclear-conjunction"
    | "too-deep"
    | undefined;
}

export interface PathStep {
  readonly table: number;
  /** Without one, nothing matched there. */
  readonly flow?: Flow;
}

const noLookup: Lookup = { rule: undefined, tied: false, unclear: false };
const deepest = 64;
const anyFragment = Number(fragmentBits.any) << 24;

export class Translator {
  readonly #tables: ClassifiedTables;
  readonly #start: number;
  /** Kept for use again: those of the last packet are the first `#known`. */
  readonly #states: WalkState[] = [];
  #known = 0;
  readonly #packet: Words = new Int32Array(wordCount);
  readonly #looked: Words = new Int32Array(wordCount);
  readonly #now: Words = new Int32Array(wordCount);
  readonly #written: Words = new Int32Array(wordCount);
  readonly #path: PathStep[] = [];
  readonly #outputs: number[] = [];
  #slow = false;
  #tied = false;
  #doubt: Translation["doubt"];

  constructor(tables: ClassifiedTables, start = 0) {
    this.#tables = tables;
    this.#start = start;
  }

  /** The words as `wordsOf` makes them. */
  translate(packet: Words): Translation {
    let table: number | undefined = this.#resume(packet);
    while (table !== undefined) {
      this.#remember(table);
      table = this.#enter(table, packet[wordOf.inPort] as number, 0);
    }
    const looked = finished(this.#looked, this.#now, packet);
    const doubt = this.#doubt;
    return {
      looked,
      path: [...this.#path],
      outputs: [...this.#outputs],
      slow: this.#slow,
      tied: this.#tied,
      ...(doubt === undefined ? {} : { doubt }),
    };
  }

  /** What had been looked at before each table that the last packet came to, for who builds on the order of looking. */
  lookedBefore(): Words[] {
    return this.#states.slice(0, this.#known).map(({ looked }) => looked);
  }

  /** Puts everything as it was at the last table where the packet still was like the one before. */
  #resume(packet: Words): number {
    const last = this.#packet;
    const differs = ({ looked }: WalkState) => {
      for (let word = 0; word < wordCount; word++)
        if ((((last[word] as number) ^ (packet[word] as number)) & (looked[word] as number)) !== 0)
          return true;
      return false;
    };
    while (this.#known > 0 && differs(this.#states[this.#known - 1] as WalkState)) this.#known--;
    last.set(packet);
    this.#doubt = undefined;
    const state = this.#known > 0 ? (this.#states[--this.#known] as WalkState) : undefined;
    this.#path.length = state?.steps ?? 0;
    this.#outputs.length = state?.outputs ?? 0;
    this.#slow = state?.slow ?? false;
    this.#tied = state?.tied ?? false;
    if (state !== undefined) {
      this.#looked.set(state.looked);
      this.#written.set(state.written);
      for (let word = 0; word < wordCount; word++) {
        const ours = state.written[word] as number;
        this.#now[word] = ((packet[word] as number) & ~ours) | ((state.now[word] as number) & ours);
      }
      return state.table;
    }
    this.#now.set(packet);
    this.#written.fill(0);
    this.#looked.fill(0);
    this.#looked[wordOf.inPort] = -1;
    addField(this.#looked, "dl_type", 0xffffn);
    if (isIp(packet)) addField(this.#looked, "nw_frag", 3n);
    return this.#start;
  }

  #remember(table: number): void {
    let state = this.#states[this.#known];
    if (state === undefined) {
      state = newState();
      this.#states.push(state);
    }
    this.#known++;
    state.table = table;
    state.looked.set(this.#looked);
    state.now.set(this.#now);
    state.written.set(this.#written);
    state.steps = this.#path.length;
    state.outputs = this.#outputs.length;
    state.slow = this.#slow;
    state.tied = this.#tied;
  }

  /** The table that the walk goes on in. */
  #enter(table: number, asPort: number, depth: number): number | undefined {
    const { rule, tied, unclear } = this.#lookUp(table, asPort);
    if (tied) this.#tied = true;
    if (unclear) this.#doubt = "unclear-conjunction";
    if (rule === undefined) {
      this.#path.push({ table });
      return undefined;
    }
    const { flow } = rule;
    this.#path.push({ table, flow });
    if (flow.match.unknown !== undefined) this.#doubt = "unknown-match";
    for (const action of flow.actions) {
      if (this.#doubt !== undefined) return undefined;
      if (action.kind === "goto") return action.table;
      this.#apply(action, flow, depth);
    }
    return undefined;
  }

  #lookUp(table: number, asPort: number) {
    const classifier = this.#tables.byNumber.get(table);
    if (classifier === undefined) return noLookup;
    const now = this.#now;
    const port = now[wordOf.inPort] as number;
    const ports = now[wordOf.ports] as number;
    // no fragment has ports in a lookup, not even the first (rule_dpif_lookup_from_table())
    if (((now[wordOf.internet] as number) & anyFragment) !== 0) now[wordOf.ports] = 0;
    now[wordOf.inPort] = asPort;
    const found = lookUp(classifier, now, this.#looked);
    now[wordOf.inPort] = port;
    now[wordOf.ports] = ports;
    return found;
  }

  #apply(action: Exclude<Action, { kind: "goto" }>, flow: Flow, depth: number): void {
    const port = this.#packet[wordOf.inPort] as number;
    switch (action.kind) {
      case "resubmit": {
        if (depth >= deepest) {
          this.#doubt = "too-deep";
          return;
        }
        const isBack = action.port === undefined || action.port === backToSender;
        const asPort = isBack ? port : this.#tables.portNumber(action.port ?? backToSender);
        let table = this.#enter(action.table ?? flow.table, asPort, depth + 1);
        while (table !== undefined) table = this.#enter(table, port, depth + 1);
        return;
      }
      case "output": {
        const to = this.#tables.portNumber(action.port);
        // never back to where it came from, unless told so by name
        if (to === port) return;
        this.#outputs.push(to === backToSender ? port : to);
        if (isChangedSlowly(this.#packet, this.#now)) this.#slow = true;
        return;
      }
      case "set": {
        // what is set was looked at before: OVS matches the old value, so as not to set what is right already
        const { field, value, mask = fieldOf(action.field).full } = action;
        if (!isThere(field, this.#now, this.#looked)) return;
        // the protocol tells whether there is a header to set (OVS commit 61b39d8c4, CVE-2023-1668)
        if (writesLookAtProtocol.has(field)) lookAtProtocol(this.#looked);
        addField(this.#looked, field, mask);
        this.#write(field, value, mask);
        return;
      }
      case "move": {
        const { from, to } = action;
        const { full } = fieldOf(to);
        if (!isThere(to, this.#now, this.#looked) || !isThere(from, this.#now, this.#looked))
          return;
        addField(this.#looked, from, fieldOf(from).full);
        addField(this.#looked, to, full);
        this.#write(to, readField(this.#now, from), full);
        return;
      }
      case "note":
        return;
      // a queue is looked at as skb_priority, for which the words have no room
      case "queue":
      case "controller":
      case "write-actions":
      case "clear-actions":
      // a lookup never ends at a dimension of a conjunctive match
      case "conjunction":
      case "unknown":
        this.#doubt = "unknown-action";
    }
  }

  #write(field: FieldName, value: bigint, mask: bigint): void {
    addField(this.#written, field, mask);
    setField(this.#now, field, value, mask);
  }
}
