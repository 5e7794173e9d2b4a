/** What `show` makes of a megaflow. */

import type { DatapathAction, DatapathField, Megaflow } from "../datapath/megaflow.js";
import { printMegaflow } from "../datapath/print-megaflow.js";
import { protocolName } from "../net/protocol.js";
import { fieldOf } from "../openflow/field.js";
import { printMasked } from "../openflow/print-value.js";
import type { ShowDocument } from "./documents.js";
import { countOf, type View } from "./show-view.js";

export function viewOfMegaflow(megaflow: Megaflow): View {
  const { match, actions, packets, usedSeconds, notUnderstood } = megaflow;
  const from = match.inPort === undefined ? "any port" : `${match.inPort}`;
  const understood = notUnderstood.length === 0;
  return {
    heading: `from ${from}${match.recircId === 0 ? "" : `, recirculated (${match.recircId})`}`,
    get line() {
      const notes = [
        placeOf(megaflow),
        countOf(packets),
        usedSeconds === undefined ? "never used" : `used ${usedSeconds} s ago`,
        ...(understood
          ? []
          : [`not understood: ${notUnderstood.map(({ text }) => text).join(", ")}`]),
      ];
      return `  ${matchWords(match.fields) || "everything"}  =>  ${actionsText(megaflow)}  (${notes.join(", ")})`;
    },
    get text() {
      return understood ? printMegaflow(megaflow) : lineOf(megaflow);
    },
    get object(): ShowDocument["flows"][number] {
      return {
        kind: "megaflow",
        ufid: megaflow.ufid ?? null,
        recircId: match.recircId,
        inPort: match.inPort ?? null,
        match: Object.fromEntries(
          match.fields
            .filter(({ mask }) => mask !== 0n)
            .map((field) => [field.name, printedValue(field)]),
        ),
        actions: actions.map((action) => textOf(megaflow, action)),
        packets,
        bytes: megaflow.bytes,
        usedSeconds: usedSeconds ?? null,
        // Open vSwitch never says "no"; without a layer the dump was made without -m and says nothing
        offload: megaflow.offloaded ?? (megaflow.layer === undefined ? "unknown" : "no"),
        layer: megaflow.layer ?? null,
        understood,
        notUnderstood: notUnderstood.map(({ text }) => text),
      };
    },
  };
}

/** Where the packets are handled. Only `offloaded:yes` is the NIC; `dp:tc` without it is the kernel's software. */
function placeOf({ offloaded, layer }: Megaflow): string {
  if (offloaded === "yes") return "in hardware";
  if (offloaded === "partial") return "partly in hardware";
  return layer === undefined ? "no word on offload" : `software, ${layer}`;
}

/** What nearly every megaflow matches says nothing: its packet type is Ethernet, and it is no fragment. */
function isUsual({ name, value }: DatapathField): boolean {
  return name.startsWith("packet_type.") || (name.endsWith(".frag") && value === 0n);
}

const etherTypes = new Map([
  [0x0800n, "ipv4"],
  [0x86ddn, "ipv6"],
  [0x0806n, "arp"],
]);

function matchWords(fields: readonly DatapathField[]): string {
  return fields
    .filter((field) => field.mask !== 0n && !isUsual(field))
    .filter(({ name }) => name !== "in_port" && name !== "recirc_id")
    .map((field) => {
      const value = printedValue(field);
      if (field.name === "eth_type" && isExact(field)) return etherTypes.get(field.value) ?? value;
      return field.name.endsWith(".proto") ? value : `${field.field ?? field.name}=${value}`;
    })
    .join(" ");
}

function printedValue(field: DatapathField): string {
  if (field.name.endsWith(".proto") && isExact(field)) return protocolName(Number(field.value));
  if (field.field !== undefined) {
    const known = fieldOf(field.field);
    if (known.full === (1n << BigInt(field.bits)) - 1n)
      return printMasked(known, field.value, field.mask);
  }
  const hex = (value: bigint) => `0x${value.toString(16)}`;
  return isExact(field) ? hex(field.value) : `${hex(field.value)}/${hex(field.mask)}`;
}

function isExact({ mask, bits }: DatapathField): boolean {
  return mask === (1n << BigInt(bits)) - 1n;
}

function actionsText(megaflow: Megaflow): string {
  return megaflow.actions.length === 0
    ? "drop"
    : megaflow.actions.map((action) => textOf(megaflow, action)).join(", ");
}

function textOf({ source }: Megaflow, { place }: DatapathAction): string {
  return source.text.slice(place.start, place.end);
}

function lineOf({ source, place }: Megaflow): string {
  return source.text.slice(place.start, place.end);
}
