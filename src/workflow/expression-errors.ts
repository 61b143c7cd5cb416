import type { CelError } from '@bufbuild/cel';
import { article } from './expression-mismatch.ts';
import type { Syntax } from './expression-parse.ts';
import { textOf } from './expression-text.ts';

/** What went wrong in an evaluation, as a sentence that names the part of the expression: "payload.utm is missing". */
export function sentenceFor(error: CelError, syntax: Syntax): string {
  const { message } = error;
  const at = partWith(syntax, error.exprId);
  if (at === null) return message;
  const part = textOf(at);
  if (message === 'unresolved attribute') return `${part} is missing`;
  const [, field] = /^field not found: ([\s\S]*)$/.exec(message) ?? [];
  if (field !== undefined) return `${memberText(at, field)} is missing`;
  const [, index] = /^index (-?\d+) out of bounds \[0, -1\)$/.exec(message) ?? [];
  if (index !== undefined) return `${part} has no element ${index}`;
  const [, given] = /^type mismatch: \S+ \S+ (?:got )?(\w+)/.exec(message) ?? [];
  if (given !== undefined && message.includes('bool'))
    return `${part}: true or false is needed, not ${article(given)}`;
  const [, name, receiver, args] =
    /^found no matching overload for '?(\S+?)'? applied to '(?:(.+)\.)?\((.*)\)'$/.exec(message) ?? [];
  if (name === undefined) return `${part}: ${message}`;
  return mismatch(at, name, [...(receiver === undefined ? [] : [receiver]), ...(args ?? '').split(', ')]);
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

function childrenOf({ exprKind }: Syntax): readonly Syntax[] {
  const parts = (): (Syntax | undefined)[] => {
    switch (exprKind.case) {
      case 'selectExpr':
        return [exprKind.value.operand];
      case 'callExpr':
        return [exprKind.value.target, ...exprKind.value.args];
      case 'listExpr':
        return exprKind.value.elements;
      case 'structExpr':
        return exprKind.value.entries.flatMap(({ keyKind, value }) =>
          keyKind.case === 'mapKey' ? [keyKind.value, value] : [value],
        );
      case 'comprehensionExpr': {
        const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
        return [iterRange, accuInit, loopCondition, loopStep, result];
      }
      default:
        return [];
    }
  };
  return parts().filter((part) => part !== undefined);
}
