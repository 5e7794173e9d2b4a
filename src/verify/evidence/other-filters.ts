/**
 * How often ovs-vswitchd has said that the kernel's answer holds another filter than it asked for (tc_replace_flower() in
 * lib/tc.c). It compares what cls_flower keeps, which no driver changes, and says it at most a few times a minute.
 */

export interface OtherFilters {
  /** At least so often, since ovs-vswitchd's last start. */
  readonly times: number;
  /** As it stands in the log. */
  readonly lastLine: string;
}

const start = /\|vlog\|INFO\|opened log file /;
const mismatch = /\|tc(?:\([^)]*\))?\|WARN\|.*acknowledgment does not match request/;

/** Undefined where it says nothing of the kind. */
export function readOtherFilters(log: string): OtherFilters | undefined {
  const lines = log.split(/\r?\n/);
  const since = lines.slice(lines.findLastIndex((line) => start.test(line)) + 1);
  const found = since.filter((line) => mismatch.test(line));
  const lastLine = found.at(-1);
  return lastLine === undefined ? undefined : { times: found.length, lastLine };
}
