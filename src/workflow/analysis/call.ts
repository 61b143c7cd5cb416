import type { Syntax } from '../expression-parse.ts';
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
import {
  type Comparison,
  type Domain,
  excluding,
  intersected,
  isEmpty,
  kindOf,
  numbersThat,
  ofKinds,
  ofValues,
  type Scalar,
} from './domain.ts';
import {
  each,
  fittingKinds,
  member,
  outcomesOf,
  presence,
  type Reader,
  sequence,
  type Truth,
  truths,
} from './evaluate.ts';
import { functionOutcomes } from './function.ts';

type Call = Extract<Syntax['exprKind'], { case: 'callExpr' }>['value'];

const orders: Readonly<Record<string, Comparison>> = { '_<_': '<', '_<=_': '<=', '_>_': '>', '_>=_': '>=' };
const opposite: Readonly<Record<Comparison, Comparison>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
const mirrored: Readonly<Record<Comparison, Comparison>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** How an operator or function may come out. */
export function callOutcomes(syntax: Syntax, call: Call, given: Case, reader: Reader): readonly Outcome[] {
  const { function: name, target, args } = call;
  const [left, right, third] = args;
  if (left !== undefined && right !== undefined && target === undefined) {
    if (name === '_&&_') return outcomesOfTruth(both(left, right, false, given, reader));
    if (name === '_||_') return outcomesOfTruth(both(left, right, true, given, reader));
    if (name === '_?_:_' && third !== undefined) return choice([left, right, third], given, reader);
    const binary = operator(syntax, args, name, reader);
    if (binary !== null) {
      return each(sequence(args, given, reader), (list, then) => {
        const [a, b] = list.kind === 'list' ? list.of : [];
        return a === undefined || b === undefined ? [] : binary(a, b, then);
      });
    }
  }
  if (name === '!_' && left !== undefined) {
    return outcomesOfTruth(
      truths(outcomesOf(left, given, reader), left).map((each) =>
        each.failure === undefined ? { ...each, holds: !each.holds } : each,
      ),
    );
  }
  const operands = target === undefined ? args : [target, ...args];
  return each(sequence(operands, given, reader), (list, then) =>
    list.kind === 'list' ? functionOutcomes([syntax, ...operands], call, list.of, then) : [],
  );
}

type Binary = (left: Value, right: Value, given: Case) => readonly Outcome[];

function operator(syntax: Syntax, args: readonly Syntax[], name: string, reader: Reader): Binary | null {
  const [first = syntax, second = syntax] = args;
  switch (name) {
    case '_==_':
    case '_!=_':
      return (left, right, given) => {
        told([first, second], [left, right], reader);
        return truthOutcomes(equality(left, right, given), name === '_==_');
      };
    case '@in':
      return (element, range, given) => membership([first, second], element, range, given, reader);
    case '_[_]':
      return (owner, index, given) => indexed([syntax, first], owner, index, given);
    default: {
      const sign = orders[name];
      return sign === undefined
        ? null
        : (left, right, given) => ordered([first, second], sign, left, right, given);
    }
  }
}

/** `&&` (`decides`: false) and `||` (true): whichever side decides, the other may even fail. */
function both(left: Syntax, right: Syntax, decides: boolean, given: Case, reader: Reader): Truth[] {
  return truths(outcomesOf(left, given, reader), left).flatMap((first) => {
    if (first.holds === decides) return [first];
    const second = truths(outcomesOf(right, first.given, reader), right);
    if (first.failure === undefined) return second;
    return second.map(
      (each): Truth =>
        each.holds === decides ? each : { given: each.given, holds: null, failure: first.failure },
    );
  });
}

function choice(
  [condition, yes, no]: readonly [Syntax, Syntax, Syntax],
  given: Case,
  reader: Reader,
): readonly Outcome[] {
  return truths(outcomesOf(condition, given, reader), condition).flatMap((each): readonly Outcome[] =>
    each.failure === undefined
      ? outcomesOf(each.holds ? yes : no, each.given, reader)
      : [{ given: each.given, failure: each.failure }],
  );
}

function outcomesOfTruth(all: readonly Truth[]): Outcome[] {
  return all.map((each) =>
    each.failure === undefined
      ? { given: each.given, value: constant(each.holds) }
      : { given: each.given, failure: each.failure },
  );
}

/** The cases in which something holds, and in which it does not. */
interface Split {
  readonly yes: Case | null;
  readonly no: Case | null;
}

function truthOutcomes({ yes, no }: Split, positive = true): Outcome[] {
  return [
    ...(yes === null ? [] : [{ given: yes, value: constant(positive) }]),
    ...(no === null ? [] : [{ given: no, value: constant(!positive) }]),
  ];
}

