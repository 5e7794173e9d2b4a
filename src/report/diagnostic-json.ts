/** A diagnostic for programs. The keys are stable; lines and columns count from 1, columns in UTF-16 units. */

import { describe, describeLabel } from "../text/describe.js";
import {
  type Diagnostic,
  type DiagnosticCode,
  type Severity,
  severityOf,
} from "../text/diagnostic.js";
import { positionOf, type Span } from "../text/source.js";

export interface DiagnosticJson extends PlaceJson {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  /** What stands beside the underlined place, often the repair. */
  readonly note?: string;
  readonly help?: string;
  readonly labels: readonly LabelJson[];
}

export interface LabelJson extends PlaceJson {
  readonly message: string;
}

export interface PlaceJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `endColumn` is one past the last character. */
  readonly endLine: number;
  readonly endColumn: number;
}

export function diagnosticJson(diagnostic: Diagnostic): DiagnosticJson {
  const { message, underline, help } = describe(diagnostic);
  return {
    code: diagnostic.code,
    severity: severityOf(diagnostic),
    message,
    ...(underline !== undefined && { note: underline }),
    ...(help !== undefined && { help }),
    ...placeJson(diagnostic.span),
    labels: (diagnostic.labels ?? []).map(({ span, role }) => ({
      message: describeLabel(role),
      ...placeJson(span),
    })),
  };
}

function placeJson({ source, start, end }: Span): PlaceJson {
  const from = positionOf(source, start);
  const to = positionOf(source, end);
  return {
    file: source.name,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
}
