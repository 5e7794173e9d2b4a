/** `railfence show`: any dump of Open vSwitch's flows, readable. */

import type { Command } from "commander";
import { readMegaflows } from "../datapath/read-megaflows.js";
import { readFlows } from "../openflow/read.js";
import { harmless } from "../report/columns.js";
import { positionOf, type Source } from "../text/source.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { badArgument } from "./failure.js";
import { readSourceOrInput } from "./files.js";
import { takesFormat } from "./options.js";
import { viewOfMegaflow } from "./show-megaflow.js";
import { type View, viewOfFlow } from "./show-view.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ ovs-appctl dpctl/dump-flows -m | railfence show
  $ ovs-ofctl dump-flows br-pf1 | railfence show --format json
  $ railfence show saved-dump.txt --format text

Reads what \`ovs-ofctl dump-flows\` and \`ovs-appctl dpctl/dump-flows\` print, from Open vSwitch 2.13 on.
--format text gives canonical text that Open vSwitch reads again; a flow that holds something unknown is
printed as it came, and marked in the other formats.
Exit code 0: printed. 2: nothing in it is a dump.`;

interface Options {
  readonly format: "pretty" | "json" | "text";
}

export function describeShow(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command
    .description("Reads a dump of flows or megaflows and prints it readable.")
    .argument("[file]", "a dump; `-` is standard input", "-");
  takesFormat(command, ["pretty", "json", "text"])
    .addHelpText("after", example)
    .action(async (file: string, { format }: Options) => {
      end(show(await readSourceOrInput(file, terminal), format, terminal));
    });
}

/** Enough to see what is wrong with a dump; a wrong file would bury the rest of a screen. */
const fewLines = 8;

function show(source: Source, format: Options["format"], terminal: Terminal): ExitCode {
  const { views, unread } = isDatapathDump(source.text) ? megaflowsOf(source) : flowsOf(source);
  for (const { start, kind } of unread.slice(0, fewLines)) {
    const { line } = positionOf(source, start);
    terminal.err(`warning: ${source.name}:${line}: no flow in this line (${kind})\n`);
  }
  if (unread.length > fewLines)
    terminal.err(`warning: no flow in ${unread.length - fewLines} more lines\n`);
  if (views.length === 0 && unread.length > 0)
    throw badArgument(
      `\`${source.name}\` holds no flow`,
      "give what `ovs-ofctl dump-flows` or `ovs-appctl dpctl/dump-flows` printed",
    );
  if (format === "json") terminal.out(json(views, unread.length));
  else if (format === "text") terminal.out(views.map(({ text }) => `${harmless(text)}\n`).join(""));
  else terminal.out(pretty(views));
  return exitCode.asIntended;
}

interface Reading {
  readonly views: readonly View[];
  readonly unread: readonly { readonly start: number; readonly kind: string }[];
}

function megaflowsOf(source: Source): Reading {
  const { megaflows, problems } = readMegaflows(source);
  return { views: megaflows.map(viewOfMegaflow), unread: problems };
}

function flowsOf(source: Source): Reading {
  const { flows, problems } = readFlows(source);
  return {
    views: flows.map(viewOfFlow),
    unread: problems.map(({ kind, span }) => ({ kind, start: span.start })),
  };
}

/** OpenFlow writes `actions=`, the datapath `actions:`. */
function isDatapathDump(text: string): boolean {
  const datapath = text.search(/\bactions:/);
  if (datapath < 0) return /^flow-dump from /m.test(text);
  const openflow = text.search(/\bactions=/);
  return openflow < 0 || datapath < openflow;
}

function json(views: readonly View[], unreadLines: number): string {
  const flows = views.map(({ object }) => `    ${JSON.stringify(object)}`).join(",\n");
  const list = flows === "" ? "[]" : `[\n${flows}\n  ]`;
  return `{\n  "version": 1,\n  "unreadLines": ${unreadLines},\n  "flows": ${list}\n}\n`;
}

function pretty(views: readonly View[]): string {
  const lines = new Map<string, string[]>();
  for (const { heading, line } of views) {
    const under = lines.get(heading);
    if (under === undefined) lines.set(heading, [line]);
    else under.push(line);
  }
  return [...lines]
    .map(([heading, under]) => `${harmless(heading)}\n${under.map(harmless).join("\n")}\n`)
    .join("\n");
}
