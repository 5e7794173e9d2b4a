/** The actions of a megaflow; what the reader does not know stays text and is reported. */

import type { Port } from "../openflow/match.js";
import { groupKeys, plainKeys } from "./datapath-key.js";
import { readNumber } from "./datapath-value.js";
import { type Item, itemsIn, itemsOf, valueText } from "./item.js";
import type { ActionShape, DatapathAction, NotUnderstood } from "./megaflow.js";
import type { MatchReader } from "./read-match.js";
import { Remembered } from "./remembered.js";

const comma = 44;

/** Actions of OVS without a meaning here beyond their name. */
const others: ReadonlySet<string> = new Set([
  "push_mpls",
  "pop_mpls",
  "add_mpls",
  "push_eth",
  "pop_eth",
  "push_nsh",
  "pop_nsh",
  "encap_nsh",
  "dec_ttl",
  "lb_output",
  "psample",
]);

/** Reads the actions of one text. */
export class ActionReader {
  private readonly text: string;
  private readonly matches: MatchReader;
  /** What stands without brackets: mostly ports. */
  private readonly words = new Remembered<ActionShape>();
  private notUnderstood: NotUnderstood[] = [];

  constructor(text: string, matches: MatchReader) {
    this.text = text;
    this.matches = matches;
  }

  /** What is not understood is added to `notUnderstood`. */
  read(start: number, end: number, notUnderstood: NotUnderstood[]): readonly DatapathAction[] {
    this.notUnderstood = notUnderstood;
    const usual = this.readUsual(start, end);
    if (usual !== undefined) return usual;
    return this.readList(itemsIn(this.text, start, end));
  }

  /** `set(eth(…)),p0`: most lines have nothing else, and are read without a tree of items. Undefined for any other. */
  private readUsual(start: number, end: number): DatapathAction[] | undefined {
    const doubts = this.notUnderstood.length;
    const actions: DatapathAction[] = [];
    for (let at = start; at < end; ) {
      const action = this.text.startsWith("set(", at)
        ? this.readUsualSet(at, end)
        : this.readKnownWord(at, end);
      if (action === undefined || this.notUnderstood.length > doubts) {
        this.notUnderstood.length = doubts;
        return undefined;
      }
      actions.push(action);
      at = action.place.end + 1;
    }
    return actions.length === 0 ? undefined : actions;
  }

  private readUsualSet(start: number, limit: number): DatapathAction | undefined {
    const { text } = this;
    const inner = start + "set(".length;
    const end = inner + text.slice(inner, limit).indexOf("))") + 2;
    if (end === inner + 1 || (end < limit && text.charCodeAt(end) !== comma)) return undefined;
    const key = text.slice(inner, text.indexOf("(", inner));
    if (!groupKeys.has(key)) return undefined;
    const fields = this.matches.readFields(inner, end - 1, this.notUnderstood);
    return { kind: "set", key, fields, place: { start, end } };
  }

  private readKnownWord(start: number, limit: number): DatapathAction | undefined {
    const found = this.text.indexOf(",", start);
    const end = found < 0 ? limit : Math.min(found, limit);
    const known = this.words.get(this.text.slice(start, end));
    const place = { start, end };
    if (known?.kind === "output") return { kind: "output", port: known.port, place };
    return known?.kind === "drop" ? { kind: "drop", place } : undefined;
  }

  // OVS writes a drop only as the whole list; beside other actions it does nothing
  private readList(items: readonly Item[]): DatapathAction[] {
    return items.map((item) => {
      const place = { start: item.start, end: item.end };
      const shape = item.form === "bare" ? this.readWord(item) : this.readCall(item);
      // most actions are these two, and writing them out is much quicker than copying a shape
      if (shape?.kind === "output") return { kind: "output", port: shape.port, place };
      if (shape?.kind === "set")
        return { kind: "set", key: shape.key, fields: shape.fields, place };
      if (shape !== undefined) return { ...shape, place };
      const text = this.text.slice(item.start, item.end);
      this.notUnderstood.push({ part: "action", text, place });
      return { kind: "unknown", text, place };
    });
  }

  private readWord(item: Item): ActionShape | undefined {
    const word = valueText(this.text, item);
    const known = this.words.get(word);
    if (known !== undefined) return known;
    const shape = wordShape(word);
    if (shape !== undefined) this.words.set(word, shape);
    return shape;
  }

