import type { HandoffState } from '../../db/schema.ts';
import type { FailureMode } from '../../exceptions/exception.ts';
import type { HandoffDraft } from '../handoff.ts';
import { revisionOf } from '../rows.ts';

/**
 * Which handoffs of a ticket are taken back, and in which order. Pure. What a destination has accepted is its effect,
 * whatever became of its proof; what was done once, by however many rows of one key, is taken back once.
 */

/** What is looked at of a handoff's row. */
export interface Standing {
  readonly seq: number;
  readonly handoff: string;
  readonly state: HandoffState;
  readonly accepted_at: Date | null;
  readonly idempotency_key: string;
  readonly plan: Pick<HandoffDraft, 'after' | 'undo' | 'undoes'>;
}

/** A handoff that is to be taken back, after these have been. */
export interface Undone<T> {
  readonly row: T;
  /** Names of undos. */
  readonly after: readonly string[];
}

/** No workflow can name a handoff so. */
export function undoName(handoff: string): string {
  return `${handoff}.undo`;
}

/** The handoff that an undo takes back; null: it is none. */
export function undoneName(handoff: string): string | null {
  return handoff.endsWith('.undo') ? handoff.slice(0, -'.undo'.length) : null;
}

/** The failure modes that are a no for good. What stands otherwise than it should be is no refusal: it may come right. */
const refusals: ReadonlySet<FailureMode> = new Set([
  'refused',
  'approval_overdue',
  'rejected',
  'attempts_exhausted',
]);

/** What the failure of a handoff takes back at once, and what its exception says: of that, and of what stands. */
export function undoneByFailure<T extends Standing>(failed: Standing, mode: FailureMode, rows: readonly T[]) {
  if (isUndo(failed)) return { undone: [], cancelled: [], text: '', detail: {} };
  const { undone, cancelled } = refusals.has(mode)
    ? undoneByRefusal(failed, rows)
    : { undone: [], cancelled: [] };
  const taken = new Set(undone.map(({ row }) => row));
  const standing = undoneByAbandonment(rows).filter(({ row }) => !taken.has(row));
  const names = (list: readonly Undone<T>[]) => list.map(({ row }) => row.handoff);
  return {
    undone,
    cancelled,
    text: undone.length === 0 ? '' : `; being undone: ${names(undone).join(', ')}`,
    detail: {
      ...(undone.length > 0 && { undoing: names(undone) }),
      ...(standing.length > 0 && { undone_if_given_up: names(standing) }),
    },
  };
}

/** What the exception of a failed handoff says first. Of an undo: that its effect stands. */
export function failureText(
  { undoes, destination }: Pick<HandoffDraft, 'undoes' | 'destination'>,
  summary: string,
): string {
  return undoes === undefined
    ? summary
    : `It still stands in ${undoes.at ?? destination}, not undone: ${summary}`;
}

/** What the exception of an undo says whose request cannot be made. */
export function unmadeText(
  { handoff, destination }: { handoff: string; destination: string },
  problem: string,
) {
  return `${handoff} still stands in ${destination}: how it is undone could not be made of its answer: ${problem}`;
}

/**
 * What a final refusal takes back at once: what the refused one comes after and says `when: refused`, and whatever else
 * comes after that. `cancelled`: what of that is still under way, and must not go on.
 */
function undoneByRefusal<T extends Standing>(
  refused: Standing,
  rows: readonly T[],
): { readonly undone: Undone<T>[]; readonly cancelled: T[] } {
  const revision = revisionOf(refused.idempotency_key);
  const plan = rows.filter((row) => !isUndo(row) && revisionOf(row.idempotency_key) === revision);
  const before = comesAfter(plan);
  const first = effectsOf(rows).filter(
    (row) => plan.includes(row) && row.plan.undo?.when === 'refused' && before(refused, row),
  );
  const dependent = (row: Standing) => first.some((one) => before(row, one));
  const isEffect = new Set(effectsOf(rows));
  return {
    undone: inReverse(plan.filter((row) => isEffect.has(row) && (first.includes(row) || dependent(row)))),
    cancelled: plan.filter((row) => dependent(row) && !isSettled(row)),
  };
}

/** What is taken back when the work is given up: all of it that can be. */
export function undoneByAbandonment<T extends Standing>(rows: readonly T[]): Undone<T>[] {
  return inReverse(effectsOf(rows));
}

/** What stands at its destination, can be taken back, and has not been. */
function effectsOf<T extends Standing>(rows: readonly T[]): T[] {
  const taken = new Set(rows.flatMap(({ plan }) => plan.undoes?.key ?? []));
  const accepted = rows.filter((row) => !isUndo(row) && row.accepted_at !== null && row.plan.undo);
  const lastOfKey = new Map(accepted.map((row) => [row.idempotency_key, row]));
  return [...lastOfKey.values()].filter(({ idempotency_key: key }) => !taken.has(key));
}

/** The last first: each undo waits for those of what came after it. */
function inReverse<T extends Standing>(rows: readonly T[]): Undone<T>[] {
  const before = comesAfter(rows);
  return rows
    .toSorted((a, b) => b.seq - a.seq)
    .map((row) => ({
      row,
      after: rows.filter((other) => before(other, row)).map(({ handoff }) => undoName(handoff)),
    }));
}

/** Whether one of some rows comes after another of its revision, directly or over others. */
function comesAfter(rows: readonly Standing[]): (later: Standing, earlier: Standing) => boolean {
  const waits = new Map(rows.map(({ handoff, plan }) => [handoff, plan.after]));
  const reaches = (from: readonly string[], to: string, seen: Set<string>): boolean =>
    from.some((id) => {
      if (id === to) return true;
      if (seen.has(id)) return false;
      seen.add(id);
      return reaches(waits.get(id) ?? [], to, seen);
    });
  return (later, earlier) =>
    revisionOf(later.idempotency_key) === revisionOf(earlier.idempotency_key) &&
    reaches(later.plan.after, earlier.handoff, new Set());
}

/** Whether something of an earlier revision is still to be taken back: until it is, nothing new is done in its place. */
export function isUndoPending(revision: number, rows: readonly Standing[]): boolean {
  const undos = rows.filter((row) => isUndo(row) && revisionOf(row.idempotency_key) < revision);
  const done = new Set(
    undos.filter(({ state }) => state === 'confirmed').map(({ idempotency_key: key }) => key),
  );
  return undos.some(({ idempotency_key: key }) => !done.has(key));
}

/** Whether something that a handoff comes after has been taken back, or is being: alone it must not be done any more. */
export function isOverUndone(row: Standing, rows: readonly Standing[]): string[] {
  if (isUndo(row)) return [];
  const before = comesAfter(rows.filter((each) => !isUndo(each)));
  const taken = new Set(rows.flatMap(({ plan }) => plan.undoes?.key ?? []));
  const earlier = rows.filter((each) => taken.has(each.idempotency_key) && before(row, each));
  return [...new Set(earlier.map(({ handoff }) => handoff))];
}

function isUndo({ plan }: Standing): boolean {
  return plan.undoes !== undefined;
}

function isSettled({ state }: Standing): boolean {
  return state === 'confirmed' || state === 'failed' || state === 'cancelled';
}
