/** One measured number beside its target, and the table of them. */

export interface Row {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  /** Against another program doing the same, measured in turns in this run. */
  readonly peer?: string;
  readonly reached: boolean;
}

export function printTable(rows: readonly Row[]): string {
  const cells = [
    ["what", "target", "measured", "peer, same run", ""],
    ...rows.map(({ what, target, measured, peer, reached }) => [
      what,
      target,
      measured,
      peer ?? "",
      reached ? "reached" : "MISSED",
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}
