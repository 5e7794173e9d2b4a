/** Diagnostics on stderr, by place, and a count of them. */

import { renderDiagnostics } from "../report/diagnostic-text.js";
import { type Diagnostic, severityOf } from "../text/diagnostic.js";
import type { Terminal } from "./terminal.js";

export function printDiagnostics(diagnostics: readonly Diagnostic[], terminal: Terminal): void {
  if (diagnostics.length === 0) return;
  terminal.err(`${renderDiagnostics(diagnostics, { colour: terminal.colour.err })}\n`);
  terminal.err(`${countDiagnostics(diagnostics)}\n`);
}

/** `2 errors, 1 warning` */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => severityOf(one) === "error").length;
  const warnings = diagnostics.length - errors;
  return [
    ...(errors > 0 ? [counted(errors, "error")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ].join(", ");
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
