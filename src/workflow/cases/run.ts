import type { Reason } from '../../decision.ts';
import type { Team } from '../project.ts';
import type { Path } from '../source-file.ts';
import type { Case } from './case.ts';
import { begin, type Life } from './life.ts';
import { held, type Miss, misses } from './match.ts';
import { play } from './play.ts';
import type { Step } from './schema.ts';
import { viewOf } from './view.ts';

/** What came of one case. */
export interface CaseResult {
  readonly name: string;
  readonly workflow: string;
  /** Where the case stands. Lines and columns count from 1. */
  readonly at: Position;
  /** Empty where everything holds. */
  readonly failures: readonly Failure[];
  /** Why it was decided so: the decision's reasons, and those of what followed. */
  readonly reasons: readonly Reason[];
}

export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One expectation that does not hold. */
export interface Failure {
  readonly at: Position;
  /** `exception.mode`; of a later step `then[1].state`. */
  readonly what: string;
  /** `differs`: expected and came. `holds`: it should not. `unplayed`: the step cannot happen, and `came` says why. */
  readonly kind: 'differs' | 'holds' | 'unplayed';
  readonly expected: unknown;
  readonly came: unknown;
  /** The clock at that moment: deadlines are told from it. */
  readonly now: Date;
}

/** Decides a case, plays its steps, and compares. Pure but for `note`, which is told how its life ended. */
export function runCase(one: Case, teams: ReadonlyMap<string, Team>, note: (life: Life) => void): CaseResult {
  const failures: Failure[] = [];
  let life = begin(one);
  failures.push(...claimed(one, one.says, one.path, life));
  for (const [index, step] of (one.says.then ?? []).entries()) {
    const path = [...one.path, 'then', index];
    const played = play(life, step, teams);
    if (!played.ok) {
      failures.push(failure(one, 'unplayed', path, { path: [], expected: step, came: played.why }, life.now));
      break;
    }
    life = played.life;
    failures.push(...claimed(one, step, path, life));
  }
  note(life);
  const { name, workflow } = one;
  return { name, workflow: workflow.name, at: positionOf(one, one.path), failures, reasons: life.reasons };
}

function claimed(
  one: Case,
  { expect, not }: Pick<Step, 'expect' | 'not'>,
  path: Path,
  life: Life,
): Failure[] {
  const view = viewOf(life);
  const wrong = (key: string, kind: Failure['kind']) => (miss: Miss) =>
    failure(one, kind, [...path, key], miss, life.now);
  return [
    ...misses(expect ?? {}, view, life.now).map(wrong('expect', 'differs')),
    ...held(not ?? {}, view, life.now).map(wrong('not', 'holds')),
  ];
}

function failure(one: Case, kind: Failure['kind'], below: Path, miss: Miss, now: Date): Failure {
  const { expected, came } = miss;
  const path = [...below, ...miss.path];
  const told = path.slice(one.path.length).filter((part) => part !== 'expect' && part !== 'not');
  return { at: positionOf(one, path), what: dotted(told), kind, expected, came, now };
}

function dotted(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function positionOf({ file }: Case, path: Path): Position {
  return { file: file.path, ...file.position(file.keySpan(path).start) };
}
