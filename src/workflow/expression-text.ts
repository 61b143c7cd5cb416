import type { Syntax } from './expression-parse.ts';

const charsMax = 80;

/** An expression's part as a person would name it: `payload.utm.campaign`, `size(…)`. At most 80 characters. */
export function textOf(syntax: Syntax): string {
  const text = written(syntax);
  return text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text;
}

function written(syntax: Syntax): string {
  const kind = syntax.exprKind;
  switch (kind.case) {
    case 'constExpr':
      return literal(kind.value.constantKind);
    case 'identExpr':
      return kind.value.name;
    case 'selectExpr': {
      const path = `${kind.value.operand === undefined ? '' : textOf(kind.value.operand)}.${kind.value.field}`;
      return kind.value.testOnly ? `has(${path})` : path;
    }
    case 'callExpr':
      return callText(kind.value.function, kind.value.target, kind.value.args);
    case 'listExpr':
      return kind.value.elements.length === 0 ? '[]' : '[…]';
    case 'structExpr':
      return kind.value.entries.length === 0 ? '{}' : '{…}';
    case 'comprehensionExpr':
      return kind.value.iterRange === undefined ? '…' : `${textOf(kind.value.iterRange)}.…`;
    default:
      return '…';
  }
}

function callText(name: string, target: Syntax | undefined, args: readonly Syntax[]): string {
  const [left, right] = args;
  if (name === '_[_]' && left !== undefined && right !== undefined)
    return `${textOf(left)}[${textOf(right)}]`;
  if (name === '-_' && left !== undefined) return `-${textOf(left)}`;
  if (name === '!_' && left !== undefined) return `!${textOf(left)}`;
  if (name === '_?_:_') return '… ? … : …';
  const operator = /^(?:_(\S+)_|@(in))$/.exec(name);
  if (operator !== null) return args.map(textOf).join(` ${operator[1] ?? operator[2]} `);
  const inside = args.length === 0 ? '' : '…';
  return target === undefined ? `${name}(${inside})` : `${textOf(target)}.${name}(${inside})`;
}

function literal(constant: { readonly case?: string | undefined; readonly value?: unknown }): string {
  if (constant.case === 'stringValue') return JSON.stringify(constant.value);
  if (constant.case === 'nullValue') return 'null';
  return constant.case === 'bytesValue' ? 'b"…"' : String(constant.value);
}
