import { sha256 } from '../audit/encoding.ts';
import type { ApprovalTable } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { HandoffDraft, HandoffRequest } from '../handoff/handoff.ts';
import type { NewHandoffRow } from '../handoff/rows.ts';
import { limits } from '../limits.ts';
import type { Team } from '../workflow/project.ts';

export interface ApprovalState {
  readonly state: ApprovalTable['state'];
  /** `person:x` or `team:x`. */
  readonly by: string;
  readonly dueAt: Date;
}

export type ApprovalAct =
  | { readonly kind: 'decide'; readonly approve: boolean; readonly reason: string; readonly actor: string }
  | { readonly kind: 'tick' };

export type NextApproval =
  | { readonly kind: 'approved' | 'refused' | 'overdue'; readonly text: string }
  | { readonly kind: 'unchanged' };

/**
 * Decides what an act or the passing of time does to an approval. Pure.
 * Throws AppError: `conflict` where it is decided already, `forbidden` where it is not the actor's to decide,
 * `unprocessable` for a refusal without a reason.
 */
export function nextApproval(
  approval: ApprovalState,
  act: ApprovalAct,
  teams: ReadonlyMap<string, Team>,
  now: Date,
): NextApproval {
  if (act.kind === 'tick') {
    if (approval.state !== 'waiting' || now < approval.dueAt) return { kind: 'unchanged' };
    return { kind: 'overdue', text: `${approval.by} gave no answer by ${approval.dueAt.toISOString()}` };
  }
  if (approval.state !== 'waiting') {
    throw new AppError('conflict', `This approval is ${approval.state} already`);
  }
  if (now >= approval.dueAt) {
    throw new AppError('conflict', `This approval was due by ${approval.dueAt.toISOString()}`, {
      help: 'It stands in the exception queue, or will in a moment: replay the ticket to ask again',
    });
  }
  if (!mayDecide(approval.by, act.actor, teams)) {
    throw new AppError('forbidden', `Only ${approval.by} can decide this, not ${act.actor}`);
  }
  if (!act.approve && act.reason.trim() === '') {
    throw new AppError('unprocessable', 'A refusal needs a reason', { help: 'Say why, for who takes it up' });
  }
  if (act.reason.length > limits.noteCharsMax) {
    throw new AppError('unprocessable', `The reason is longer than ${limits.noteCharsMax} characters`);
  }
  return act.approve
    ? { kind: 'approved', text: `${act.actor} approved` }
    : { kind: 'refused', text: `${act.actor} refused: ${act.reason}` };
}

/** The person named, or a member of the team named. */
function mayDecide(by: string, actor: string, teams: ReadonlyMap<string, Team>): boolean {
  if (by === actor) return true;
  const team = by.startsWith('team:') ? teams.get(by.slice('team:'.length)) : undefined;
  return team?.members.some((member) => actor === `person:${member}`) ?? false;
}

/** What an approval is bound to: the request exactly as it will be sent. SHA-256, hex. */
export function requestDigest(request: HandoffRequest): string {
  return sha256(JSON.stringify(request)).toString('hex');
}

/** The approval that a new handoff waits for. */
export function approvalRow(handoff: NewHandoffRow): NewApproval {
  const plan = JSON.parse(handoff.plan) as HandoffDraft;
  if (plan.approval === null || handoff.due_at === null)
    throw new Error('a handoff without an approval waits for none');
  return {
    ticket_id: handoff.ticket_id,
    handoff_seq: handoff.seq,
    state: 'waiting',
    by: plan.approval.by,
    digest: requestDigest(plan.request),
    due_at: handoff.due_at,
    decided_at: null,
    decided_by: null,
    reason: null,
  };
}

export type NewApproval = { readonly [column in keyof ApprovalTable]: ApprovalTable[column] };
