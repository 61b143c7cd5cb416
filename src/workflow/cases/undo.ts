import type { FailureMode } from '../../exceptions/exception.ts';
import type { UndoPlan } from '../../handoff/handoff.ts';
import { firstDue, firstState } from '../../handoff/rows.ts';
import { undoDraft } from '../../handoff/undo/draft.ts';
import { type Undone, undoneByAbandonment, undoneByFailure } from '../../handoff/undo/undo.ts';
import { plusMs } from '../../platform/instant.ts';
import type { PlayedHandoff } from './life.ts';

/** How what was played is taken back: the deciders that the workers ask, on handoffs of a case. */

/** An undo as it is played; `problem`: it cannot be made of the answer. */
export interface PlayedUndo {
  readonly handoff: PlayedHandoff;
  readonly undone: PlayedHandoff;
  readonly problem: string | null;
}

/** What a failure takes back at once, and what becomes of the others. */
export function undosOfFailure(
  handoffs: readonly PlayedHandoff[],
  failed: PlayedHandoff,
  mode: FailureMode,
  ticket: unknown,
  now: Date,
) {
  const rows = handoffs.map((handoff, index) => rowOf(handoff, index, now));
  const row = rows.find(({ played }) => played.draft.handoff === failed.draft.handoff);
  if (row === undefined) return { undos: [], handoffs, text: '', detail: {} };
  const { undone, cancelled, text, detail } = undoneByFailure(row, mode, rows);
  const stopped = new Set(cancelled.map(({ played }) => played));
  return {
    undos: undone.map((each) => undoOf(each, ticket, now)),
    handoffs: handoffs.map((each) => (stopped.has(each) ? cancelledOf(each) : each)),
    text,
    detail,
  };
}

/** What is taken back when the ticket is given up; what is still open is cancelled. */
export function undosOfDiscard(handoffs: readonly PlayedHandoff[], ticket: unknown, now: Date) {
  const rows = handoffs.map((handoff, index) => rowOf(handoff, index, now));
  const isOpen = ({ state, draft }: PlayedHandoff) =>
    draft.undoes === undefined && !['confirmed', 'failed', 'cancelled'].includes(state);
  return {
    undos: undoneByAbandonment(rows).map((each) => undoOf(each, ticket, now)),
    handoffs: handoffs.map((each) => (isOpen(each) ? cancelledOf(each) : each)),
  };
}

function cancelledOf(handoff: PlayedHandoff): PlayedHandoff {
  return { ...handoff, state: 'cancelled', due: null };
}

function rowOf(played: PlayedHandoff, index: number, now: Date) {
  const { draft, state, confirmBy } = played;
  return {
    played,
    seq: index + 1,
    handoff: draft.handoff,
    state,
    accepted_at: confirmBy === null ? null : now,
    idempotency_key: `sb_case_${draft.undoes === undefined ? draft.handoff : draft.undoes.key}_r1`,
    plan: draft,
    response: played.response,
  };
}

function undoOf({ row, after }: Undone<ReturnType<typeof rowOf>>, ticket: unknown, now: Date): PlayedUndo {
  const { draft, problem } = undoDraft(row, row.plan.undo as UndoPlan, ticket, after);
  const { compiled } = row.played;
  const { request, outcome } = compiled.undo ?? compiled;
  const state = problem === null ? firstState(draft) : 'failed';
  const handoff: PlayedHandoff = {
    draft,
    compiled: { ...compiled, request, outcome },
    state,
    due: problem === null ? firstDue(state, draft, now) : null,
    approval: null,
    attempts: 0,
    giveUpAt: plusMs(now, draft.retry.forMs),
    response: null,
    probes: 0,
    confirmBy: null,
    outcome: 'none',
    different: [],
  };
  return { handoff, undone: row.played, problem };
}