function equality(left: Value, right: Value, given: Case): Split {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return left.value === right.value ? { yes: given, no: null } : { yes: null, no: given };
  }
  if (left.kind === 'variable' && right.kind === 'constant') return equalTo(left, right.value, given);
  if (right.kind === 'variable' && left.kind === 'constant') return equalTo(right, left.value, given);
  if (left.kind === 'variable' && right.kind === 'variable') return equalVariables(left, right, given);
  return unknown(`${keyOf(left)} == ${keyOf(right)}`, given);
}

function equalTo(variable: Variable, value: Scalar, given: Case): Split {
  return {
    yes: narrowed(given, variable, ofValues([value])),
    no: narrowed(given, variable, excluding(domainIn(given, variable), value)),
  };
}

function equalVariables(left: Variable, right: Variable, given: Case): Split {
  const common = intersected(domainIn(given, left), domainIn(given, right));
  if (isEmpty(common)) return { yes: null, no: given };
  // What arithmetic makes may be no number at all, which is not equal to itself.
  if (left.key === right.key && left.shape !== null) return { yes: given, no: null };
  const [a, b] = [left.key, right.key].sort();
  const split = unknown(`${a} == ${b}`, given);
  const same = split.yes === null ? null : narrowed(split.yes, left, common);
  return { ...split, yes: same === null ? null : narrowed(same, right, common) };
}

/** Something that is asked of the data, and not looked into; the same question has the same answer. */
function unknown(key: string, given: Case): Split {
  const asked = opaque(key, ofKinds(['bool']));
  return { yes: narrowed(given, asked, ofValues([true])), no: narrowed(given, asked, ofValues([false])) };
}

type Pair = readonly [Syntax, Syntax];

function ordered(
  [at, otherAt]: Pair,
  sign: Comparison,
  left: Value,
  right: Value,
  given: Case,
): readonly Outcome[] {
  if (left.kind === 'constant' && right.kind === 'variable') {
    return ordered([otherAt, at], mirrored[sign], right, left, given);
  }
  if (left.kind === 'constant' && right.kind === 'constant')
    return orderedConstants(at, sign, left, right, given);
  if (left.kind !== 'variable' || right.kind === 'list') return unsureTruth(at, given);
  const kinds = (['number', 'string', 'bool', 'other'] as const).filter(
    (kind) => right.kind === 'variable' || kind === kindOf(right.value),
  );
  const { fitting, failures } = fittingKinds(left, kinds, at, given);
  if (fitting === null) return failures;
  if (right.kind === 'constant') {
    return [...failures, ...truthOutcomes(orderedTo(left, sign, right.value, fitting))];
  }
  const other = fittingKinds(right, kinds, otherAt, fitting);
  if (other.fitting === null) return [...failures, ...other.failures];
  return [...failures, ...other.failures, ...orderedVariables(at, sign, left, right, other.fitting)];
}

function orderedConstants(
  at: Syntax,
  sign: Comparison,
  left: Value & { kind: 'constant' },
  right: Value & { kind: 'constant' },
  given: Case,
): readonly Outcome[] {
  const [a, b] = [left.value, right.value];
  if (typeof a !== typeof b || a === null || b === null) return unsureTruth(at, given);
  return [{ given, value: constant(compares(a, sign, b)) }];
}

function orderedTo(left: Variable, sign: Comparison, value: Scalar, given: Case): Split {
  const domain = domainIn(given, left);
  if (domain.values !== null && value !== null) {
    const held = domain.values.filter((each) => each !== null && compares(each, sign, value));
    const others = domain.values.filter((each) => !held.includes(each));
    return { yes: narrowed(given, left, ofValues(held)), no: narrowed(given, left, ofValues(others)) };
  }
  if (typeof value === 'number') {
    return {
      yes: narrowed(given, left, numbersThat(sign, value)),
      no: narrowed(given, left, numbersThat(opposite[sign], value)),
    };
  }
  return unknown(`${left.key} ${sign} ${JSON.stringify(value)}`, given);
}

