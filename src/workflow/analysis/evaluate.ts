import { limits } from '../../limits.ts';
import { childrenOf, type Syntax } from '../expression-parse.ts';
import { callOutcomes } from './call.ts';
import {
  type Case,
  constant,
  domainIn,
  type Failure,
  keyOf,
  narrowed,
  type Outcome,
  opaque,
  type Program,
  type Value,
  type Variable,
} from './case.ts';
import {
  anyJson,
  anything,
  type Domain,
  isEmpty,
  type Kind,
  ofKinds,
  ofValues,
  type Scalar,
} from './domain.ts';
import { textIn } from './program.ts';
import { unknownShape } from './shape.ts';

/** What an evaluation is made in. */
export interface Reader {
  /** The expression that is evaluated, for its texts. */
  readonly program: Program;
  /** The ticket's fields, which are what their own expressions are. */
  readonly fields: ReadonlyMap<string, Program>;
  readonly locals: ReadonlyMap<string, Value>;
  readonly budget: Budget;
  /** Told of every constant that something is compared with for equality, and where the constant stands. */
  readonly compared: (at: Syntax, other: Value, value: Scalar) => void;
}

export interface Budget {
  steps: number;
}

/** Too much to look into: whoever asked stays silent. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/**
 * Every way in which a part of an expression may come out in a case. The cases of the outcomes hold at least all
 * data that comes out so: what does not occur among them never occurs. Throws TooMuch beyond its bounds. Pure.
 */
export function outcomesOf(syntax: Syntax, given: Case, reader: Reader): readonly Outcome[] {
  reader.budget.steps -= 1;
  if (reader.budget.steps < 0) throw new TooMuch();
  const outcomes = outcomesOfKind(syntax, given, reader);
  if (outcomes.length > limits.analysisCasesMax) throw new TooMuch();
  return outcomes;
}

function outcomesOfKind(syntax: Syntax, given: Case, reader: Reader): readonly Outcome[] {
  const { exprKind } = syntax;
  switch (exprKind.case) {
    case 'constExpr':
      return [{ given, value: constantOf(syntax) }];
    case 'identExpr':
      return [{ given, value: named(exprKind.value.name.replace(/^\./, ''), given, reader) }];
    case 'selectExpr': {
      const { operand, field, testOnly } = exprKind.value;
      if (operand === undefined) return unsure(syntax, given);
      const own = reader.fields.get(field);
      if (isTicket(operand, reader) && own !== undefined)
        return fieldOutcomes(field, own, testOnly, given, reader);
      return each(outcomesOf(operand, given, reader), (value, then) =>
        testOnly ? presence(value, field, then) : member(value, field, [syntax, operand], then),
      );
    }
    case 'callExpr':
      return callOutcomes(syntax, exprKind.value, given, reader);
    case 'listExpr':
      return each(sequence(exprKind.value.elements, given, reader), (list, then) => [
        { given: then, value: list },
      ]);
    case 'structExpr':
      return each(sequence(childrenOf(syntax), given, reader), (parts, then) => [
        { given: then, value: opaque(`{${keyOf(parts)}}`, ofKinds(['object'])) },
      ]);
    case 'comprehensionExpr':
      return loopOutcomes(syntax, exprKind.value, given, reader);
    default:
      return unsure(syntax, given);
  }
}

/** Values one after the other, as an operator takes them: the first that fails is the failure. */
export function sequence(parts: readonly Syntax[], given: Case, reader: Reader): readonly Outcome[] {
  let soFar: Outcome[] = [{ given, value: list([]) }];
  for (const part of parts) {
    soFar = soFar.flatMap((before) => {
      if (before.failure !== undefined || before.value.kind !== 'list') return [before];
      const { of } = before.value;
      return each(outcomesOf(part, before.given, reader), (value, then) => [
        { given: then, value: list([...of, value]) },
      ]);
    });
    if (soFar.length > limits.analysisCasesMax) throw new TooMuch();
  }
  return soFar;
}

/** Continues where there is a value. */
export function each(
  outcomes: readonly Outcome[],
  next: (value: Value, given: Case) => readonly Outcome[],
): Outcome[] {
  return outcomes.flatMap((outcome) =>
    outcome.failure === undefined ? next(outcome.value, outcome.given) : [outcome],
  );
}

