import { includes } from '../../approval/decide.ts';
import type { ConfirmationTable } from '../../db/schema-outcome.ts';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Team } from '../../workflow/project.ts';

/*
 *   waiting ──yes, with evidence and every point──▶ confirmed
 *    │ ▲ │
 *    │ └─┘ reminded
 *    ├──no, with the reason──────────────────────▶ denied
 *    └──nobody in time───────────────────────────▶ overdue
 */

export interface ConfirmationState {
  readonly state: ConfirmationTable['state'];
  readonly by: string;
  readonly checklist: readonly string[];
  readonly dueAt: Date;
  readonly remindAt: Date | null;
  readonly remindedAt: Date | null;
}

export type ConfirmationAct =
  | {
      readonly kind: 'decide';
      readonly confirm: boolean;
      /** What was seen: a link, a number, a sentence. */
      readonly evidence: string;
      /** The points that were looked at, counted from 1. */
      readonly checked: readonly number[];
      readonly actor: string;
    }
  | { readonly kind: 'tick' };

export type NextConfirmation =
  | { readonly kind: 'confirmed' | 'denied' | 'overdue'; readonly text: string }
  | { readonly kind: 'reminded' | 'unchanged' };

/**
 * Decides what a person's word or the passing of time does to a confirmation. Pure.
 * Throws AppError: `conflict` where it is settled or too late, `forbidden` where it is not the actor's to say,
 * `unprocessable` without evidence, or where points are left.
 */
export function nextConfirmation(
  given: ConfirmationState,
  act: ConfirmationAct,
  teams: ReadonlyMap<string, Team>,
  now: Date,
): NextConfirmation {
  if (act.kind === 'tick') return atTime(given, now);
  if (given.state !== 'waiting') throw new AppError('conflict', `This outcome is ${given.state} already`);
  if (now >= given.dueAt) {
    throw new AppError('conflict', `This confirmation was due by ${given.dueAt.toISOString()}`, {
      help: 'It stands in the exception queue, or will in a moment: confirm it there, with evidence',
    });
  }
  if (!includes(given.by, act.actor, teams)) {
    throw new AppError('forbidden', `Only ${given.by} can confirm this, not ${act.actor}`);
  }
  const evidence = act.evidence.trim();
  if (evidence === '' || evidence.length > limits.noteCharsMax) {
    throw new AppError(
      'unprocessable',
      evidence === ''
        ? `${act.confirm ? 'A confirmation' : 'A no'} needs its evidence`
        : `The evidence is longer than ${limits.noteCharsMax} characters`,
      { help: 'Say in a sentence what was seen, and where: a link, a number, a name' },
    );
  }
  if (!act.confirm) return { kind: 'denied', text: `${act.actor} says that it is not done: ${evidence}` };
  refuseUnchecked(given.checklist, act.checked);
  return { kind: 'confirmed', text: `${act.actor} confirmed` };
}

function atTime({ state, by, dueAt, remindAt, remindedAt }: ConfirmationState, now: Date): NextConfirmation {
  if (state !== 'waiting') return { kind: 'unchanged' };
  if (now >= dueAt) {
    return { kind: 'overdue', text: `${by} has not confirmed it by ${dueAt.toISOString()}` };
  }
  const isTime = remindAt !== null && remindedAt === null && now >= remindAt;
  return { kind: isTime ? 'reminded' : 'unchanged' };
}

function refuseUnchecked(checklist: readonly string[], checked: readonly number[]): void {
  const strange = checked.find((point) => checklist[point - 1] === undefined);
  if (strange !== undefined) {
    throw new AppError('unprocessable', `There is no point ${strange} on the checklist`, {
      help: checklist.length === 0 ? 'It has none' : `They are 1 to ${checklist.length}`,
    });
  }
  const left = checklist.flatMap((text, index) =>
    checked.includes(index + 1) ? [] : [`${index + 1} ${text}`],
  );
  if (left.length === 0) return;
  throw new AppError('unprocessable', `Not looked at yet: ${left.join('; ')}`, {
    help: 'Look at every point, and name them all: `checked`',
  });
}

/** When anybody has to look at it next. Pure. */
export function nextLookAt({ dueAt, remindAt, remindedAt }: ConfirmationState): Date {
  return remindAt !== null && remindedAt === null && remindAt < dueAt ? remindAt : dueAt;
}
