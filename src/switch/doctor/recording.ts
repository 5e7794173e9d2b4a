/**
 * What was seen of a node, as one text file: for bug reports, and for tests. One thing a line:
 *
 *     railfence node recording 1
 *     run-directory /var/run/openvswitch
 *     /sys/class/net/ lo p0                         a folder
 *     /sys/class/net/p0/device -> /sys/devices/…    where a link leads
 *     /sys/class/net/p0/mtu = 9000                  a file
 *     /proc/modules | openvswitch 192512 2 - Live   one line of it that was looked for
 *     /sys/devices/…/config # 100: 0d 00 01 …       bytes from 0x100 on
 *     $ ovs-appctl version | ovs-vswitchd (Open …   a line that a program printed
 *     $ devlink -j dev show ! tool-missing devlink  not to be seen, and why
 *
 * A file that is not in it was not there. Whoever reads more of a node than before counts the format up: an old recording
 * must not pass for a node without those things.
 */

import type { Fact, Obstacle } from "../../verify/doctor/fact.js";
import { absent, present, unreadable } from "../../verify/doctor/fact.js";

export const recordingHead = "railfence node recording 1";

/** One thing in a recording; of lines and bytes there may be several for one path. */
export type Entry =
  | { readonly kind: "folder"; readonly names: readonly string[] }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "obstacle"; readonly obstacle: Obstacle };

/** By path; commands by `$ PROGRAM ARGUMENTS`. */
export type Entries = ReadonlyMap<string, Entry>;

export function printEntries(runDirectory: string, entries: Entries): string {
  const lines = [...entries]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, entry]) => printEntry(path, entry));
  return `${[recordingHead, `run-directory ${runDirectory}`, ...lines].join("\n")}\n`;
}

function printEntry(path: string, entry: Entry): string[] {
  switch (entry.kind) {
    case "folder":
      return [[`${path}/`, ...entry.names].join(" ")];
    case "link":
      return [`${path} -> ${entry.target}`];
    case "text":
      return [`${path} = ${printText(entry.text)}`];
    case "lines":
      return entry.lines.length === 0
        ? [`${path} |`]
        : entry.lines.map((line) => `${path} | ${printText(line)}`);
    case "bytes":
      return printBytes(path, entry.bytes);
    case "obstacle": {
      const { kind, words } = entry.obstacle;
      return [`${path} ! ${kind}${words === undefined ? "" : ` ${printText(words)}`}`];
    }
  }
}

/** As it is where that is one line of plain text. */
function printText(text: string): string {
  return /^[^"\p{Cc}][^\p{Cc}]*$/u.test(text) ? text : JSON.stringify(text);
}

const rowLength = 16;

/** Rows of zeros are left out, the length is not. */
function printBytes(path: string, bytes: Uint8Array): string[] {
  const rows = [`${path} # length ${bytes.length}`];
  for (let at = 0; at < bytes.length; at += rowLength) {
    const row = bytes.subarray(at, at + rowLength);
    if (row.some((byte) => byte !== 0))
      rows.push(`${path} # ${at.toString(16).padStart(3, "0")}: ${[...row].map(hex).join(" ")}`);
  }
  return rows;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Undefined if it is no recording, or one of another format. */
export function readEntries(
  text: string,
): { readonly runDirectory: string; readonly entries: Entries } | undefined {
  const [head, second = "", ...lines] = text.split("\n");
  const runDirectory = /^run-directory (.+)$/.exec(second)?.[1];
  if (head !== recordingHead || runDirectory === undefined) return undefined;
  const entries = new Map<string, Entry>();
  for (const line of lines) readLine(line, entries);
  return { runDirectory, entries };
}

function readLine(line: string, entries: Map<string, Entry>): void {
  const folder = /^(\/\S*)\/(?: (.*))?$/s.exec(line);
  if (folder !== null && !/^\/\S* (->|=|\||#|!)/.test(line)) {
    const names = folder[2] === undefined ? [] : folder[2].split(" ");
    entries.set(folder[1] ?? "", { kind: "folder", names });
    return;
  }
  const found = /^(\/\S*|\$ .*?) (->|=|\||#|!)(?: (.*))?$/s.exec(line);
  if (found === null) return;
  const [, path = "", sign, rest = ""] = found;
  const before = entries.get(path);
  if (sign === "->") entries.set(path, { kind: "link", target: rest });
  else if (sign === "=") entries.set(path, { kind: "text", text: readText(rest) });
  else if (sign === "!") entries.set(path, { kind: "obstacle", obstacle: obstacle(path, rest) });
  else if (sign === "#") entries.set(path, { kind: "bytes", bytes: readBytes(before, rest) });
  else {
    const lines = before?.kind === "lines" ? before.lines : [];
    entries.set(path, {
      kind: "lines",
      lines: found[3] === undefined ? lines : [...lines, readText(rest)],
    });
  }
}

function readText(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function readBytes(before: Entry | undefined, rest: string): Uint8Array {
  const length = /^length (\d{1,5})$/.exec(rest);
  if (length !== null) return new Uint8Array(Number(length[1]));
  const row = /^([0-9a-f]+): ([0-9a-f ]+)$/.exec(rest);
  if (before?.kind !== "bytes" || row === null) return new Uint8Array();
  const bytes = before.bytes.slice();
  const values = (row[2] ?? "").split(" ").map((value) => Number.parseInt(value, 16));
  const at = Number.parseInt(row[1] ?? "", 16);
  bytes.set(values.slice(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
  return bytes;
}

const obstacleKinds: readonly Obstacle["kind"][] = [
  ...(["permission", "tool-missing", "not-running", "failed"] as const),
  ...(["not-understood", "not-recorded"] as const),
];

function obstacle(path: string, rest: string): Obstacle {
  const [word, ...words] = rest.split(" ");
  const kind = obstacleKinds.find((one) => one === word) ?? "failed";
  const what = path.replace(/^\$ /, "");
  return { kind, what, ...(words.length === 0 ? {} : { words: readText(words.join(" ")) }) };
}

/** What an entry says to somebody who looks for one kind of thing. */
export function factOf<K extends Entry["kind"], T>(
  entry: Entry | undefined,
  kind: K,
  value: (entry: Extract<Entry, { kind: K }>) => T,
): Fact<T> {
  if (entry === undefined) return absent;
  if (entry.kind === "obstacle") return { state: "unreadable", obstacle: entry.obstacle };
  return entry.kind === kind
    ? present(value(entry as Extract<Entry, { kind: K }>))
    : unreadable("not-understood", "the recording");
}

/** The path of a command. */
export function commandPath(words: readonly string[]): string {
  return `$ ${words.join(" ")}`;
}
