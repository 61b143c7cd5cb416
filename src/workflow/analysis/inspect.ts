import { childrenOf, type Syntax } from '../expression-parse.ts';
import type { Place } from '../place.ts';
import { suggest } from '../suggest.ts';
import { type Case, domainIn, type Outcome, type Program, type Value, type Variable } from './case.ts';
import { admits, anything, type Domain, kindOf, type Scalar, united } from './domain.ts';
import { type Budget, outcomesOf, type Reader, TooMuch, type Truth, truths } from './evaluate.ts';
import { guarded, type Standing, shown, standingOf } from './guard.ts';
import { programOf } from './program.ts';
import { spotOf } from './span.ts';
import { described, listed, literal } from './words.ts';

/** What the expressions of one workflow are looked at with. */
export interface Setting {
  readonly fields: ReadonlyMap<string, Program>;
  readonly budget: Budget;
}

/** What an expression is for. */
export interface Role {
  readonly isCondition: boolean;
  /** What follows where it cannot be evaluated, as half a sentence: "the ticket stops as `transform_failed`". */
  readonly fails: string;
  /** Whether it may well hold for what has no such value. */
  readonly mayPass?: boolean;
  /** What to do instead, where nothing can stand for the value. */
  readonly instead?: string;
}

/** An expression in its file, with what was found of it. */
export interface Inspected {
  readonly place: Place;
  readonly program: Program;
  readonly outcomes: readonly Outcome[];
  /** Whether something was reported that explains what it comes out as. */
  readonly isReported: boolean;
}

/**
 * Evaluates the expression at a place in all cases, and reports what of it cannot work: reads of what may be missing
 * or null, comparisons with what cannot occur. Null where there is none, or it is too much to look into.
 */
export function inspect(
  place: Place,
  given: readonly Case[],
  role: Role,
  setting: Setting,
): Inspected | null {
  // What does not compile, or yields something else than it should, is told already.
  const program = place.isFaulty ? null : programOf(place.written());
  if (program === null) return null;
  const comparisons = new Map<bigint, Compared>();
  const compared = (at: Syntax, other: Value, value: Scalar) => note(comparisons, at, other, value);
  const outcomes = outcomesIn(program, program.syntax, given, setting, compared);
  if (outcomes === null) return null;
  reportReads({ place, program, outcomes }, role, (part) =>
    emptyOf(outcomesIn(program, part, given, setting) ?? []),
  );
  const isReported = reportValues(place, program, [...comparisons.values()]);
  reportDivisions(place, program);
  return { place, program, outcomes, isReported };
}

/** How a part of an expression may come out; null where it is too much to look into. */
export function outcomesIn(
  program: Program,
  syntax: Syntax,
  given: readonly Case[],
  { fields, budget }: Setting,
  compared: Reader['compared'] = () => {},
): readonly Outcome[] | null {
  const reader: Reader = { program, fields, locals: new Map(), budget, compared };
  try {
    return given.flatMap((each) => outcomesOf(syntax, each, reader));
  } catch (error) {
    if (error instanceof TooMuch) return null;
    throw error;
  }
}

export function truthsIn(
  program: Program,
  syntax: Syntax,
  given: readonly Case[],
  setting: Setting,
): readonly Truth[] | null {
  const outcomes = outcomesIn(program, syntax, given, setting);
  return outcomes === null ? null : truths(outcomes, syntax);
}

export function truthsOf({ outcomes, program }: Inspected): readonly Truth[] {
  return truths(outcomes, program.syntax);
}

/** The cases in which it holds. */
export function holding(all: readonly Truth[]): Case[] {
  return all.filter(({ holds }) => holds === true).map(({ given }) => given);
}

interface Compared {
  readonly at: Syntax;
  readonly value: Scalar;
  /** Null where it is also compared with something else than what a contract describes. */
  of: { variable: Variable; domain: Domain } | null;
}

function note(all: Map<bigint, Compared>, at: Syntax, other: Value, value: Scalar): void {
  const known = all.get(at.id);
  const told = other.kind === 'variable' && other.shape !== null ? other : null;
  if (known === undefined) {
    all.set(at.id, { at, value, of: told === null ? null : { variable: told, domain: told.domain } });
  } else if (told === null || known.of === null) {
    known.of = null;
  } else {
    known.of = { variable: known.of.variable, domain: united(known.of.domain, told.domain) };
  }
}

/** Reports comparisons with what the contract does not list. Whether there were any. */
function reportValues(place: Place, program: Program, comparisons: readonly Compared[]): boolean {
  const wrong = comparisons.filter(({ value, of }) => of !== null && isTold(of.domain, value));
  for (const { at, value, of } of wrong) {
    const domain = of?.domain ?? anything;
    const texts = domain.values?.filter((each) => typeof each === 'string') ?? [];
    const meant = typeof value === 'string' ? suggest(value, texts) : null;
    const question = meant === null ? '' : `, did you mean ${literal(meant)}?`;
    place.report({
      code: 'SB162',
      message: `\`${of?.variable.written ?? ''}\` is never ${literal(value)}${question}`,
      help: `its contract admits ${described(domain)}: write what it admits, or let it admit more`,
      at: spotOf(program, at),
    });
  }
  return wrong.length > 0;
}

