import type { Syntax } from './expression-parse.ts';
import type { Signature } from './expression-signatures.ts';
import { textOf } from './expression-text.ts';
import { bare, type ExpressionType, typeName } from './expression-type.ts';

const numbers = new Set(['int', 'uint', 'double']);

/** `a double`, `an int`. */
export function article(name: string): string {
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** Why two values can never be equal, with what to write instead; null where they may be. */
export function neverEqual(
  [left, right]: readonly [Syntax, Syntax],
  [leftType, rightType]: readonly [ExpressionType, ExpressionType],
): string | null {
  const [a, b] = [bare(leftType), bare(rightType)];
  const [name, other] = [textOf(left), textOf(right)];
  if (sameSort(a.kind, b.kind)) return null;
  if (a.kind === 'null' || b.kind === 'null') {
    if (leftType.kind === 'nullable' || rightType.kind === 'nullable') return null;
    const value = a.kind === 'null' ? other : name;
    const help = /^[\w.]+\.\w+$/.test(value) ? `: to ask whether it is there, write has(${value})` : '';
    return `${value} is never null${help}`;
  }
  return `${name} is ${article(typeName(a))} and ${other} is ${article(typeName(b))}: they are never equal${conversion(
    [name, other],
    [a, b],
  )}`;
}

function sameSort(a: string, b: string): boolean {
  const open = new Set(['dyn', 'never']);
  if (open.has(a) || open.has(b) || a === b || (numbers.has(a) && numbers.has(b))) return true;
  const maps = new Set(['map', 'object']);
  return maps.has(a) && maps.has(b);
}

/** Why an operator cannot take its operands. */
export function noOperator(
  sign: string,
  operands: readonly string[],
  types: readonly ExpressionType[],
): string {
  const parts = types.map((type, index) => `${operands[index]} is ${article(typeName(bare(type)))}`);
  const [left, right] = types.map(bare);
  const help =
    operands.length === 2 && left !== undefined && right !== undefined
      ? conversion([operands[0] ?? '', operands[1] ?? ''], [left, right], sign)
      : '';
  return `\`${sign}\` does not fit: ${parts.join(' and ')}${help}`;
}

function conversion(
  [left, right]: readonly [string, string],
  [a, b]: readonly [ExpressionType, ExpressionType],
  sign = '==',
): string {
  const [text, other] = a.kind === 'string' ? [left, b.kind] : [right, a.kind];
  if (a.kind !== 'string' && b.kind !== 'string') return '';
  const scalar = a.kind === 'string' ? right : left;
  if (sign === '+') return numbers.has(other) || other === 'bool' ? `; write string(${scalar})` : '';
  if (numbers.has(other)) return `; write double(${text})`;
  return other === 'timestamp' || other === 'duration' ? `; write ${other}(${text})` : '';
}

/** Why no overload of a function takes what it is given, with those that there are. */
export function noOverload(
  name: string,
  signatures: readonly Signature[],
  receiver: readonly [text: string, type: ExpressionType] | null,
  args: readonly ExpressionType[],
): string {
  const ways = signatures.map((each) => {
    const on = each.receiver === null ? '' : `${each.receiver}.`;
    return `${on}${name}(${each.parameters.join(', ')})`;
  });
  const shown = ways.slice(0, 6).join(', ') + (ways.length > 6 ? ', …' : '');
  const given = args.map((type) => typeName(bare(type))).join(', ');
  const on = receiver === null ? '' : ` of ${receiver[0]}, which is ${article(typeName(bare(receiver[1])))},`;
  return `\`${name}\`${on} does not take (${given}): there is ${shown}`;
}
