/**
 * A compiled rail as a golden file: every byte of every flow, yet short enough to be read. Tables have their names, and
 * lines that differ in one hexadecimal digit are folded: `{13}` stands for a line with 1 and a line with 3.
 */

import type { CompiledRail, Table } from "../../src/compile/compiled-rail.js";
import type { Flow } from "../../src/openflow/flow.js";
import { printFlow } from "../../src/openflow/print.js";

export function printGolden(rail: CompiledRail): string {
  const { tables, flows, provenance } = rail;
  const names = new Map(tables.map(({ name, number }) => [`${number}`, name]));
  const named = (line: string) =>
    line.replace(/(\btable=|goto_table:)(\d+)/g, (_, key, number) => `${key}${names.get(number)}`);
  const lines = [`# rail ${rail.rail} of node ${rail.node}, ${rail.mode}`];
  for (const [cookie, reason] of [...provenance].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const why =
      reason.kind === "fence" ? reason.duty : reason.rules.map(({ text }) => text).join(" & ");
    lines.push(`# cookie 0x${cookie.toString(16)}: ${why}`);
  }
  for (const { heading, numbers } of sectionsOf(rail)) {
    const own = flows.filter(({ table }) => numbers.has(table));
    const print = (some: readonly Flow[]) => foldLines(some.map((flow) => named(printFlow(flow))));
    lines.push("", heading, ...print(own.filter(({ priority }) => priority > 0)));
    // the last flow of every table, the same in all of them
    lines.push(...print(own.filter(({ priority }) => priority === 0)));
  }
  return `${lines.join("\n")}\n`;
}

interface Section {
  readonly heading: string;
  readonly numbers: ReadonlySet<number>;
}

/** The tables of a walk are one section, those between them another: `# 18-29,34 ethernet-source: …`. */
function sectionsOf({ tables }: CompiledRail): Section[] {
  const walks = new Map<string, Table[]>();
  for (const table of tables) {
    const name = table.name.replace(/\.\d+$/, "");
    walks.set(name, [...(walks.get(name) ?? []), table]);
  }
  return [...walks].map(([name, members]) => {
    const numbers = members.map(({ number }) => number);
    const { purpose } = members[0] as Table;
    return { heading: `# ${rangesOf(numbers)} ${name}: ${purpose}`, numbers: new Set(numbers) };
  });
}

function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

function numbersOf(ranges: string): number[] {
  return ranges.split(",").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, step) => from + step);
  });
}

/** The flows of such a file as `printFlow` prints them, in the file's order. */
export function unfoldGolden(text: string): string[] {
  const lines = text.split("\n");
  const numbers = new Map(
    lines.flatMap((line) => {
      const heading = /^# ([\d,-]+) ([^:]+): /.exec(line);
      return heading === null ? [] : [[heading[2], numbersOf(heading[1] as string)] as const];
    }),
  );
  const numberOf = (name: string) => {
    const [walk, step] = name.split(".");
    return numbers.get(walk)?.[Number(step ?? 0)];
  };
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .flatMap(unfoldLine)
    .map((line) =>
      line.replace(
        /(\btable=|goto_table:)([a-z0-9.-]+)/g,
        (_, key, name) => `${key}${numberOf(name)}`,
      ),
    );
}

/** Lines that follow each other and differ at one place, in a hexadecimal digit there. */
export function foldLines(lines: readonly string[]): string[] {
  const folded: string[] = [];
  let run: string[] = [];
  let place: number | undefined;
  const end = () => {
    const [first] = run;
    if (first === undefined) return;
    if (place === undefined || run.length === 1) folded.push(...run);
    else {
      const digits = run.map((line) => line[place as number]).join("");
      folded.push(`${first.slice(0, place)}{${digits}}${first.slice(place + 1)}`);
    }
    run = [];
    place = undefined;
  };
  for (const line of lines) {
    const [first] = run;
    const at = first === undefined ? undefined : onlyDifference(first, line);
    if (at !== undefined && (place === undefined || place === at)) place = at;
    else end();
    run.push(line);
  }
  end();
  return folded;
}

export function unfoldLine(line: string): string[] {
  const fold = /\{([0-9a-f]+)\}/.exec(line);
  if (fold === null) return [line];
  return [...(fold[1] as string)].map((digit) => line.replace(fold[0], digit));
}

function onlyDifference(one: string, other: string): number | undefined {
  if (one.length !== other.length) return undefined;
  const places = [...one].flatMap((digit, at) => (digit === other[at] ? [] : [at]));
  const [at] = places;
  if (at === undefined || places.length !== 1) return undefined;
  return /[0-9a-f]/.test(one[at] as string) && /[0-9a-f]/.test(other[at] as string)
    ? at
    : undefined;
}
