import { choiceFindings } from './schema-forms.ts';
import { arrayFindings, objectFindings } from './schema-members.ts';
import { opaqueFindings } from './schema-opaque.ts';
import { type Located, type View, viewOf } from './schema-view.ts';
import { type Finding, finding, keywordFindings } from './schema-words.ts';

/**
 * Compares two schemas by what they accept: whether each value that satisfied `before` satisfies `after`.
 * A finding says `breaking: false` only where that is certain of what it is about, and null where it may break.
 * Findings that are all `false` are a proof that nothing is refused that was accepted.
 */
export function compareSchemas(before: Located, after: Located): Finding[] {
  const run: Run = {
    steps: { left: stepsMax },
    open: new Set(),
    done: new Map(),
    before: null,
    ids: new Map(),
  };
  return compare([before], [after], run);
}

/** Pairs of schemas that are looked at; the rest is called unknown. */
const stepsMax = 20_000;

/** A comparison under way. */
export interface Run {
  readonly steps: { left: number };
  /** Pairs that are being compared further out, of a larger value: they hold if all else does. */
  readonly open: ReadonlySet<string>;
  readonly done: Map<string, Finding[]>;
  /** The run that this one is an attempt of. */
  readonly before: Run | null;
  readonly ids: Map<unknown, number>;
}

/** Choices that a view leaves out, by their lists. */
export type Without = ReadonlySet<unknown>;

const nothing: Without = new Set();

/** Compares schemas that held at once with schemas that hold at once. */
export function compare(
  before: readonly Located[],
  after: readonly Located[],
  run: Run,
  without: Without = nothing,
): Finding[] {
  const key = keyOf(before, after, without, run);
  if (run.open.has(key)) return [];
  const known = doneIn(run, key);
  if (known !== undefined) return known;
  if (run.steps.left <= 0) return [finding('steps', 'is too large to be compared to its end', null)];
  run.steps.left -= 1;
  const found = compared(before, after, { ...run, open: new Set([...run.open, key]) }, without);
  run.done.set(key, found);
  return found;
}

/** Whether the comparison proves that `after` takes all. What it assumes does not outlast it. */
export function isProved(
  before: readonly Located[],
  after: readonly Located[],
  run: Run,
  without: Without = nothing,
): boolean {
  const attempt: Run = { ...run, done: new Map(), before: run };
  return isSafe(compare(before, after, attempt, without));
}

export function isSafe(findings: readonly Finding[]): boolean {
  return findings.every(({ breaking }) => breaking === false);
}

function compared(
  before: readonly Located[],
  after: readonly Located[],
  run: Run,
  without: Without,
): Finding[] {
  const was = viewOf(before, without);
  const is = viewOf(after);
  if (was.never)
    return is.never ? [] : [finding('never', 'was refused whatever it held, and is accepted now', false)];
  if (is.never) return [finding('never', 'is refused now, whatever it holds', true)];
  const findings = [
    ...keywordFindings(was, is),
    ...objectFindings(was, is, run),
    ...arrayFindings(was, is, run),
    ...choiceFindings({ before, was, without }, is, run),
    ...opaqueFindings(was, is, run),
  ];
  if (isSafe(findings) || !holdsFormByForm(before, after, was, run, without)) return findings;
  return findings.map((each) => ({ ...each, breaking: false }));
}

/** Whether each form of a choice, with all else that held before, satisfies `after`. */
function holdsFormByForm(
  before: readonly Located[],
  after: readonly Located[],
  was: View,
  run: Run,
  without: Without,
): boolean {
  return was.choices.some(({ forms, list }) =>
    forms.every((form) => isProved([...before, form], after, run, new Set([...without, list]))),
  );
}

function doneIn(run: Run | null, key: string): Finding[] | undefined {
  if (run === null) return undefined;
  return run.done.get(key) ?? doneIn(run.before, key);
}

function keyOf(
  before: readonly Located[],
  after: readonly Located[],
  without: Without,
  { ids }: Run,
): string {
  const idOf = (schema: unknown) => {
    if (typeof schema === 'boolean') return String(schema);
    const id = ids.get(schema) ?? ids.size;
    ids.set(schema, id);
    return id;
  };
  const lists = [before.map(({ schema }) => schema), after.map(({ schema }) => schema), [...without]];
  return lists.map((list) => list.map(idOf).join(',')).join(' ');
}
