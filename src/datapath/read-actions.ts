/** The actions of a megaflow; what the reader does not know stays text and is reported. */

import { readNumber } from "./datapath-value.js";
import { type Item, itemsIn, itemsOf, valueText } from "./item.js";
import type { ActionShape, DatapathAction, NotUnderstood } from "./megaflow.js";
import { readGroup } from "./read-match.js";

export interface ActionsReading {
  readonly actions: readonly DatapathAction[];
  readonly notUnderstood: readonly NotUnderstood[];
}

export function readActions(text: string, start: number, end: number): ActionsReading {
  const notUnderstood: NotUnderstood[] = [];
  return { actions: readList(text, itemsIn(text, start, end), notUnderstood), notUnderstood };
}

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

function readList(
  text: string,
  items: readonly Item[],
  notUnderstood: NotUnderstood[],
): DatapathAction[] {
  const actions: DatapathAction[] = [];
  for (const item of items) {
    const { start, end } = item;
    const shape = shapeOf(text, item, notUnderstood);
    if (shape.kind === "unknown")
      notUnderstood.push({ part: "action", text: shape.text, place: { start, end } });
    // OVS writes a drop only as the whole list; beside other actions it does nothing
    actions.push({ ...shape, place: { start, end } });
  }
  return actions;
}

function shapeOf(text: string, item: Item, notUnderstood: NotUnderstood[]): ActionShape {
  const value = valueText(text, item);
  const unknown: ActionShape = { kind: "unknown", text: text.slice(item.start, item.end) };
  if (item.form === "bare") return bareShape(value, unknown);
  if (item.form !== "call") return unknown;
  const number = readNumber(value);
  const inner = () => itemsOf(text, item);
  switch (item.key) {
    case "set": {
      const [target] = inner();
      if (target === undefined) return unknown;
      const fields = readGroup(text, target, notUnderstood);
      return fields === undefined ? unknown : { kind: "set", key: target.key, fields };
    }
    case "push_vlan": {
      const number = (key: string) =>
        Number(
          readNumber(
            textOf(
              text,
              inner().find((member) => member.key === key),
            ) ?? "0",
          ) ?? -1n,
        );
      const [vlan, priority] = [number("vid"), number("pcp")];
      return vlan < 0 || priority < 0 ? unknown : { kind: "push-vlan", vlan, priority };
    }
    case "recirc":
      return number === undefined ? unknown : { kind: "recirculate", id: Number(number) };
    case "ct":
      return { kind: "conntrack", helper: inner().some(({ key }) => key === "helper") };
    case "userspace": {
      const reason = inner().find(({ key }) => key !== "pid");
      return { kind: "userspace", reason: userspaceReason(text, reason) };
    }
    case "trunc":
      return number === undefined ? unknown : { kind: "truncate", bytes: Number(number) };
    case "hash":
      return { kind: "hash" };
    case "meter":
      return number === undefined ? unknown : { kind: "meter", meter: Number(number) };
    case "check_pkt_len":
      return packetLength(text, inner(), notUnderstood) ?? unknown;
    case "clone":
      return { kind: "clone", actions: readList(text, inner(), notUnderstood) };
    case "sample": {
      const actions = inner().find(({ key }) => key === "actions");
      return actions === undefined
        ? unknown
        : { kind: "sample", actions: readList(text, itemsOf(text, actions), notUnderstood) };
    }
    case "tnl_push": {
      const port = textOf(
        text,
        inner().find(({ key }) => key === "out_port"),
      );
      return port === undefined ? unknown : { kind: "tunnel-push", port: portOf(port) };
    }
    case "tnl_pop":
      return { kind: "tunnel-pop", port: portOf(value) };
    default:
      return others.has(item.key) ? { kind: "other", name: item.key } : unknown;
  }
}

function bareShape(value: string, unknown: ActionShape): ActionShape {
  if (value === "drop") return { kind: "drop" };
  if (value === "pop_vlan") return { kind: "pop-vlan" };
  if (value === "ct_clear") return { kind: "conntrack-clear" };
  if (value === "ct") return { kind: "conntrack", helper: false };
  if (others.has(value)) return { kind: "other", name: value };
  return isPortName(value) ? { kind: "output", port: portOf(value) } : unknown;
}

/** Names of Linux network devices hold neither spaces nor slashes; brackets or colons would be datapath syntax. */
function isPortName(text: string): boolean {
  return /^[^\s,:()=/{}]+$/.test(text);
}

function portOf(text: string): number | string {
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}

function textOf(text: string, item: Item | undefined): string | undefined {
  return item === undefined ? undefined : valueText(text, item);
}

function userspaceReason(text: string, reason: Item | undefined): string {
  if (reason === undefined) return "";
  if (reason.key === "slow_path") return text.slice(reason.start, reason.end);
  return reason.key === "" ? valueText(text, reason) : reason.key;
}

function packetLength(
  text: string,
  items: readonly Item[],
  notUnderstood: NotUnderstood[],
): ActionShape | undefined {
  const size = readNumber(
    textOf(
      text,
      items.find(({ key }) => key === "size"),
    ) ?? "",
  );
  const greater = items.find(({ key }) => key === "gt");
  const lessOrEqual = items.find(({ key }) => key === "le");
  if (size === undefined || greater === undefined || lessOrEqual === undefined) return undefined;
  return {
    kind: "check-packet-length",
    bytes: Number(size),
    greater: readList(text, itemsOf(text, greater), notUnderstood),
    lessOrEqual: readList(text, itemsOf(text, lessOrEqual), notUnderstood),
  };
}
