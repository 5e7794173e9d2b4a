/** Reads a switch again and again: the loop of `verify --watch` and `verify --wait`. */

import { isSwitchError } from "../switch/errors.js";
import type { OpenVswitch } from "../switch/open-vswitch.js";
import type { SwitchWarning } from "../switch/switch-warning.js";
import type { RailVerdict } from "../verify/verdict.js";
import type { NodeInput } from "./node-input.js";
import type { Terminal } from "./terminal.js";
import { type Reading, readSwitch, verdictsOf, warningsIn } from "./verify-reading.js";

export interface Round {
  readonly verdicts: readonly RailVerdict[];
  /** Of the bridges: those that the round before did not have. */
  readonly newWarnings: readonly SwitchWarning[];
  /** Failures so far. */
  readonly failures: number;
}

export interface Repetition {
  readonly intervalMs: number;
  readonly timeoutMs?: number;
  /** After every reading; `true` ends. */
  readonly onRound: (round: Round) => Promise<boolean>;
  /** After every reading that failed but the first, which ends the run. */
  readonly onFailure?: (message: string, failures: number) => Promise<void>;
}

/** NICs read their counters every second (mlx5), and Open vSwitch allows for two (offloaded-stats-delay). */
const counterLagMs = 2_000;

/** The last verdicts, when `onRound` said so, time was up, or the user interrupted it. */
export async function verifyRepeatedly(
  ovs: OpenVswitch,
  input: NodeInput,
  terminal: Terminal,
  { intervalMs, timeoutMs, onRound, onFailure }: Repetition,
): Promise<readonly RailVerdict[]> {
  const end = new AbortController();
  const stopListening = terminal.onInterrupt?.(() => end.abort());
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => end.abort(), timeoutMs).unref();
  let verdicts: readonly RailVerdict[] | undefined;
  let earlier: { readonly reading: Reading; readonly atMs: number } | undefined;
  let warned: readonly SwitchWarning[] = [];
  let failures = 0;
  try {
    for (;;) {
      try {
        const reading = await readSwitch(ovs, input);
        const atMs = performance.now();
        const isSettled = earlier !== undefined && atMs - earlier.atMs >= counterLagMs;
        verdicts = verdictsOf(input, reading, isSettled ? earlier?.reading : undefined);
        if (earlier === undefined || isSettled) earlier = { reading, atMs };
        const known = new Set(warned.map(({ message }) => message));
        warned = warningsIn(input, reading);
        const newWarnings = warned.filter(({ message }) => !known.has(message));
        if (await onRound({ verdicts, newWarnings, failures })) return verdicts;
      } catch (error) {
        // ovs-vswitchd may be started again while somebody watches
        if (!isSwitchError(error) || verdicts === undefined) throw error;
        await onFailure?.(error.message, ++failures);
      }
      await pause(intervalMs, end.signal);
      if (end.signal.aborted) return verdicts;
    }
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((fulfil) => {
    if (signal.aborted) return fulfil();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      fulfil();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