/** Outcomes as true, false, or a failure, as a condition takes them. */
export function truths(outcomes: readonly Outcome[], at: Syntax): readonly Truth[] {
  return outcomes.flatMap((outcome): Truth[] => {
    const { given } = outcome;
    if (outcome.failure !== undefined) return [{ given, holds: null, failure: outcome.failure }];
    const { value } = outcome;
    if (value.kind === 'constant' && typeof value.value === 'boolean') return [{ given, holds: value.value }];
    if (value.kind !== 'variable') return [{ given, holds: null, failure: { at, why: 'unsure', of: null } }];
    const { fitting, failures } = fittingKinds(value, ['bool'], at, given);
    const failed = failures.map((each): Truth => ({ given: each.given, holds: null, failure: each.failure }));
    const held = [true, false].flatMap((holds): Truth[] => {
      const then = fitting === null ? null : narrowed(fitting, value, ofValues([holds]));
      return then === null ? [] : [{ given: then, holds }];
    });
    return [...held, ...failed];
  });
}

export type Truth =
  | { readonly given: Case; readonly holds: boolean; readonly failure?: undefined }
  | { readonly given: Case; readonly holds: null; readonly failure: Failure };

/** The case in which a variable is of one of these kinds, and how it fails to be. */
export function fittingKinds(
  variable: Variable,
  kinds: readonly Kind[],
  at: Syntax,
  given: Case,
): { fitting: Case | null; failures: { given: Case; failure: Failure }[] } {
  const others = [...domainIn(given, variable).kinds].filter((kind) => !kinds.includes(kind));
  // Where a contract leaves the type open, it does not say that null comes.
  const said = variable.shape !== null && variable.domain.kinds.size < anyJson.kinds.size;
  const isNull = (kind: Kind) => said && kind === 'null';
  const failures = [others.filter(isNull), others.filter((kind) => !isNull(kind))].flatMap((wrong, index) => {
    const then = narrowed(given, variable, ofKinds(wrong));
    const why = index === 0 ? ('null' as const) : ('unsure' as const);
    return then === null ? [] : [{ given: then, failure: { at, why, of: variable } }];
  });
  return { fitting: narrowed(given, variable, ofKinds(kinds)), failures };
}

function list(of: readonly Value[]): Value {
  return { kind: 'list', of, key: `[${of.map(keyOf).join(', ')}]` };
}

function unsure(at: Syntax, given: Case): Outcome[] {
  return [
    { given, value: opaque(`?${at.id}`) },
    { given, failure: { at, why: 'unsure', of: null } },
  ];
}

function constantOf(syntax: Syntax): Value {
  const kind = syntax.exprKind.case === 'constExpr' ? syntax.exprKind.value.constantKind : undefined;
  switch (kind?.case) {
    case 'boolValue':
    case 'stringValue':
    case 'doubleValue':
      return constant(kind.value);
    case 'nullValue':
      return constant(null);
    case 'int64Value':
      if (Number.isSafeInteger(Number(kind.value))) return constant(Number(kind.value), true);
      break;
  }
  return opaque(`${kind?.case}:${String(kind?.value)}`, ofKinds(['number', 'other']));
}

function named(name: string, { shapes }: Case, { locals }: Reader): Value {
  const local = locals.get(name);
  if (local !== undefined) return local;
  const shape = shapes[name];
  return shape === undefined
    ? opaque(name)
    : { kind: 'variable', key: name, domain: shape.domain, shape, written: name };
}

function isTicket(operand: Syntax, { locals }: Reader): boolean {
  return (
    operand.exprKind.case === 'identExpr' && operand.exprKind.value.name === 'ticket' && !locals.has('ticket')
  );
}

/** A ticket is only there when every one of its fields could be made: their failures are not its own. */
function fieldOutcomes(
  name: string,
  program: Program,
  testOnly: boolean,
  given: Case,
  reader: Reader,
): readonly Outcome[] {
  if (testOnly) return [{ given, value: constant(true) }];
  const outcomes = outcomesOf(program.syntax, given, {
    ...reader,
    program,
    locals: new Map(),
    compared: () => {},
  });
  return outcomes
    .filter((outcome) => outcome.failure === undefined)
    .map(({ given: then, value }) => ({ given: then, value: asJson(name, value, then) }));
}

/** A field goes through JSON: a whole number is a number there, and a time is a text. */
function asJson(name: string, value: Value, given: Case): Value {
  const written = `ticket.${name}`;
  if (value.kind === 'constant') return constant(value.value);
  if (value.kind === 'list') return opaque(written, ofKinds(['list']));
  if (domainIn(given, value).kinds.has('other')) return opaque(written, anyJson);
  return { ...value, written };
}

