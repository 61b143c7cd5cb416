import { tokensOf } from '../../contract/pointer.ts';
import { limits } from '../../limits.ts';
import type { Expression } from '../expression.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { conditionOf } from './condition.ts';
import { type Literal, literalsIn, pathsIn, valueAt } from './path.ts';
import { placeIn, valuesFor } from './values.ts';

/** One value of a payload that is replaced. */
export interface Change {
  readonly steps: readonly (string | number)[];
  /** Undefined: it was not there. */
  readonly from: unknown;
  /** Undefined: it is left out. */
  readonly to: unknown;
  /** A text or list that is only made longer or shorter. */
  readonly resized: boolean;
}

/** A part of the payload that a decision may depend on, with fixed values that it is compared with. */
interface Lever {
  readonly steps: readonly (string | number)[];
  readonly literals: readonly Literal[];
}

/**
 * Single changes of a payload that may change its decision, the smallest first: values that conditions compare with and
 * their neighbours, values of the contract's enumerations, and presence. At most limits.explanationTriesMax. Pure.
 */
export function changesOf(
  workflow: CompiledWorkflow,
  payload: unknown,
  violated: readonly string[],
): readonly Change[] {
  const { schema } = workflow.trigger.contract;
  const levers = [
    ...leversOf(workflow),
    ...violated.map((pointer) => ({ steps: stepsOf(pointer), literals: [] })),
  ];
  const found = new Map<string, Change>();
  for (const { steps, literals } of levers) {
    if (steps.length === 0) continue;
    const from = valueAt(payload, steps);
    for (const value of valuesFor(from, literals, placeIn(schema, steps))) {
      const { to } = value;
      const key = JSON.stringify([steps, to ?? '(absent)']);
      if (JSON.stringify(to) !== JSON.stringify(from)) found.set(key, { steps, from, ...value });
    }
  }
  return [...found.values()].sort((a, b) => sizeOf(a) - sizeOf(b)).slice(0, limits.explanationTriesMax);
}

/** The payload with one value replaced; objects on the way to it are made where they are missing. Pure. */
export function changed(payload: unknown, { steps, to }: Pick<Change, 'steps' | 'to'>): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return to;
  if (Array.isArray(payload)) {
    return payload.map((element, index) =>
      index === step ? changed(element, { steps: rest, to }) : element,
    );
  }
  const object =
    typeof payload === 'object' && payload !== null ? (payload as Readonly<Record<string, unknown>>) : {};
  if (rest.length === 0 && to === undefined) {
    return Object.fromEntries(Object.entries(object).filter(([name]) => name !== String(step)));
  }
  const member = changed(Object.hasOwn(object, step) ? object[step] : undefined, { steps: rest, to });
  return { ...object, [step]: member };
}

function leversOf(workflow: CompiledWorkflow): Lever[] {
  const { checks, routes, handoffs, fields } = workflow;
  const made = new Map(fields.map(({ name, value }) => [name, value]));
  const conditions: (Expression | null)[] = [
    ...checks.map(({ that }) => that),
    ...routes.rules.flatMap(({ when, signals }) => [when, ...signals.map(({ that }) => that)]),
    ...handoffs.flatMap(({ when, approval }) => [when, approval?.when ?? null]),
  ];
  return conditions.flatMap((condition) => (condition === null ? [] : leversIn(condition.source, made)));
}

/** Each atom's places with its own fixed values: a field of the ticket stands for what it is made of. */
function leversIn(source: string, made: ReadonlyMap<string, Expression>): Lever[] {
  const { text, parts } = conditionOf(source);
  if (parts.length > 0) return parts.flatMap((part) => leversIn(part, made));
  const literals = literalsIn(text);
  return pathsIn(text, roots).flatMap(({ root, steps }) => {
    if (root === 'payload') return [{ steps, literals }];
    const field = made.get(String(steps[0]));
    const read =
      field === undefined ? [] : pathsIn(field.source, roots).filter((path) => path.root === 'payload');
    return read.map((path) => ({ steps: path.steps, literals }));
  });
}

const roots = new Set(['payload', 'ticket']);

/** How far a change goes: numbers and lengths by their distance, another value, one more, one less. */
function sizeOf({ steps, from, to, resized }: Change): number {
  // The deeper, the less is left out.
  if (to === undefined) return 3 + 1 / steps.length;
  if (from === undefined) return 2;
  if (resized) return distance((from as string).length, (to as string).length);
  return typeof from === 'number' && typeof to === 'number' ? distance(from, to) : 1;
}

function distance(from: number, to: number): number {
  return Math.abs(to - from) / (1 + Math.abs(to - from) + Math.abs(from));
}

/** The steps of a JSON pointer. */
function stepsOf(pointer: string): (string | number)[] {
  return tokensOf(pointer).map((token) => (/^\d+$/.test(token) ? Number(token) : token));
}
