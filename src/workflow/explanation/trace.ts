import {
  compileExpression,
  type ExpressionEnvironment,
  ExpressionError,
  expressionEnvironment,
  type Scope,
} from '../expression.ts';
import { type Condition, conditionOf } from './condition.ts';
import { pathsIn, type ReadPath, valueAt } from './path.ts';
import type { IsSecret } from './secrecy.ts';

/** An expression with what it came to, part by part. Values are told as text, shortened; secret ones not at all. */
export interface Trace {
  readonly text: string;
  /** What it yields, as JSON; null where it could not be evaluated, or is secret. */
  readonly value: string | null;
  /** Whether it is true; null where it yields anything else, or nothing. */
  readonly held: boolean | null;
  /** Why it could not be evaluated. */
  readonly problem: string | null;
  readonly how: Condition['how'];
  readonly parts: readonly Trace[];
  /** The values that it read; of a whole that has parts, they stand with the parts. */
  readonly saw: readonly Seen[];
}

export interface Seen {
  readonly path: string;
  /** As JSON, shortened. Null: it is not there. */
  readonly value: string | null;
}

const valueCharsMax = 200;
const secret = '(secret)';

/** Evaluates an expression and each of its parts by itself. It has been compiled before; its scope is that of its evaluation. Pure. */
export function traced(source: string, scope: Scope, isSecret: IsSecret): Trace {
  const { how, text, parts } = conditionOf(source);
  const paths = pathsIn(text, new Set(Object.keys(scope)));
  const result = evaluated(text, scope);
  const hides = paths.some((path) => isSecret(path));
  const tells = !hides || typeof result.value === 'boolean';
  return {
    text,
    value: result.problem === null && tells ? shown(result.value) : null,
    held: typeof result.value === 'boolean' ? result.value : null,
    problem: result.problem === null || tells ? result.problem : 'it cannot be evaluated',
    how,
    parts: parts.map((part) => traced(part, scope, isSecret)),
    saw: how === 'atom' ? paths.map((path) => seen(path, scope, isSecret)) : [],
  };
}

/** Only a value that is there, of what an expression has read. */
function seen(path: ReadPath, scope: Scope, isSecret: IsSecret): Seen {
  const value = valueAt(scope[path.root], path.steps);
  if (value === undefined) return { path: path.text, value: null };
  return { path: path.text, value: isSecret(path) ? secret : shown(value) };
}

/** A value as JSON, shortened. Pure. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > valueCharsMax ? `${text.slice(0, valueCharsMax - 1)}…` : text;
}

function evaluated(text: string, scope: Scope): { value: unknown; problem: string | null } {
  try {
    return { value: compileExpression(text, anything(scope)).expression.evaluate(scope), problem: null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { value: undefined, problem: error.message };
  }
}

/** The whole has been checked against its schemas; a part of it is then right too. */
function anything(scope: Scope): ExpressionEnvironment {
  return expressionEnvironment(Object.fromEntries(Object.keys(scope).map((name) => [name, true])));
}
