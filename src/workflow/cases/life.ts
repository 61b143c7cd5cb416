import {
  type ApprovalState,
  approvalAfter,
  newApproval,
  nextApproval,
  nextLookAt,
} from '../../approval/decide.ts';
import type { HandoffState } from '../../db/schema.ts';
import { decide } from '../../decide.ts';
import type { Decision, Facts, Reason, TicketDecision } from '../../decision.ts';
import { identify } from '../../dedupe/identity.ts';
import type { ExceptionDraft, ExceptionState } from '../../exceptions/exception.ts';
import { next } from '../../exceptions/lifecycle.ts';
import { draftException, exceptionRow, type Opening } from '../../exceptions/open.ts';
import type { HandoffDraft } from '../../handoff/handoff.ts';
import { firstDue, firstState } from '../../handoff/rows.ts';
import { failureText, unmadeText } from '../../handoff/undo/undo.ts';
import { payloadOf } from '../../intake/split.ts';
import { limits } from '../../limits.ts';
import { earliest, plusMs } from '../../platform/instant.ts';
import type { Team } from '../project.ts';
import type { CompiledHandoff } from '../workflow.ts';
import type { Case } from './case.ts';
import { type PlayedUndo, undosOfDiscard, undosOfFailure } from './undo.ts';

/** What became of a case's trigger: its decision, and what happened to its ticket since. A step makes a new one. */
export interface Life {
  readonly of: Case;
  readonly now: Date;
  readonly decision: Decision;
  /** Why it is as it is: of the decision, then of what followed. */
  readonly reasons: readonly Reason[];
  readonly handoffs: readonly PlayedHandoff[];
  readonly exceptions: readonly OpenException[];
  /** A person has given it up. */
  readonly discarded?: true;
}

export interface PlayedHandoff {
  readonly draft: HandoffDraft;
  readonly compiled: CompiledHandoff;
  readonly state: HandoffState;
  readonly due: Date | null;
  readonly approval: ApprovalState | null;
  readonly attempts: number;
  readonly giveUpAt: Date;
  /** What the destination answered. */
  readonly response: unknown;
  readonly probes: number;
  readonly confirmBy: Date | null;
  readonly outcome: 'none' | 'confirmed' | 'contradicted' | 'unconfirmed';
  /** Fields that were read back differently. */
  readonly different: readonly string[];
}

export interface OpenException {
  readonly draft: ExceptionDraft;
  readonly state: ExceptionState;
}

/** The decision that a ticket has in the end: of one that was revised, the new one; null where there is no new ticket. */
export function ticketDecision(decision: Decision): TicketDecision | null {
  if (decision.kind === 'joined') return null;
  return decision.kind === 'revised' ? decision.becomes : decision;
}

/** Decides a case. Pure: its clock is its own. */
export function begin(of: Case): Life {
  const facts: Facts = { holder: holderOf(of), rerouteTo: of.rerouteTo };
  const decision = decide(of.workflow, of.trigger, facts, of.now);
  const decided = ticketDecision(decision);
  const drafts = decided?.kind === 'routed' ? decided.handoffs : [];
  const life = { of, now: of.now, decision, reasons: decision.reasons };
  const handoffs = drafts.map((draft) => promised(of, draft));
  const exceptions = decided?.kind === 'stopped' ? [opened(of, decided.exception, of.now, 1)] : [];
  return { ...life, handoffs, exceptions };
}

/** Who holds the identity: the first ticket, where it is the same identity and not forgotten yet. */
function holderOf({ held, workflow, trigger, now }: Case): Facts['holder'] {
  if (held === null) return null;
  const first = claimOf(workflow, held.trigger, held.at);
  if (first.until <= now || first.identity !== claimOf(workflow, trigger, now).identity) return null;
  const { digest, version } = first;
  return { ticketId: 'first', digest, version, fixed: held.fixed };
}

