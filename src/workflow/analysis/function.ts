import {
  compileExpression,
  ExpressionError,
  ExpressionSyntaxError,
  expressionEnvironment,
} from '../expression.ts';
import type { Syntax } from '../expression-parse.ts';
import { type Signature, signaturesOf } from '../expression-signatures.ts';
import {
  type Case,
  constant,
  domainIn,
  keyOf,
  narrowed,
  type Outcome,
  opaque,
  type Value,
  type Variable,
} from './case.ts';
import { anything, counts, type Domain, type Kind, ofKinds, ofValues, type Scalar } from './domain.ts';
import { fittingKinds } from './evaluate.ts';

type Call = Extract<Syntax['exprKind'], { case: 'callExpr' }>['value'];

/** With arguments of the right types they always yield something. */
const total = new Set(
  [
    ['startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'replace', 'split'],
    ['indexOf', 'lastIndexOf', 'size', 'string', 'type', 'dyn', '_+_', '_-_', '_*_', '-_', 'strings.quote'],
  ].flat(),
);

/** Conversions of what is so already. */
const identities: Readonly<Record<string, Kind>> = { double: 'number', string: 'string', bool: 'bool' };

/** Counted values are gone through one by one, where they are no more than this. */
const expandedMax = 16;

/** How a function of values may come out: computed where they are known, else something by its own name. */
export function functionOutcomes(
  [syntax, ...parts]: readonly [Syntax, ...Syntax[]],
  { function: name, target, args }: Call,
  operands: readonly Value[],
  given: Case,
): readonly Outcome[] {
  const signatures = signaturesOf(name).filter(
    ({ receiver, parameters }) =>
      (receiver !== null) === (target !== undefined) && parameters.length === args.length,
  );
  const outcomes: Outcome[] = [];
  let fitting: Case | null = given;
  for (const [index, operand] of operands.entries()) {
    if (operand.kind !== 'variable' || fitting === null) continue;
    const checked = fittingKinds(operand, kindsTaken(signatures, index), parts[index] ?? syntax, fitting);
    outcomes.push(...checked.failures);
    fitting = checked.fitting;
  }
  if (fitting === null) return outcomes;
  for (const one of expanded(operands, fitting)) {
    outcomes.push(
      ...applied({ syntax, name, signatures, isMethod: target !== undefined }, one.operands, one.given),
    );
  }
  return outcomes;
}

interface Applied {
  readonly syntax: Syntax;
  readonly name: string;
  readonly signatures: readonly Signature[];
  readonly isMethod: boolean;
}

function applied(call: Applied, operands: readonly Value[], given: Case): readonly Outcome[] {
  const { syntax, name, signatures } = call;
  const [only] = operands;
  if (operands.length === 1 && only !== undefined && isAlready(name, only, given))
    return [{ given, value: only }];
  if (name === 'double' && only?.kind === 'variable' && isNumber(domainIn(given, only))) {
    // The same number; but divided, a double is not cut off as an int is.
    return [{ given, value: opaque(`double(${only.key})`, domainIn(given, only)) }];
  }
  const failure: Outcome = { given, failure: { at: syntax, why: 'unsure', of: null } };
  const computed = computedOf(call, operands);
  if (computed === 'fails') return [failure];
  if (computed !== null) return [{ given, value: computed }];
  const key = `${name}(${operands.map(keyOf).join(', ')})`;
  const kinds = operands.map((operand) =>
    operand.kind === 'variable' ? [...domainIn(given, operand).kinds] : [],
  );
  const isSure =
    (total.has(name) || isPlainDivision(name, operands)) && kinds.every((each) => each.length < 2);
  const value = opaque(key, name === 'size' ? sizeOf(only, given) : yielded(signatures, kinds));
  return isSure && signatures.length > 0 ? [{ given, value }] : [{ given, value }, failure];
}

function isNumber({ kinds }: Domain): boolean {
  return kinds.size === 1 && kinds.has('number');
}

function isAlready(name: string, value: Value, given: Case): value is Variable {
  if (value.kind !== 'variable') return false;
  if (name === 'dyn') return true;
  const { kinds } = domainIn(given, value);
  // A number that is read from the data is a double; one that was made may be an int.
  const kind = value.shape === null && name === 'double' ? undefined : identities[name];
  return kind !== undefined && kinds.size === 1 && kinds.has(kind);
}

/** The value itself where every operand is known. */
function computedOf({ name, isMethod }: Applied, operands: readonly Value[]): Value | 'fails' | null {
  const texts = operands.map(literal);
  if (texts.some((text) => text === null)) return null;
  const [first = '', ...rest] = texts;
  const operator = /^_(\S+)_$/.exec(name)?.[1];
  const call = isMethod ? `${first}.${name}(${rest.join(', ')})` : `${name}(${texts.join(', ')})`;
  try {
    const source =
      name === '-_' ? `-(${first})` : operator === undefined ? call : texts.join(` ${operator} `);
    const { expression, type } = compileExpression(source, nothing);
    const value = expression.evaluate({});
    return isScalar(value) && scalars.has(type) ? constant(value, type === 'int') : null;
  } catch (error) {
    if (error instanceof ExpressionError) return 'fails';
    if (error instanceof ExpressionSyntaxError) return null;
    throw error;
  }
}

const nothing = expressionEnvironment({});
const scalars = new Set(['string', 'double', 'int', 'bool', 'null']);

function literal(value: Value): string | null {
  if (value.kind === 'list') {
    const parts = value.of.map(literal);
    return parts.some((part) => part === null) ? null : `[${parts.join(', ')}]`;
  }
  if (value.kind === 'variable') return null;
  const text = JSON.stringify(value.value);
  const isDouble = typeof value.value === 'number' && !value.whole && Number.isInteger(value.value);
  return isDouble ? `double(${text})` : text;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Variables of which every value can be counted, as constants. */
function expanded(operands: readonly Value[], given: Case): { operands: readonly Value[]; given: Case }[] {
  const counted = operands.map((operand) =>
    operand.kind === 'variable' ? domainIn(given, operand).values : [null],
  );
  const size = counted.reduce((product, values) => product * (values?.length ?? Number.POSITIVE_INFINITY), 1);
  if (size > expandedMax) return [{ operands, given }];
  let all: { operands: readonly Value[]; given: Case }[] = [{ operands: [], given }];
  for (const operand of operands) {
    all = all.flatMap((soFar) => {
      if (operand.kind !== 'variable') return [{ ...soFar, operands: [...soFar.operands, operand] }];
      return (domainIn(soFar.given, operand).values ?? []).flatMap((value) => {
        const then = narrowed(soFar.given, operand, ofValues([value]));
        return then === null ? [] : [{ operands: [...soFar.operands, constant(value)], given: then }];
      });
    });
  }
  return all;
}

function isPlainDivision(name: string, [, divisor]: readonly Value[]): boolean {
  return (name === '_/_' || name === '_%_') && divisor?.kind === 'constant' && divisor.value !== 0;
}

function sizeOf(operand: Value | undefined, given: Case): Domain {
  const { kinds, characters, elements } = operand?.kind === 'variable' ? domainIn(given, operand) : anything;
  if (kinds.size !== 1) return counts([0, Number.POSITIVE_INFINITY]);
  if (kinds.has('string')) return counts(characters);
  return counts(kinds.has('list') ? elements : [0, Number.POSITIVE_INFINITY]);
}

/** What the overloads yield that take these. */
function yielded(signatures: readonly Signature[], kinds: readonly (readonly Kind[])[]): Domain {
  const fitting = signatures.filter((signature) =>
    kinds.every(
      (each, index) => each.length === 0 || each.some((kind) => taken(signature, index).includes(kind)),
    ),
  );
  const results = (fitting.length === 0 ? signatures : fitting).map(({ result }) => kindsNamed(result.kind));
  return results.length === 0 ? anything : ofKinds(results.flat());
}

function kindsTaken(signatures: readonly Signature[], index: number): readonly Kind[] {
  if (signatures.length === 0) return [...anything.kinds];
  return [...new Set(signatures.flatMap((signature) => taken(signature, index)))];
}

function taken({ receiver, parameters }: Signature, index: number): readonly Kind[] {
  return kindsNamed((receiver === null ? parameters : [receiver, ...parameters])[index] ?? 'dyn');
}

function kindsNamed(type: string): readonly Kind[] {
  switch (type) {
    case 'bool':
    case 'string':
    case 'list':
      return [type];
    case 'int':
    case 'uint':
    case 'double':
      return ['number'];
    case 'map':
      return ['object'];
    case 'dyn':
      return [...anything.kinds];
    default:
      return ['other'];
  }
}
