import { unparse } from '@bufbuild/cel';
import { childrenOf, type Syntax, type SyntaxInfo } from '../expression-parse.ts';
import type { Program } from './case.ts';
import { textIn } from './program.ts';

/** Where a part stands in its expression. */
export interface Standing {
  /** The whole path that the part begins: `payload.utm.campaign` for its `payload.utm`. */
  readonly path: Syntax;
  /** The largest part around it that is true or false by itself, or the value that is asked for. */
  readonly around: Syntax;
  readonly isCondition: boolean;
}

/** Finds a part in an expression as it is written; `isCondition`: whether the expression is asked for true or false. */
export function standingOf(program: Program, part: Syntax, isCondition: boolean): Standing | null {
  const ancestors = ancestorsOf(program.syntax, part, program.info);
  if (ancestors === null) return null;
  let path = part;
  let rest = [...ancestors];
  for (const owner of ancestors) {
    if (!isPath(owner) || sourceChildren(owner, program.info)[0]?.id !== path.id) break;
    path = owner;
    rest = rest.slice(1);
  }
  let around = path;
  for (const [index, owner] of rest.entries()) {
    const kind = asks(owner, around, program.info);
    if (kind === 'condition') return { path, around, isCondition: true };
    if (kind === 'value') return { path, around, isCondition: isCondition && rest.length === index + 1 };
    around = owner;
  }
  return { path, around, isCondition };
}

export interface Guard {
  /** Conditions that must hold before the part is read. */
  readonly guards: readonly string[];
  /** What the value is where they do not hold; without it the part is a condition. */
  readonly otherwise?: string;
  /** Whether the condition holds where the guards do not. */
  readonly lenient?: boolean;
}

/** The expression with a guard before one of its parts: `guard && part`, `!guard || part`, `guard ? part : otherwise`. */
export function guarded(program: Program, part: Syntax, { guards, otherwise, lenient }: Guard): string {
  const make = (own: Syntax) => {
    if (otherwise !== undefined) {
      return call('_?_:_', [written(guards.join(' && ')), own, written(otherwise)]);
    }
    return lenient
      ? call('_||_', [written(guards.map(negated).join(' || ')), own])
      : call('_&&_', [written(guards.join(' && ')), own]);
  };
  const macroCalls = Object.fromEntries(
    Object.entries(program.info.macroCalls).map(([id, each]) => [id, replaced(each, part.id, make)]),
  );
  return unparse({
    $typeName: 'cel.expr.ParsedExpr',
    expr: replaced(program.syntax, part.id, make),
    sourceInfo: { ...program.info, macroCalls },
  });
}

/** A condition, and not another. */
export function without(condition: Program, other: Program): string {
  const asked = conjuncts(condition.syntax).map((part) => operandIn(part, condition));
  const parts = conjuncts(other.syntax).map((part) => operandIn(part, other));
  // What both ask for need not be said again.
  const own = parts.filter((part) => !asked.includes(part));
  return `${asked.join(' && ')} && !(${(own.length === 0 ? parts : own).join(' && ')})`;
}

/** As it stands beside `&&`. */
function operandIn(part: Syntax, program: Program): string {
  const { exprKind } = part;
  const name = exprKind.case === 'callExpr' ? exprKind.value.function : '';
  const text = textIn(part, program);
  return name === '_||_' || name === '_?_:_' ? `(${text})` : text;
}

function negated(guard: string): string {
  if (guard.endsWith(' != null')) return guard.replace(/!= null$/, '== null');
  return guard.startsWith('has(') ? `!${guard}` : `!(${guard})`;
}

/** The parts of a condition of which all must hold. */
export function conjuncts(syntax: Syntax): readonly Syntax[] {
  const { exprKind } = syntax;
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_&&_') return [syntax];
  return exprKind.value.args.flatMap(conjuncts);
}

/** How a part is written where it can be read aloud; a long one is cut. */
export function shown(syntax: Syntax, program: Program): string {
  const text = textIn(syntax, program);
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax - 1)}…` : text;
}

const shownCharsMax = 160;

/** The nearest first; null where it is no part of it. */
function ancestorsOf(within: Syntax, part: Syntax, info: SyntaxInfo): Syntax[] | null {
  if (within.id === part.id) return [];
  for (const child of sourceChildren(within, info)) {
    const found = ancestorsOf(child, part, info);
    if (found !== null) return [...found, within];
  }
  return null;
}

/** The parts as they are written: of a macro its own, not those that it stands for. */
function sourceChildren(syntax: Syntax, info: SyntaxInfo): readonly Syntax[] {
  return childrenOf(macroOf(syntax, info) ?? syntax);
}

function macroOf({ id }: Syntax, info: SyntaxInfo): Syntax | null {
  const calls: Readonly<Record<string, Syntax>> = info.macroCalls;
  return calls[String(id)] ?? null;
}

function isPath({ exprKind }: Syntax): boolean {
  if (exprKind.case === 'selectExpr') return !exprKind.value.testOnly;
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return false;
  const [, index] = exprKind.value.args;
  return index?.exprKind.case === 'constExpr' && index.exprKind.value.constantKind.case === 'stringValue';
}

/** What an operator or macro asks of one of its parts; null: it goes on with what the part yields. */
function asks(owner: Syntax, part: Syntax, info: SyntaxInfo): 'condition' | 'value' | null {
  const { exprKind } = macroOf(owner, info) ?? owner;
  if (exprKind.case !== 'callExpr') return null;
  const { function: name, args } = exprKind.value;
  const index = args.findIndex(({ id }) => id === part.id);
  if (['_&&_', '_||_', '!_'].includes(name)) return 'condition';
  if (name === '_?_:_') return index === 0 ? 'condition' : 'value';
  if (macroOf(owner, info) === null || name === 'has' || index < 1) return null;
  return name === 'map' && index === args.length - 1 ? 'value' : 'condition';
}

function written(name: string): Syntax {
  return {
    $typeName: 'cel.expr.Expr',
    id: 0n,
    exprKind: { case: 'identExpr', value: { $typeName: 'cel.expr.Expr.Ident', name } },
  };
}

function call(name: string, args: Syntax[]): Syntax {
  const value = { $typeName: 'cel.expr.Expr.Call', function: name, args } as const;
  return { $typeName: 'cel.expr.Expr', id: 0n, exprKind: { case: 'callExpr', value } };
}

/** A copy with the part of that id made anew. */
function replaced(syntax: Syntax, id: bigint, make: (own: Syntax) => Syntax): Syntax {
  return copied(syntax, (each) => (each.id === id ? make(each) : null)) as Syntax;
}

function copied(value: unknown, make: (own: Syntax) => Syntax | null): unknown {
  if (Array.isArray(value)) return value.map((each) => copied(each, make));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const made = isSyntax(value) ? make(value) : null;
  return made ?? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copied(each, make)]));
}

function isSyntax(value: object): value is Syntax {
  return '$typeName' in value && value.$typeName === 'cel.expr.Expr' && 'id' in value;
}