function claimOf(workflow: Case['workflow'], trigger: Case['trigger'], now: Date) {
  const parsed = payloadOf(workflow.trigger, trigger);
  const payload = parsed.ok ? parsed.value : undefined;
  return identify(workflow.trigger, trigger, payload, { payload, headers: trigger.headers }, now).claim;
}

function promised(of: Case, draft: HandoffDraft): PlayedHandoff {
  const state = firstState(draft);
  const compiled = of.workflow.handoffs.find(({ id }) => id === draft.handoff);
  if (compiled === undefined) throw new Error(`a handoff that the workflow does not have: ${draft.handoff}`);
  const { approval } = draft;
  return {
    draft,
    compiled,
    state,
    due: firstDue(state, draft, of.now),
    approval: approval && newApproval(approval, of.now),
    attempts: 0,
    giveUpAt: plusMs(of.now, draft.retry.forMs),
    response: null,
    probes: 0,
    confirmBy: null,
    outcome: 'none',
    different: [],
  };
}

function opened({ workflow }: Case, draft: ExceptionDraft, now: Date, seq: number): OpenException {
  const row = exceptionRow('case', seq, workflow.name, draft, now);
  const state: ExceptionState = {
    seq,
    mode: draft.mode,
    handoffSeq: draft.handoffSeq,
    state: 'open',
    policy: draft.policy,
    responsible: draft.policy.owner,
    level: 0,
    resolveBy: row.resolve_by,
    lapsesAt: row.lapses_at,
    dueAt: row.due_at,
    slaMissedAt: null,
    claimedBy: null,
    claimedAt: null,
    checklist: draft.checklist.map((text) => ({ text, state: 'open', by: null, at: null, reason: null })),
    rootCause: null,
    resolution: null,
    resolutionNote: null,
    resolvedAt: null,
    resolvedBy: null,
  };
  return { draft, state };
}

/** The same life with one of its handoffs changed. */
export function withHandoff(
  life: Life,
  id: string,
  change: Partial<PlayedHandoff>,
  ...reasons: Reason[]
): Life {
  const handoffs = life.handoffs.map((each) => (each.draft.handoff === id ? { ...each, ...change } : each));
  return { ...life, handoffs, reasons: [...life.reasons, ...reasons] };
}

/** Ends a handoff in an exception under its frozen policy, as the workers do. */
export function failed(
  life: Life,
  { draft, ...rest }: PlayedHandoff,
  mode: ExceptionDraft['mode'],
  { summary, detail = {} }: Partial<Opening> & { readonly summary: string },
  change: Partial<PlayedHandoff> = {},
): Life {
  const { handoff, destination } = draft;
  const reason: Reason = { rung: 'handoff', code: mode, text: summary };
  const ended = withHandoff(life, handoff, { ...change, state: 'failed', due: null }, reason);
  const undo = undosOfFailure(ended.handoffs, { draft, ...rest }, mode, fieldsOf(life), life.now);
  const exception = draftException(draft.exceptions, mode, {
    summary: `${failureText(draft, summary)}${undo.text}`,
    detail: { handoff, destination, ...detail, ...undo.detail },
  });
  const seq = life.exceptions.length + 1;
  const exceptions = [...life.exceptions, opened(life.of, exception, life.now, seq)];
  return withUndos({ ...ended, handoffs: undo.handoffs, exceptions }, undo.undos);
}

/** Gives the ticket up, as a person does who discards its exception: what was done is taken back where it can be. */
export function discarded(life: Life): Life {
  const { undos, handoffs } = undosOfDiscard(life.handoffs, fieldsOf(life), life.now);
  return withUndos({ ...life, handoffs, exceptions: [], discarded: true }, undos);
}