  private readCall(item: Item): ActionShape | undefined {
    if (item.form !== "call") return undefined;
    const inner = itemsOf(this.text, item);
    switch (item.key) {
      case "set":
        return this.readSet(inner[0]);
      case "push_vlan": {
        const [vlan, priority] = [this.numberIn(inner, "vid"), this.numberIn(inner, "pcp")];
        return vlan < 0 || priority < 0 ? undefined : { kind: "push-vlan", vlan, priority };
      }
      case "ct":
        return { kind: "conntrack", helper: inner.some(({ key }) => key === "helper") };
      case "userspace":
        return { kind: "userspace", reason: this.userspaceReason(inner) };
      case "hash":
        return { kind: "hash" };
      case "check_pkt_len":
        return this.readPacketLength(inner);
      case "clone":
        return { kind: "clone", actions: this.readList(inner) };
      case "sample": {
        const actions = this.listIn(inner, "actions");
        return actions && { kind: "sample", actions };
      }
      case "tnl_push": {
        const port = this.valueIn(inner, "out_port");
        return port === undefined ? undefined : { kind: "tunnel-push", port: portOf(port) };
      }
      case "tnl_pop":
        return { kind: "tunnel-pop", port: portOf(valueText(this.text, item)) };
      case "recirc":
      case "trunc":
      case "meter": {
        const number = readNumber(valueText(this.text, item));
        return number === undefined ? undefined : numberShape(item.key, Number(number));
      }
      default:
        return others.has(item.key) ? { kind: "other", name: item.key } : undefined;
    }
  }

  private readSet(target: Item | undefined): ActionShape | undefined {
    if (target === undefined) return undefined;
    const { key, start, end } = target;
    if (!groupKeys.has(key) && !plainKeys.has(key)) return undefined;
    return { kind: "set", key, fields: this.matches.readFields(start, end, this.notUnderstood) };
  }

  private readPacketLength(inner: readonly Item[]): ActionShape | undefined {
    const size = readNumber(this.valueIn(inner, "size") ?? "");
    const greater = this.listIn(inner, "gt");
    const lessOrEqual = this.listIn(inner, "le");
    if (size === undefined || greater === undefined || lessOrEqual === undefined) return undefined;
    return { kind: "check-packet-length", bytes: Number(size), greater, lessOrEqual };
  }

  private userspaceReason(inner: readonly Item[]): string {
    const reason = inner.find(({ key }) => key !== "pid");
    if (reason === undefined) return "";
    if (reason.key === "slow_path") return this.text.slice(reason.start, reason.end);
    return reason.key === "" ? valueText(this.text, reason) : reason.key;
  }

  private listIn(items: readonly Item[], wanted: string): DatapathAction[] | undefined {
    const item = items.find(({ key }) => key === wanted);
    return item && this.readList(itemsOf(this.text, item));
  }

  private valueIn(items: readonly Item[], wanted: string): string | undefined {
    const item = items.find(({ key }) => key === wanted);
    return item && valueText(this.text, item);
  }

  /** 0 where it is absent, -1 for what is no number. */
  private numberIn(items: readonly Item[], wanted: string): number {
    return Number(readNumber(this.valueIn(items, wanted) ?? "0") ?? -1n);
  }
}

function wordShape(word: string): ActionShape | undefined {
  if (word === "drop") return { kind: "drop" };
  if (word === "pop_vlan") return { kind: "pop-vlan" };
  if (word === "ct_clear") return { kind: "conntrack-clear" };
  if (word === "ct") return { kind: "conntrack", helper: false };
  if (others.has(word)) return { kind: "other", name: word };
  return isPortName(word) ? { kind: "output", port: portOf(word) } : undefined;
}

function numberShape(key: "recirc" | "trunc" | "meter", number: number): ActionShape {
  if (key === "recirc") return { kind: "recirculate", id: number };
  return key === "trunc" ? { kind: "truncate", bytes: number } : { kind: "meter", meter: number };
}

/** Names of Linux network devices hold neither spaces nor slashes; brackets or colons would be datapath syntax. */
function isPortName(text: string): boolean {
  return /^[^\s,:()=/{}]+$/.test(text);
}

function portOf(text: string): Port {
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}
