import { escapeToken, resolvePointer } from '../../contract/pointer.ts';
import type { Path, SourceFile, Span } from '../source-file.ts';
import { parseSourceFile } from '../source-file.ts';
import type { Evaluated, ModuleFault } from './module-file.ts';
import { defaultExport, type Literal } from './module-literal.ts';

/**
 * A workflow in TypeScript as a file of the project language: the value is what its default export came to, and places are
 * those of the module's own text as far as it is written as a literal; elsewhere, those of what stands around it.
 */
export function moduleSourceFile(path: string, text: string, evaluated: Evaluated | null): SourceFile {
  const found = evaluated ?? { fault: notEvaluated };
  // The data is JSON, which is YAML: it is read as a stored version of it will be.
  const data = parseSourceFile(path, 'text' in found ? found.text : '{}');
  const literal = defaultExport(text);
  const whole = literal === null ? exportSpan(text) : firstLine(literal, text);
  const spanAt = (at: Path): Span => {
    const part = partAt(literal, at);
    return part === null ? whole : firstLine(part.literal, text);
  };
  return {
    path,
    value: 'text' in found ? data.value : undefined,
    faults: 'text' in found ? data.faults : [faultOf(found.fault, text, spanAt)],
    position: (offset) => positionIn(text, offset),
    valueSpan: spanAt,
    keySpan: (at) => partAt(literal, at)?.key ?? spanAt(at),
    textSpan(at, offset, length) {
      const part = partAt(literal, at);
      if (part === null || !part.exact || !isPlainText(part.literal, text)) return spanAt(at);
      const start = part.literal.start + 1 + offset;
      return { start, end: start + Math.max(length, 1) };
    },
    unplaced: (at) => {
      const isHere =
        partAt(literal, at)?.exact === true || resolvePointer(data.value, pointer(at)) === undefined;
      return isHere ? null : at.join('.');
    },
    written: (at) => data.written(at),
  };
}

const notEvaluated: ModuleFault = {
  message: 'this TypeScript file has not been evaluated',
  help: 'read the project with `readProjectFiles`, which does',
  at: null,
};

function faultOf(
  { message, help, at }: ModuleFault,
  text: string,
  spanAt: (path: Path) => Span,
): SourceFile['faults'][number] {
  const start = at !== null && 'line' in at ? offsetOf(text, at.line, at.column) : 0;
  const span = at === null || 'path' in at ? spanAt(at?.path ?? []) : { start, end: start + 1 };
  return { code: 'SB106', message, help, span };
}

function pointer(path: Path): string {
  return path.map((step) => `/${escapeToken(String(step))}`).join('');
}

interface Found {
  readonly literal: Literal;
  readonly key: Span | null;
  /** Whether it is the place itself, and not what stands around it. */
  readonly exact: boolean;
}

/** The part at a path, or the nearest around it that is written out. */
function partAt(literal: Literal | null, path: Path): Found | null {
  if (literal === null) return null;
  let found: Found = { literal, key: null, exact: true };
  for (const step of path) {
    const member = found.literal.members.get(String(step));
    const value = member?.value ?? found.literal.elements[Number(step)];
    if (value === undefined) return { ...found, exact: false };
    found = { literal: value, key: member?.key ?? null, exact: true };
  }
  return found;
}

/** An object is shown by its first key and a list by its first element, as in YAML; never beyond a line. */
function firstLine(literal: Literal, text: string): Span {
  const [first] = literal.members.values();
  if (first !== undefined) return first.key;
  const { start, end } = literal;
  const lineEnd = text.slice(start, end).search(/[\r\n]/);
  return { start, end: lineEnd === -1 ? end : start + lineEnd };
}

function exportSpan(text: string): Span {
  const { index = 0, 0: own = ' ' } = /export\s+default/.exec(text) ?? {};
  return { start: index, end: index + own.length };
}

/** Without an escape in it, so that characters of the value are those of the text. */
function isPlainText({ kind, start, end }: Literal, text: string): boolean {
  return kind === 'text' && !text.slice(start, end).includes('\\');
}

function positionIn(text: string, offset: number) {
  const before = text.slice(0, Math.max(offset, 0));
  const line = before.split('\n').length;
  return { line, column: before.length - before.lastIndexOf('\n') };
}

function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n').slice(0, line - 1);
  return Math.min(lines.reduce((sum, each) => sum + each.length + 1, 0) + column - 1, text.length);
}