/** Of values that can be counted, and of numbers with their bounds; a value of another type is told by the types. */
function isTold(domain: Domain, value: Scalar): boolean {
  const kind = kindOf(value);
  return domain.kinds.has(kind) && (domain.values !== null || kind === 'number') && !admits(domain, value);
}

/** A path that cannot be read in some case, with what of it is not there. */
interface Unread {
  readonly standing: Standing;
  readonly missing: Set<string>;
  readonly nulls: Set<string>;
}

function reportReads(
  { place, program, outcomes }: Omit<Inspected, 'isReported'>,
  role: Role,
  empty: (part: Syntax) => string,
): void {
  const unread = new Map<bigint, Unread>();
  for (const { failure } of outcomes) {
    if (failure === undefined || failure.why === 'unsure' || failure.of === null) continue;
    // What another system answers is not ours to guard: a proof that cannot be read is none.
    if (!failure.of.key.startsWith('payload')) continue;
    const standing = standingOf(program, failure.at, role.isCondition);
    if (standing === null) continue;
    const { id } = standing.path;
    const one = unread.get(id) ?? { standing, missing: new Set(), nulls: new Set() };
    (failure.why === 'missing' ? one.missing : one.nulls).add(failure.of.written);
    unread.set(id, one);
  }
  for (const each of unread.values()) {
    const code = each.missing.size > 0 ? 'SB160' : 'SB161';
    const where = each.missing.size > 0 ? 'missing' : 'null';
    place.report({
      code,
      message: unreadText(each, shown(each.standing.path, program)),
      help: `where it is ${where}, ${role.fails}; ${remedy(program, each, role, empty)}`,
      at: spotOf(program, each.standing.path),
    });
  }
}

function unreadText({ missing, nulls }: Unread, path: string): string {
  const quoted = (names: Iterable<string>) => [...names].sort(byLength).map((each) => `\`${each}\``);
  const [only, ...others] = quoted(missing);
  if (only === undefined) return `${listed(quoted(nulls), 'or')} may be null: the contract admits it`;
  const alsoNull = nulls.size > 0 ? ' or null' : '';
  if (others.length > 0) {
    return `\`${path}\` may be missing${alsoNull}: the contract requires neither ${listed([only, ...others], 'nor')}`;
  }
  return only === `\`${path}\``
    ? `${only} may be missing${alsoNull}: the contract does not require it`
    : `\`${path}\` cannot be read without ${only}, which the contract does not require`;
}

/** The expression as it should be. */
function remedy(
  program: Program,
  { standing, missing, nulls }: Unread,
  role: Role,
  empty: (part: Syntax) => string,
): string {
  if (role.instead !== undefined) return role.instead;
  const { around, isCondition } = standing;
  const there = [...missing].sort(byLength).map(presenceOf);
  const filled = [...nulls].sort(byLength).map((each) => `${each} != null`);
  const guards = [...there, ...filled];
  if (!isCondition) {
    const value = guarded(program, around, { guards, otherwise: empty(around) });
    return `write \`${value}\`, with what stands for it then`;
  }
  const strict = `write \`${guarded(program, around, { guards })}\``;
  if (!role.mayPass) return strict;
  const lenient = guarded(program, around, { guards, lenient: true });
  return `${strict} to ask for it, or \`${lenient}\` to let it pass without`;
}

function byLength(a: string, b: string): number {
  return a.length - b.length;
}

/** `has(a.b)`; of a name that is no identifier, `"the-name" in a`. */
function presenceOf(path: string): string {
  const [, owner, name] = /^(.*)\[("(?:[^"\\]|\\.)*")\]$/.exec(path) ?? [];
  return owner === undefined || name === undefined ? `has(${path})` : `${name} in ${owner}`;
}

/** What may stand for a value that is not there, by what it is where it is there. */
function emptyOf(outcomes: readonly Outcome[]): string {
  const kinds = outcomes.flatMap(({ given, value }) => {
    if (value === undefined) return [];
    if (value.kind === 'constant') return [kindOf(value.value)];
    return value.kind === 'list' ? (['list'] as const) : [...domainIn(given, value).kinds];
  });
  const [kind, ...others] = new Set(kinds.filter((each) => each !== 'null'));
  return kind === undefined || others.length > 0 ? 'null' : empties[kind];
}

const empties = {
  string: '""',
  number: '0.0',
  bool: 'false',
  list: '[]',
  object: '{}',
  other: 'null',
  null: 'null',
};

function reportDivisions(place: Place, program: Program): void {
  for (const divisor of divisorsIn(program.syntax)) {
    place.report({
      code: 'SB161',
      message: 'this divides by zero',
      help: 'no number comes of it: divide by something else',
      at: spotOf(program, divisor),
    });
  }
}

function divisorsIn(syntax: Syntax): Syntax[] {
  const { exprKind } = syntax;
  const inner = childrenOf(syntax).flatMap(divisorsIn);
  if (exprKind.case !== 'callExpr' || !['_/_', '_%_'].includes(exprKind.value.function)) return inner;
  const [, divisor] = exprKind.value.args;
  const constant = divisor?.exprKind.case === 'constExpr' ? divisor.exprKind.value.constantKind : undefined;
  const isZero =
    constant?.case !== undefined && Number(constant.value) === 0 && constant.case !== 'stringValue';
  return divisor !== undefined && isZero ? [...inner, divisor] : inner;
}
