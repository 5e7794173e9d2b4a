/** `verify --watch`: a table that stays up to date on a terminal, elsewhere a line for each change. */

import { describeChange } from "../report/change-words.js";
import { printMetrics } from "../report/metrics.js";
import { printVerdicts } from "../report/verdict-text.js";
import type { WatchDocument } from "../report/watch-schema.js";
import type { OpenVswitch } from "../switch/open-vswitch.js";
import type { SwitchWarning } from "../switch/switch-warning.js";
import { type Change, changesBetween } from "../verify/change.js";
import { exitCodeOf } from "../verify/exit-decision.js";
import type { RailVerdict } from "../verify/verdict.js";
import type { ExitCode } from "./exit-code.js";
import { type MetricsTarget, openMetrics } from "./metrics-target.js";
import type { NodeInput } from "./node-input.js";
import { paintsOf } from "./paint.js";
import { printSwitchWarning } from "./print-switch-warning.js";
import type { Terminal } from "./terminal.js";
import { verifyRepeatedly } from "./verify-repeatedly.js";

export interface WatchOptions {
  readonly intervalMs: number;
  readonly format: "pretty" | "json";
  readonly metrics: string | undefined;
}

export async function watch(
  ovs: OpenVswitch,
  input: NodeInput,
  options: WatchOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const target = options.metrics === undefined ? undefined : await openMetrics(options.metrics);
  const screen = options.format === "pretty" ? terminal.screen?.() : undefined;
  const view: View =
    screen === undefined ? lineView(options.format, terminal) : tableView(terminal);
  let before: readonly RailVerdict[] = [];
  let readAt = 0;
  try {
    const verdicts = await verifyRepeatedly(ovs, input, terminal, {
      intervalMs: options.intervalMs,
      onRound: async ({ verdicts: now, newWarnings, failures }) => {
        readAt = Date.now() / 1000;
        await publish(target, now, readAt, failures);
        view.show(now, before.length === 0 ? undefined : changesBetween(before, now));
        for (const warning of newWarnings) view.warn(warning);
        before = now;
        return false;
      },
      onFailure: async (message, failures) => {
        await publish(target, before, readAt, failures);
        view.fail(message);
      },
    });
    return exitCodeOf(verdicts);
  } finally {
    target?.close();
  }
}

async function publish(
  target: MetricsTarget | undefined,
  verdicts: readonly RailVerdict[],
  readAtSeconds: number,
  failures: number,
): Promise<void> {
  await target?.publish(printMetrics(verdicts, { readAtSeconds, failures }));
}

interface View {
  /** `changes` is absent the first time. */
  readonly show: (verdicts: readonly RailVerdict[], changes?: readonly Change[]) => void;
  readonly warn: (warning: SwitchWarning) => void;
  readonly fail: (message: string) => void;
}

/** What is appended stays: for logs and pipes. */
function lineView(format: WatchOptions["format"], terminal: Terminal): View {
  const line = (rail: string, kind: WatchDocument["kind"], message: string) => {
    const document: WatchDocument = { time: new Date().toISOString(), rail, kind, message };
    const { time } = document;
    terminal.out(
      format === "json" ? `${JSON.stringify(document)}\n` : `${time} ${rail} ${message}\n`,
    );
  };
  return {
    show: (verdicts, changes) => {
      if (changes === undefined)
        for (const verdict of verdicts) line(verdict.rail, "begun", summaryOf(verdict));
      for (const change of changes ?? []) line(change.rail, change.kind, describeChange(change));
    },
    warn: (warning) => terminal.err(printSwitchWarning(warning)),
    fail: (message) =>
      terminal.err(`${new Date().toISOString()} cannot read the switch: ${message}\n`),
  };
}

/** `printVerdicts` begins with it. */
function summaryOf(verdict: RailVerdict): string {
  const [first = ""] = printVerdicts([verdict]).split("\n");
  return first.slice(first.indexOf("): ") + 3);
}

const mostChanges = 8;

function tableView(terminal: Terminal): View {
  const recent: string[] = [];
  const remember = (words: string) => {
    recent.push(`  ${new Date().toTimeString().slice(0, 8)}  ${words}`);
    recent.splice(0, recent.length - mostChanges);
  };
  let table: readonly string[] = [];
  const draw = () => {
    const { rows, columns } = terminal.screen?.() ?? { rows: 24, columns: 80 };
    const head = `railfence verify, ${new Date().toTimeString().slice(0, 8)} (Ctrl-C ends)`;
    const changes = recent.length === 0 ? [] : ["", "changes:", ...recent];
    const room = Math.max(1, rows - changes.length - 3);
    const shown = table.length > room ? [...table.slice(0, room - 1), "…"] : table;
    const lines = [head, "", ...shown, ...changes].map((one) => cut(one, columns));
    // home; each line cleared to its end; what is left of a longer table below
    terminal.out(`\u001b[H${lines.map((one) => `${one}\u001b[K\n`).join("")}\u001b[J`);
  };
  terminal.out("\u001b[2J");
  return {
    show: (verdicts, changes = []) => {
      for (const change of changes) remember(`${change.rail} ${describeChange(change)}`);
      table = printVerdicts(verdicts, paintsOf(terminal)).trimEnd().split("\n");
      draw();
    },
    warn: ({ message }) => {
      remember(`warning: ${message}`);
      draw();
    },
    fail: (message) => {
      remember(`cannot read the switch: ${message}`);
      draw();
    },
  };
}

/** A line that wraps would push the others down. Colours take no room. */
function cut(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  const pieces = line.split(/(\u001b\[\d*m)/);
  let left = columns;
  let result = "";
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 1) {
      result += piece;
      continue;
    }
    result += piece.slice(0, left);
    left = Math.max(0, left - piece.length);
  }
  return result;
}
