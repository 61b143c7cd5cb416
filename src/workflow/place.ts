import type { Diagnostic, DiagnosticCode } from './diagnostics.ts';
import type { Path, SourceFile, Span } from './source-file.ts';

/** What is wrong, and what to write instead. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help: string;
  /** Where: the value (default), its key, or some characters of a text. */
  readonly at?: 'value' | 'key' | { readonly offset: number; readonly length: number };
  readonly severity?: 'error' | 'warning';
}

/**
 * A part of a file: its value, its parts, and a pen to report what is wrong with it.
 * Reading is total: the part of something that is missing or of another type is a place with the value undefined,
 * so that a section with one mistake is still checked to its end (the schema has reported the mistake).
 */
export interface Place {
  readonly value: unknown;
  /** Its last key or index. */
  readonly name: string;
  get(key: string): Place;
  /** The elements of a list. */
  elements(): readonly Place[];
  /** The parts of a mapping. */
  entries(): readonly (readonly [key: string, place: Place])[];
  /** A text; '' for anything else. */
  text(): string;
  /** A text, or a number or boolean as it is written; undefined for anything else. */
  written(): string | undefined;
  report(finding: Finding): void;
  /** Whether something was reported of this very value, by what reads it. */
  readonly isFaulty: boolean;
}

export function placeOf(file: SourceFile, diagnostics: Diagnostic[]): Place {
  return placeAt(file, [], file.value, diagnostics);
}

export function placeAt(
  file: SourceFile,
  path: Path,
  value: unknown,
  diagnostics: Diagnostic[],
  faulty: Set<string> = new Set(),
): Place {
  const part = (key: string | number, partValue: unknown) =>
    placeAt(file, [...path, key], partValue, diagnostics, faulty);
  return {
    value,
    name: String(path.at(-1) ?? ''),
    get: (key) => part(key, isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    elements: () => (Array.isArray(value) ? value.map((element, index) => part(index, element)) : []),
    entries: () =>
      isMapping(value) ? Object.entries(value).map(([key, entry]) => [key, part(key, entry)]) : [],
    text: () => (typeof value === 'string' ? value : ''),
    written: () =>
      isMapping(value) || Array.isArray(value) || value == null ? undefined : file.written(path),
    report(finding) {
      faulty.add(JSON.stringify(path));
      const elsewhere = file.unplaced?.(path) ?? null;
      const message = elsewhere === null ? finding.message : `${finding.message} (at \`${elsewhere}\`)`;
      diagnostics.push(diagnosticAt(file, spanOf(file, path, finding.at), { ...finding, message }));
    },
    get isFaulty() {
      return faulty.has(JSON.stringify(path));
    },
  };
}

export function diagnosticAt(file: SourceFile, span: Span, finding: Omit<Finding, 'at'>): Diagnostic {
  const { code, message, help, severity = 'error' } = finding;
  const length = Math.max(1, span.end - span.start);
  return { file: file.path, ...file.position(span.start), length, code, severity, message, help };
}

function spanOf(file: SourceFile, path: Path, at: Finding['at']): Span {
  if (at === 'key') return file.keySpan(path);
  if (typeof at === 'object') return file.textSpan(path, at.offset, at.length);
  return file.valueSpan(path);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
