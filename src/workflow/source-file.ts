import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { DiagnosticCode } from './diagnostics.ts';
import { sourceOffset } from './source-offset.ts';

export type Path = readonly (string | number)[];

/** A stretch of a file's text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A YAML file of the project language: its value as JSON, and where each part of it stands. */
export interface SourceFile {
  readonly path: string;
  /** Undefined where the file could not be read as YAML. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
  position(offset: number): { readonly line: number; readonly column: number };
  /** Where the value at a path stands; the nearest enclosing one that exists. */
  valueSpan(path: Path): Span;
  /** Where the key that holds the value stands; for an element of a list, its value. */
  keySpan(path: Path): Span;
  /** Where characters `offset` to `offset + length` of a text value stand. */
  textSpan(path: Path, offset: number, length: number): Span;
  /** How a place is named that stands somewhere else than in this text, `exceptions.ttl`; null: it is here. */
  unplaced?(path: Path): string | null;
  /** A number or boolean as it is written (`500.0`), a text as its value. */
  written(path: Path): string | undefined;
}

interface Fault {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help: string;
  readonly span: Span;
}

/** Parses one file of the project language. Never throws; what is wrong is in `faults`. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    stringKeys: true,
    resolveKnownTags: false,
    prettyErrors: false,
    keepSourceTokens: false,
  });
  const faults = faultsOf(document, text);
  const usable = faults.every((fault) => fault.code === 'SB102');
  const file: SourceFile = {
    path,
    value: usable ? document.toJS({ maxAliasCount: 0 }) : undefined,
    faults,
    position(offset) {
      const { line, col } = lineCounter.linePos(Math.min(Math.max(offset, 0), text.length));
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    },
    valueSpan: (at) => spanOf(nearest(document, at), text),
    keySpan(at) {
      const pair = pairAt(document, at);
      return spanOf(pair === undefined ? nearest(document, at) : (pair.key as Node), text);
    },
    textSpan(at, offset, length) {
      const node = nodeAt(document, at);
      if (!isScalar(node) || typeof node.value !== 'string') return file.valueSpan(at);
      const start = sourceOffset(node, text, offset);
      return {
        start,
        end: Math.max(start + 1, sourceOffset(node, text, offset + Math.max(length, 1) - 1) + 1),
      };
    },
    written(at) {
      const node = nodeAt(document, at);
      if (!isScalar(node)) return undefined;
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    },
  };
  return file;
}

function faultsOf(document: Document.Parsed, text: string): Fault[] {
  const faults: Fault[] = [];
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const span = { start: pos[0], end: pos[1] };
    if (code === 'DUPLICATE_KEY') {
      const [key = ''] = /^[^\s:]*/.exec(text.slice(pos[0], pos[0] + 200)) ?? [];
      faults.push({
        code: 'SB102',
        message: 'this key stands twice in the same place',
        help: 'only one of them can count: delete the other',
        span: { ...span, end: span.start + key.length },
      });
    } else if (!faults.some((fault) => fault.code === 'SB101')) {
      // What follows the first syntax error is mostly its echo.
      faults.push({ code: 'SB101', message: syntaxMessage(code, message), help: syntaxHelp(code), span });
    }
  }
  if (document.errors.length === 0) {
    visit(document, {
      Alias: (_, alias) => {
        const [start = 0, end = 1] = alias.range ?? [];
        faults.push({
          code: 'SB103',
          message: 'aliases are not part of the language',
          help: 'write the value out here: each part of a workflow is read by itself',
          span: { start, end },
        });
      },
    });
  }
  return faults;
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'this is nested too deeply to be read';
  if (code === 'TAG_RESOLVE_FAILED') return 'tags are not part of the language';
  if (code === 'MULTIPLE_DOCS') return 'the file holds several YAML documents';
  return `this is not valid YAML: ${message.slice(0, 200)}`;
}

function syntaxHelp(code: string): string {
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return "a text with `: ` in it, a CEL expression say, stands in quotes: 'a ? b : c'";
    case 'MULTIPLE_DOCS':
      return 'one workflow a file: move what follows `---` to a file of its own';
    case 'TAB_AS_INDENT':
      return 'indent with spaces';
    case 'TAG_RESOLVE_FAILED':
      return 'a text that begins with `!`, a CEL expression say, stands in quotes';
    case 'NON_STRING_KEY':
      return 'keys are plain names';
    default:
      return 'check the indentation, and put texts with `: `, ` #`, or a leading `{`, `[`, `"`, `*`, `&`, `!` in quotes';
  }
}

function nodeAt(document: Document.Parsed, path: Path): unknown {
  return document.getIn(path, true);
}

/** The node at a path, or of its nearest ancestor that exists. */
function nearest(document: Document.Parsed, path: Path): Node | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isMap(node) || isSeq(node) || isScalar(node)) return node;
  }
  return null;
}

function pairAt(document: Document.Parsed, path: Path): Pair | undefined {
  const parent = path.length < 2 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (path.length === 0 || !isMap(parent)) return undefined;
  const name = path.at(-1);
  return parent.items.find((pair) => isScalar(pair.key) && pair.key.value === name);
}

/** A mapping is shown by its first key, a list by its first element, a scalar whole; never beyond its first line. */
function spanOf(node: Node | null, text: string): Span {
  if (node === null) return { start: 0, end: 1 };
  if (isMap(node) && !node.flow && isScalar(node.items[0]?.key)) return spanOf(node.items[0].key, text);
  const [start, end] = node.range ?? [0, 1];
  const lineEnd = text.slice(start, end).search(/[\r\n]/);
  return { start, end: Math.max(start + 1, lineEnd === -1 ? end : start + lineEnd) };
}
