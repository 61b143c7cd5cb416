import type { CelError } from '@bufbuild/cel';
import { article } from './expression-mismatch.ts';
import { childrenOf, type Syntax } from './expression-parse.ts';
import { textOf } from './expression-text.ts';

/** What went wrong in an evaluation, as a sentence that names the part of the expression: "payload.utm is missing". */
export function sentenceFor(error: CelError, syntax: Syntax): string {
  const { message } = error;
  const at = partWith(syntax, error.exprId);
  if (at === null) return message;
  // Bounds of the whole evaluation speak for themselves.
  if (/^The (expression|text) /.test(message)) return message;
  const part = textOf(at);
  if (message === 'unresolved attribute') return `${part} is missing`;
  const [, field] = /^field not found: ([\s\S]*)$/.exec(message) ?? [];
  if (field !== undefined) return `${memberText(at, field)} is missing`;
  const [, index] = /^index (-?\d+) out of bounds \[0, -1\)$/.exec(message) ?? [];
  if (index !== undefined) return `${indexedText(syntax, at, index)} has no element ${index}`;
  const [, walked] = /^type mismatch: iterable vs (\w+)/.exec(message) ?? [];
  if (walked !== undefined) return `${rangeText(at)} is ${article(walked)}, not a list`;
  const [, given] = /^type mismatch: expected bool, got (\w+)/.exec(message) ?? [];
  if (given !== undefined) return `${part}: true or false is needed, not ${article(given)}`;
  const [, name, receiver, args] = noOverload.exec(message) ?? [];
  if (name === undefined) return `${part}: ${message.replace(/^.*: Error: /, '')}`;
  return mismatch(at, name, [...(receiver === undefined ? [] : [receiver]), ...(args ?? '').split(', ')]);
}

const noOverload = /^found no matching overload for '?(\S+?)'? applied to '(?:(.+)\.)?\((.*)\)'$/;

/** The library names the start of a path whose index is missing; the list is the operand of the index itself. */
function indexedText(syntax: Syntax, start: Syntax, index: string): string {
  const operand = indexOperand(syntax, start.id, index) ?? start;
  return textOf(operand);
}

function indexOperand(syntax: Syntax, start: bigint, index: string): Syntax | null {
  const { exprKind } = syntax;
  if (exprKind.case === 'callExpr' && exprKind.value.function === '_[_]') {
    const [operand, at] = exprKind.value.args;
    const asked = at?.exprKind.case !== 'constExpr' || String(at.exprKind.value.constantKind.value) === index;
    if (operand !== undefined && asked && partWith(operand, start) !== null) return operand;
  }
  for (const child of childrenOf(syntax)) {
    const found = indexOperand(child, start, index);
    if (found !== null) return found;
  }
  return null;
}

function rangeText(at: Syntax): string {
  const range = at.exprKind.case === 'comprehensionExpr' ? at.exprKind.value.iterRange : undefined;
  return textOf(range ?? at);
}

/** An access by name has the access's own id, one by index that of the list or map. */
function memberText(at: Syntax, field: string): string {
  const { exprKind } = at;
  if (exprKind.case === 'selectExpr' && exprKind.value.field === field) return textOf(at);
  const shown = field.length > 40 ? `${field.slice(0, 40)}…` : field;
  return `${textOf(at)}[${JSON.stringify(shown)}]`;
}

function mismatch(at: Syntax, name: string, types: readonly string[]): string {
  if (name === '_?_:_') return `${textOf(at)} needs true or false, not ${article(types[0] ?? 'value')}`;
  const operands = at.exprKind.case === 'callExpr' ? at.exprKind.value : undefined;
  const parts =
    operands === undefined ? [] : [operands.target, ...operands.args].filter((each) => each !== undefined);
  const known = types.filter((type) => type !== '');
  if (parts.length !== known.length) return `${textOf(at)} does not take (${known.join(', ')})`;
  const described = parts
    .map((part, index) => ({ part, type: (known[index] ?? '').replace('null_type', 'null') }))
    .filter(({ part }) => part.exprKind.case !== 'constExpr')
    .map(({ part, type }) => `${textOf(part)} is ${type === 'null' ? type : article(type)}`);
  return `${textOf(at)} is not possible: ${described.join(' and ')}`;
}

function partWith(syntax: Syntax, id: bigint | undefined): Syntax | null {
  if (id === undefined) return null;
  if (syntax.id === id) return syntax;
  for (const child of childrenOf(syntax)) {
    const found = partWith(child, id);
    if (found !== null) return found;
  }
  return null;
}