/** `value.name`. */
export function member(
  value: Value,
  name: string,
  [at, ownerAt]: readonly [Syntax, Syntax],
  given: Case,
): readonly Outcome[] {
  if (value.kind !== 'variable') return [{ given, failure: { at, why: 'unsure', of: null } }];
  const { fitting, failures } = fittingKinds(value, ['object'], ownerAt, given);
  if (fitting === null) return failures;
  const { presence, shape } = value.shape?.member(name) ?? { presence: 'unsure', shape: unknownShape };
  const key = memberKey(value.key, name);
  const written = memberKey(value.written, name);
  const there = present(value, name, fitting, true);
  const absent = present(value, name, fitting, false);
  const outcomes: Outcome[] = [...failures];
  const found: Variable = { kind: 'variable', key, domain: shape.domain, shape, written };
  if (there !== null && !isEmpty(domainIn(there, found))) outcomes.push({ given: there, value: found });
  if (absent !== null) {
    const why = presence === 'unsure' ? 'unsure' : 'missing';
    outcomes.push({ given: absent, failure: { at, why, of: found } });
  }
  return outcomes;
}

/** `has(value.name)`: of what is no object, false. */
export function presence(value: Value, name: string, given: Case): readonly Outcome[] {
  if (value.kind !== 'variable')
    return [{ given, value: opaque(`has(${memberKey(keyOf(value), name)})`, truth) }];
  const object = narrowed(given, value, ofKinds(['object']));
  const other = narrowed(given, value, notObject);
  const there = object === null ? null : present(value, name, object, true);
  const absent = object === null ? null : present(value, name, object, false);
  return [
    ...(there === null ? [] : [{ given: there, value: constant(true) }]),
    ...[absent, other]
      .filter((then) => then !== null)
      .map((then) => ({ given: then, value: constant(false) })),
  ];
}

const truth = ofKinds(['bool']);
const notObject: Domain = {
  ...anything,
  kinds: new Set([...anything.kinds].filter((kind) => kind !== 'object')),
};

/** The case in which a member is there, or is not; null where that cannot be. */
function present(owner: Variable, name: string, given: Case, there: boolean): Case | null {
  const { presence, shape } = owner.shape?.member(name) ?? { presence: 'unsure', shape: unknownShape };
  const impossible = there ? presence === 'never' || isEmpty(shape.domain) : presence === 'always';
  if (impossible) return null;
  return narrowed(given, opaque(`has(${memberKey(owner.key, name)})`, truth), ofValues([there]));
}

function memberKey(owner: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${owner}.${name}` : `${owner}[${JSON.stringify(name)}]`;
}

type Loop = Extract<Syntax['exprKind'], { case: 'comprehensionExpr' }>['value'];

/** A macro over a list: what its body does with some element; its result is not looked into. */
function loopOutcomes(syntax: Syntax, loop: Loop, given: Case, reader: Reader): readonly Outcome[] {
  const { iterRange, accuInit, loopStep } = loop;
  if (iterRange === undefined || accuInit === undefined || loopStep === undefined)
    return unsure(syntax, given);
  return each(outcomesOf(iterRange, given, reader), (range, then) => {
    const checked =
      range.kind === 'variable'
        ? fittingKinds(range, ['list', 'object'], iterRange, then)
        : { fitting: then, failures: [] };
    if (checked.fitting === null) return checked.failures;
    const start = checked.fitting;
    const result = resultOf(accuInit);
    const locals = new Map(reader.locals)
      .set(loop.iterVar, elementOf(range, syntax, loop.iterVar))
      .set(loop.accuVar, opaque(`result${syntax.id}`, result));
    const failed = outcomesOf(loopStep, start, { ...reader, locals })
      .filter((outcome) => outcome.failure !== undefined)
      // What is known of one element is not known of the data.
      .map((outcome) => ({ ...outcome, given: start }));
    const free = [...reader.locals].map(([name, value]) => `${name}=${keyOf(value)}`).join();
    const key = `${keyOf(range)} in ${textIn(syntax, reader.program)} ${free}`;
    // `exists_one` counts, and yields whether it is one.
    const yields = opaque(key, result.kinds.has('number') ? truth : result);
    return [...checked.failures, { given: start, value: yields }, ...failed];
  });
}

/** What a macro gathers in. */
function resultOf({ exprKind }: Syntax): Domain {
  if (exprKind.case === 'listExpr') return ofKinds(['list']);
  return exprKind.case === 'constExpr' && exprKind.value.constantKind.case === 'boolValue'
    ? truth
    : ofKinds(['number']);
}

function elementOf(range: Value, { id }: Syntax, written: string): Value {
  const key = `${keyOf(range)}[${id}]`;
  if (range.kind !== 'variable' || range.shape === null || range.domain.kinds.has('object'))
    return opaque(key);
  const shape = range.shape.element;
  return { kind: 'variable', key, domain: shape.domain, shape, written };
}