function orderedVariables(
  at: Syntax,
  sign: Comparison,
  left: Variable,
  right: Variable,
  given: Case,
): readonly Outcome[] {
  const [a, b] = [domainIn(given, left), domainIn(given, right)];
  if (left.key === right.key && left.shape !== null) {
    return [{ given, value: constant(sign === '<=' || sign === '>=') }];
  }
  const numbers = isNumber(a) && isNumber(b);
  if (numbers && isEmpty(intersected(a, upTo(sign, b)))) return truthOutcomes({ yes: null, no: given });
  const swapped = sign === '>' || sign === '<=';
  const [first, second] = swapped ? [right, left] : [left, right];
  // `a > b` is `b < a`, and `a >= b` is "not `a < b`".
  const split = unknown(`${first.key} < ${second.key}`, given);
  const known = sign === '<' || sign === '>' ? split : { yes: split.no, no: split.yes };
  const mixed = a.kinds.size + b.kinds.size > 2;
  const failure = { given, failure: { at, why: 'unsure' as const, of: null } };
  return [...truthOutcomes(known), ...(mixed ? [failure] : [])];
}

function isNumber({ kinds }: Domain): boolean {
  return kinds.size === 1 && kinds.has('number');
}

/** Numbers that compare so with some number of the domain. */
function upTo(sign: Comparison, domain: Domain): Domain {
  const numbers = domain.values?.filter((value) => typeof value === 'number');
  const from = numbers === undefined ? domain.from.value : Math.min(...numbers);
  const to = numbers === undefined ? domain.to.value : Math.max(...numbers);
  return numbersThat(sign, sign.startsWith('<') ? to : from);
}

function compares(a: string | number | boolean, sign: Comparison, b: string | number | boolean): boolean {
  switch (sign) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function unsureTruth(at: Syntax, given: Case): Outcome[] {
  return [
    { given, value: constant(true) },
    { given, value: constant(false) },
    { given, failure: { at, why: 'unsure', of: null } },
  ];
}

function membership(
  [at, rangeAt]: Pair,
  element: Value,
  range: Value,
  given: Case,
  reader: Reader,
): readonly Outcome[] {
  if (range.kind === 'list') {
    told([at, rangeAt], [element, range], reader);
    return truthOutcomes(amongAll(element, range.of, given));
  }
  if (range.kind === 'constant') return unsureTruth(rangeAt, given);
  const { fitting, failures } = fittingKinds(range, ['list', 'object'], rangeAt, given);
  if (fitting === null) return failures;
  const { kinds } = domainIn(fitting, range);
  if (element.kind === 'constant' && kinds.size === 1 && kinds.has('list') && range.shape !== null) {
    const { element: shape } = range.shape;
    const written = `an element of ${range.written}`;
    reader.compared(
      at,
      { kind: 'variable', key: `${range.key}[]`, domain: shape.domain, shape, written },
      element.value,
    );
  }
  if (!kinds.has('list') && element.kind === 'constant' && typeof element.value === 'string') {
    return [...failures, ...presence(range, element.value, fitting)];
  }
  return [...failures, ...truthOutcomes(unknown(`${keyOf(element)} in ${range.key}`, fitting))];
}

function amongAll(element: Value, all: readonly Value[], given: Case): Split {
  if (!all.every((each) => each.kind === 'constant') || element.kind === 'list') {
    return unknown(`${keyOf(element)} in [${all.map(keyOf).join()}]`, given);
  }
  const values = all.map(({ value }) => value);
  if (element.kind === 'constant') {
    return values.includes(element.value) ? { yes: given, no: null } : { yes: null, no: given };
  }
  const others = values.reduce(excluding, domainIn(given, element));
  return { yes: narrowed(given, element, ofValues(values)), no: narrowed(given, element, others) };
}

function indexed([syntax, ownerAt]: Pair, owner: Value, index: Value, given: Case): readonly Outcome[] {
  if (index.kind === 'constant' && typeof index.value === 'string') {
    return member(owner, index.value, [syntax, ownerAt], given);
  }
  const key = `${keyOf(owner)}[${keyOf(index)}]`;
  const isList = owner.kind === 'variable' && !owner.domain.kinds.has('object');
  const shape = isList ? owner.shape?.element : undefined;
  const value: Variable =
    shape === undefined ? opaque(key) : { kind: 'variable', key, domain: shape.domain, shape, written: key };
  return [
    { given, value },
    { given, failure: { at: syntax, why: 'unsure', of: null } },
  ];
}

/** Tells of the constants that something is compared with. */
function told([leftAt, rightAt]: Pair, [left, right]: readonly [Value, Value], { compared }: Reader): void {
  if (right.kind === 'constant') compared(rightAt, left, right.value);
  if (left.kind === 'constant') compared(leftAt, right, left.value);
  if (right.kind !== 'list' || rightAt.exprKind.case !== 'listExpr') return;
  for (const [index, at] of rightAt.exprKind.value.elements.entries()) {
    const value = right.of[index];
    if (value?.kind === 'constant') compared(at, left, value.value);
  }
}