/** Adds undos; one that cannot be made is an exception of its own. */
function withUndos(life: Life, undos: readonly PlayedUndo[]): Life {
  const exceptions = undos.flatMap(({ handoff, undone, problem }, index) => {
    if (problem === null) return [];
    const { exceptions: policy, destination } = undone.draft;
    const summary = unmadeText({ handoff: undone.draft.handoff, destination }, problem);
    const detail = { handoff: handoff.draft.handoff, destination, failure: problem };
    const draft = draftException(policy, 'transform_failed', { summary, detail });
    return [opened(life.of, draft, life.now, life.exceptions.length + index + 1)];
  });
  return {
    ...life,
    handoffs: [...life.handoffs, ...undos.map(({ handoff }) => handoff)],
    exceptions: [...life.exceptions, ...exceptions],
  };
}

function fieldsOf({ decision }: Life): unknown {
  const decided = ticketDecision(decision);
  return decided !== null && 'fields' in decided ? decided.fields : {};
}

/** Makes ready what waits for nothing any more. */
export function released(life: Life): Life {
  const confirmed = new Set(
    life.handoffs.filter(({ state }) => state === 'confirmed').map(({ draft }) => draft.handoff),
  );
  const handoffs = life.handoffs.map((each) => {
    if (each.state !== 'waiting' || !each.draft.after.every((id) => confirmed.has(id))) return each;
    const giveUpAt = plusMs(life.now, each.draft.retry.forMs);
    return { ...each, state: 'ready' as const, due: life.now, giveUpAt };
  });
  return { ...life, handoffs };
}

/** Lets time pass: approvals run out, exceptions escalate, each at its moment. */
export function passed(life: Life, ms: number, teams: ReadonlyMap<string, Team>): Life {
  const until = plusMs(life.now, ms);
  let passing = life;
  for (let count = 0; count < limits.caseDeadlinesMax; count += 1) {
    const due = earliest(
      ...passing.exceptions.map(({ state }) => state.dueAt),
      ...passing.handoffs.map(({ state, approval }) =>
        state === 'awaiting_approval' && approval?.state === 'waiting' ? nextLookAt(approval) : null,
      ),
      ...passing.handoffs.map(silentUntil),
    );
    if (due === null || due > until) return { ...passing, now: until };
    passing = atDeadline({ ...passing, now: due }, teams);
  }
  return { ...passing, now: until };
}

/** When a handoff ends that waits for a callback or a person's word; null: it does not, or is read back by a step. */
function silentUntil({ state, draft, confirmBy }: PlayedHandoff): Date | null {
  return state === 'confirming' && (draft.outcome.kind ?? 'read') !== 'read' ? confirmBy : null;
}

function atDeadline(life: Life, teams: ReadonlyMap<string, Team>): Life {
  const exceptions = life.exceptions.map((each) => {
    const decided = next(each.state, { act: 'deadline', unreachable: [] }, life.now);
    return decided.kind === 'refusal' ? each : { ...each, state: { ...each.state, ...decided.changes } };
  });
  let after: Life = { ...life, exceptions };
  for (const index of life.handoffs.keys()) {
    // One that fails may have cancelled those after it.
    const handoff = after.handoffs[index];
    if (handoff === undefined) continue;
    const { approval, draft } = handoff;
    const silent = silentUntil(handoff);
    if (silent !== null && silent <= life.now) {
      const summary = `${draft.handoff} to ${draft.destination}: nobody has said by ${silent.toISOString()} that it is done`;
      after = failed(after, handoff, 'unconfirmed', { summary }, { outcome: 'unconfirmed' });
    }
    if (approval === null || handoff.state !== 'awaiting_approval') continue;
    const decided = nextApproval(approval, { kind: 'tick' }, teams, life.now);
    if (decided.kind === 'unchanged') continue;
    const asked = approvalAfter(approval, decided, { actor: 'signalbox', reason: null }, life.now);
    if (decided.kind === 'overdue') {
      const summary = `${draft.handoff} to ${draft.destination} was not approved: ${decided.text}`;
      after = failed(after, handoff, 'approval_overdue', { summary }, { approval: asked });
    } else {
      after = withHandoff(after, draft.handoff, { approval: asked, due: nextLookAt(asked) });
    }
  }
  return after;
}
