/** Draws a diagnostic for people: a sentence, the lines it speaks of with the place underlined, a help. */

import { describe, describeLabel } from "../text/describe.js";
import { type Diagnostic, type Severity, severityOf } from "../text/diagnostic.js";
import { lineOf, positionOf, printPlace, type Source, type Span } from "../text/source.js";
import { harmless, shownLine, widthOf } from "./columns.js";

export interface DiagnosticTextOptions {
  /** With ANSI escapes. */
  readonly colour?: boolean;
}

/** A part of a line to be underlined. */
interface Mark {
  readonly span: Span;
  readonly words: string;
  readonly isPrimary: boolean;
}

/** One line of a source with its marks. */
interface Excerpt {
  readonly source: Source;
  readonly line: number;
  readonly marks: Mark[];
}

type Paint = (style: Style, text: string) => string;
type Style = Severity | "frame" | "label" | "strong";

const escapes: Record<Style, string> = {
  error: "1;31",
  warning: "1;33",
  frame: "34",
  label: "34",
  strong: "1",
};

/** Diagnostics with an empty line between each two; ends with a line end unless there is none. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: DiagnosticTextOptions = {},
): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join("\n");
}

export function renderDiagnostic(
  diagnostic: Diagnostic,
  { colour = false }: DiagnosticTextOptions = {},
): string {
  const paint: Paint = (style, text) =>
    colour && text !== "" ? `\u001B[${escapes[style]}m${text}\u001B[0m` : text;
  const severity = severityOf(diagnostic);
  const { message, underline, help } = describe(diagnostic);
  const excerpts = excerptsOf([
    { span: diagnostic.span, words: underline ?? "", isPrimary: true },
    ...(diagnostic.labels ?? []).map(({ span, role }) => ({
      span,
      words: describeLabel(role),
      isPrimary: false,
    })),
  ]);
  const gutter = Math.max(...excerpts.map(({ line }) => String(line).length)) + 2;
  const lines = [
    `${paint(severity, `${severity}[${diagnostic.code}]`)}${paint("strong", `: ${harmless(message)}`)}`,
  ];
  let before: Excerpt | undefined;
  for (const excerpt of excerpts) {
    if (before?.source !== excerpt.source) {
      const place = harmless(printPlace(placeIn(excerpt, diagnostic.span)));
      lines.push(`${" ".repeat(gutter)}${paint("frame", `┌─ ${place}`)}`);
    } else if (excerpt.line !== before.line + 1)
      lines.push(`${" ".repeat(gutter)}${paint("frame", "·")}`);
    lines.push(...drawn(excerpt, gutter, severity, paint));
    before = excerpt;
  }
  if (help !== undefined)
    lines.push(
      `${" ".repeat(gutter)}${paint("frame", "=")} ${paint("strong", "help:")} ${harmless(help)}`,
    );
  return `${lines.join("\n")}\n`;
}

/** Where the frame of a file says it is: at the diagnostic itself, if it is in that file. */
function placeIn(excerpt: Excerpt, primary: Span): Span {
  return excerpt.source === primary.source ? primary : (excerpt.marks[0] as Mark).span;
}

/** The primary mark's file first, each file's lines in their order. */
function excerptsOf(marks: readonly Mark[]): Excerpt[] {
  const excerpts: Excerpt[] = [];
  const sources = [...new Set(marks.map(({ span }) => span.source))];
  for (const mark of marks) {
    const { source } = mark.span;
    const { line } = positionOf(source, mark.span.start);
    const same = excerpts.find((excerpt) => excerpt.source === source && excerpt.line === line);
    if (same === undefined) excerpts.push({ source, line, marks: [mark] });
    else same.marks.push(mark);
  }
  return excerpts.sort(
    (one, other) =>
      sources.indexOf(one.source) - sources.indexOf(other.source) || one.line - other.line,
  );
}

// a policy may be one line; a frame shows the part around the first mark
const mostColumns = 140;
const columnsBefore = 60;

function drawn(excerpt: Excerpt, gutter: number, severity: Severity, paint: Paint): string[] {
  const { source, line, marks } = excerpt;
  const text = lineOf(source, line);
  const first = columnIn((marks[0] as Mark).span);
  const from = text.length > mostColumns ? Math.max(0, first - columnsBefore) : 0;
  const to = from + mostColumns;
  const shown = `${from > 0 ? "…" : ""}${shownLine(text.slice(from, to))}${text.length > to ? "…" : ""}`;
  const number = paint("frame", `${String(line).padStart(gutter - 1)} │`);
  const lines = [`${number} ${shown}`.trimEnd()];
  const bar = `${" ".repeat(gutter)}${paint("frame", "│")}`;
  for (const { span, words, isPrimary } of marks) {
    const start = Math.max(columnIn(span), from);
    // a place over several lines is underlined to the end of its first
    const end = Math.min(start + span.end - span.start, text.length, to);
    const indent = widthOf(shownLine(text.slice(from, start))) + (from > 0 ? 1 : 0);
    const width = widthOf(shownLine(text.slice(from, Math.max(start, end)))) + (from > 0 ? 1 : 0);
    const underline = (isPrimary ? "^" : "-").repeat(Math.max(1, width - indent));
    const style = isPrimary ? severity : "label";
    const note = `${underline} ${harmless(words)}`.trimEnd();
    lines.push(`${bar} ${" ".repeat(indent)}${paint(style, note)}`);
  }
  return lines;
}

/** From 0, in UTF-16 units. */
function columnIn(span: Span): number {
  return positionOf(span.source, span.start).column - 1;
}
