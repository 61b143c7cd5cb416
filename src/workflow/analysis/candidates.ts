import { limits } from '../../limits.ts';
import type { Place } from '../place.ts';
import type { Case, Program } from './case.ts';
import { type Setting, truthsIn } from './inspect.ts';

/** A rule that may match. */
export interface Candidate {
  readonly index: number;
  readonly place: Place;
  readonly to: string;
  /** Null: it always matches. */
  readonly when: Program | null;
  /** In which it matches. */
  readonly cases: readonly Case[];
  readonly signals: readonly Signal[];
}

interface Signal {
  readonly program: Program | null;
  readonly weight: number;
}

/** One way in which a rule may match, with the score that it has then at most. */
export interface Match {
  readonly given: Case;
  readonly score: number;
}

/** Every way in which a rule may match. Where these are too many, what is not looked into counts as held. */
export function matchesOf({ cases, signals }: Candidate, setting: Setting): readonly Match[] {
  const total = signals.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return cases.map((given) => ({ given, score: 1 }));
  let ways = cases.map((given) => ({ given, weight: 0 }));
  for (const { program, weight } of signals) {
    const next = ways.flatMap((way) => {
      const all = program === null ? null : truthsIn(program, program.syntax, [way.given], setting);
      if (all === null) return [{ ...way, weight: way.weight + weight }];
      return all.map(({ given, holds }) => ({ given, weight: way.weight + (holds === true ? weight : 0) }));
    });
    const tooMany = next.length > limits.analysisCasesMax;
    ways = tooMany ? ways.map((way) => ({ ...way, weight: way.weight + weight })) : next;
  }
  return ways.map(({ given, weight }) => ({ given, score: weight / total }));
}

/** The least score that a rule is sure to have in a case; null where it may not match. */
export function sureScore({ when, signals }: Candidate, given: Case, setting: Setting): number | null {
  if (when !== null && !surelyHolds(when, given, setting)) return null;
  const total = signals.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 1;
  const sure = signals.filter(({ program }) => program !== null && surelyHolds(program, given, setting));
  return sure.reduce((sum, { weight }) => sum + weight, 0) / total;
}

function surelyHolds(program: Program, given: Case, setting: Setting): boolean {
  const all = truthsIn(program, program.syntax, [given], setting);
  return all !== null && all.length > 0 && all.every(({ holds }) => holds === true);
}
