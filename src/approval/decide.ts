import { sha256 } from '../audit/encoding.ts';
import type { ApprovalTable } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { ApprovalPlan, HandoffDraft, HandoffRequest } from '../handoff/handoff.ts';
import type { NewHandoffRow } from '../handoff/rows.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Team } from '../workflow/project.ts';

/*
 *            yes, as many as it needs
 *   waiting ──────────────────────────▶ approved
 *    │  │ ▲ │
 *    │  │ │ └──no──────────────────────▶ refused
 *    │  │ │
 *    │  └─┘ a yes of several; reminded; at the deadline passed on to the alternate, with a deadline of its own
 *    │
 *    └────nobody in time──────────────▶ overdue
 */

/** An approval as its decider sees it: its policy is frozen, whatever becomes of the workflow. */
export interface ApprovalState {
  readonly state: ApprovalTable['state'];
  /** `person:x` or `team:x`. */
  readonly by: string;
  /** Of whoever is asked now. */
  readonly dueAt: Date;
  /** Who is asked too when that has passed, and how long they have. Null: nobody. */
  readonly alternate: { readonly ref: string; readonly withinMs: number } | null;
  /** When the alternate was asked; null: not yet. */
  readonly alternateAt: Date | null;
  /** When whoever is asked is to be reminded, and when they were. */
  readonly remindAt: Date | null;
  readonly remindedAt: Date | null;
  readonly fourEyes: boolean;
  /** How many have to say yes, and who has. */
  readonly needed: number;
  readonly yes: readonly Yes[];
}

/** One yes of several, as the row holds it. */
export interface Yes {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string | null;
}

export type ApprovalAct =
  | {
      readonly kind: 'decide';
      readonly approve: boolean;
      readonly reason: string;
      readonly actor: string;
      /** Who has acted on the ticket. */
      readonly acted: ReadonlySet<string>;
    }
  | { readonly kind: 'tick' };

export type NextApproval =
  | { readonly kind: 'approved' | 'refused' | 'overdue'; readonly text: string }
  /** A yes, and more are needed. */
  | { readonly kind: 'counted'; readonly text: string; readonly missing: number }
  | { readonly kind: 'reminded'; readonly who: string }
  | { readonly kind: 'passed_on'; readonly to: string; readonly dueAt: Date; readonly remindAt: Date | null }
  | { readonly kind: 'unchanged' };

/**
 * Decides what an act or the passing of time does to an approval. Pure.
 * Throws AppError: `conflict` where it is decided already or the actor has said yes before, `forbidden` where it is not
 * the actor's to decide, `unprocessable` for a refusal without a reason.
 */
export function nextApproval(
  approval: ApprovalState,
  act: ApprovalAct,
  teams: ReadonlyMap<string, Team>,
  now: Date,
): NextApproval {
  if (act.kind === 'tick') return atTime(approval, now);
  refuseLate(approval, now);
  refuseStranger(approval, act, teams, now);
  if (!act.approve && act.reason.trim() === '') {
    throw new AppError('unprocessable', 'A refusal needs a reason', { help: 'Say why, for who takes it up' });
  }
  if (act.reason.length > limits.noteCharsMax) {
    throw new AppError('unprocessable', `The reason is longer than ${limits.noteCharsMax} characters`);
  }
  if (!act.approve) return { kind: 'refused', text: `${act.actor} refused: ${act.reason}` };
  if (approval.yes.some(({ by }) => by === act.actor)) {
    throw new AppError('conflict', `${act.actor} has said yes already`, {
      help: `${approval.needed} different people have to say yes`,
    });
  }
  const missing = approval.needed - approval.yes.length - 1;
  if (missing > 0) return { kind: 'counted', text: `${act.actor} approved, ${missing} more needed`, missing };
  const names = [...approval.yes.map(({ by }) => by), act.actor];
  return { kind: 'approved', text: `${names.join(' and ')} approved` };
}

/** What the passing of time does. The alternate has all of its time, however late anybody looks. */
function atTime(approval: ApprovalState, now: Date): NextApproval {
  const { state, by, dueAt, alternate, alternateAt, remindAt, remindedAt } = approval;
  if (state !== 'waiting') return { kind: 'unchanged' };
  const passable = alternate !== null && alternateAt === null ? alternate : null;
  if (now >= dueAt && passable !== null) {
    const due = plusMs(now, passable.withinMs);
    const remind =
      remindAt === null ? null : plusMs(now, passable.withinMs - Math.floor(passable.withinMs / 4));
    return { kind: 'passed_on', to: passable.ref, dueAt: due, remindAt: remind };
  }
  if (now >= dueAt) {
    const who = alternate === null ? by : `neither ${by} nor ${alternate.ref}`;
    const verb = alternate === null ? 'gave no answer' : 'gave an answer';
    return { kind: 'overdue', text: `${who} ${verb} by ${dueAt.toISOString()}` };
  }
  const isTime = remindAt !== null && remindedAt === null && now >= remindAt;
  return isTime ? { kind: 'reminded', who: askedNow(approval) } : { kind: 'unchanged' };
}

/** Whom it is on: the one who was asked last. Pure. */
export function askedNow({ by, alternate, alternateAt }: ApprovalState): string {
  return alternate !== null && alternateAt !== null ? alternate.ref : by;
}

/** When anybody has to look at it next. Pure. */
export function nextLookAt({ dueAt, remindAt, remindedAt }: ApprovalState): Date {
  return remindAt !== null && remindedAt === null && remindAt < dueAt ? remindAt : dueAt;
}

function refuseLate({ state, dueAt, alternate, alternateAt }: ApprovalState, now: Date): void {
  if (state !== 'waiting') throw new AppError('conflict', `This approval is ${state} already`);
  // Who is late before the alternate was asked is not too late: the sweep is only a moment away.
  if (now < dueAt || (alternate !== null && alternateAt === null)) return;
  throw new AppError('conflict', `This approval was due by ${dueAt.toISOString()}`, {
    help: 'It stands in the exception queue, or will in a moment: replay the ticket to ask again',
  });
}

function refuseStranger(
  approval: ApprovalState,
  { actor, acted }: Extract<ApprovalAct, { kind: 'decide' }>,
  teams: ReadonlyMap<string, Team>,
  now: Date,
): void {
  const asked = whoMayDecide(approval, now);
  if (!asked.some((ref) => includes(ref, actor, teams))) {
    throw new AppError('forbidden', `Only ${asked.join(' or ')} can decide this, not ${actor}`);
  }
  if (approval.fourEyes && acted.has(actor)) {
    throw new AppError(
      'forbidden',
      `${actor} has acted on this ticket, and a second pair of eyes is asked for`,
      {
        help: `Somebody else of ${asked.join(' or ')} has to decide it`,
      },
    );
  }
}

/** Who is asked at this moment: the alternate too once the time has passed. Pure. */
function whoMayDecide({ by, dueAt, alternate, alternateAt }: ApprovalState, now: Date): readonly string[] {
  return alternate !== null && (alternateAt !== null || now >= dueAt) ? [by, alternate.ref] : [by];
}

/** The person named, or a member of the team named. Pure. */
export function includes(ref: string, actor: string, teams: ReadonlyMap<string, Team>): boolean {
  if (ref === actor) return true;
  const team = ref.startsWith('team:') ? teams.get(ref.slice('team:'.length)) : undefined;
  return team?.members.some((member) => actor === `person:${member}`) ?? false;
}

/** What an approval is bound to: the request exactly as it will be sent. SHA-256, hex. */
export function requestDigest(request: HandoffRequest): string {
  return sha256(JSON.stringify(request)).toString('hex');
}

/** What an approval is after a decision or the passing of time. Pure. */
export function approvalAfter(
  approval: ApprovalState,
  next: NextApproval,
  { actor, reason }: { readonly actor: string; readonly reason: string | null },
  now: Date,
): ApprovalState {
  switch (next.kind) {
    case 'unchanged':
      return approval;
    case 'counted':
      return { ...approval, yes: [...approval.yes, { by: actor, at: now.toISOString(), reason }] };
    case 'reminded':
      return { ...approval, remindedAt: now };
    case 'passed_on':
      return {
        ...approval,
        alternateAt: now,
        dueAt: next.dueAt,
        remindAt: next.remindAt,
        remindedAt: null,
      };
    default:
      return { ...approval, state: next.kind };
  }
}

/** An approval as it is asked for. Pure. */
export function newApproval(plan: ApprovalPlan, now: Date): ApprovalState {
  const { remindMs = 0, alternate, alternateMs = plan.withinMs } = plan;
  const dueAt = plusMs(now, plan.withinMs);
  return {
    state: 'waiting',
    by: plan.by,
    dueAt,
    alternate: alternate === undefined ? null : { ref: alternate, withinMs: alternateMs },
    alternateAt: null,
    remindAt: remindMs === 0 ? null : plusMs(dueAt, -remindMs),
    remindedAt: null,
    fourEyes: plan.fourEyes === true,
    needed: plan.approvals ?? 1,
    yes: [],
  };
}

/** The approval that a new handoff waits for. Pure. */
export function approvalRow(handoff: NewHandoffRow): NewApproval {
  const { approval: plan, request } = JSON.parse(handoff.plan) as HandoffDraft;
  if (plan === null) throw new Error('a handoff without an approval waits for none');
  const { by, alternate, fourEyes, needed, ...approval } = newApproval(plan, handoff.created_at);
  const policy: FrozenPolicy = {
    ...(alternate !== null && { alternate }),
    ...(fourEyes && { fourEyes }),
    ...(needed > 1 && { needed }),
  };
  return {
    ticket_id: handoff.ticket_id,
    handoff_seq: handoff.seq,
    by,
    digest: requestDigest(request),
    decided_at: null,
    decided_by: null,
    reason: null,
    policy: JSON.stringify(policy),
    ...columnsOf(approval),
  };
}

/** A row as it is written: `policy` and `yes` are JSON text. */
export type NewApproval = { readonly [column in keyof ApprovalTable]: ApprovalTable[column] };

/** What the row keeps of the plan, as JSON; what is not there nobody asked for. */
interface FrozenPolicy {
  readonly alternate?: { readonly ref: string; readonly withinMs: number };
  readonly fourEyes?: true;
  readonly needed?: number;
}

/** What changes in a row while it waits. Pure. */
export function columnsOf({
  state,
  dueAt,
  alternateAt,
  remindAt,
  remindedAt,
  yes,
}: Pick<ApprovalState, 'state' | 'dueAt' | 'alternateAt' | 'remindAt' | 'remindedAt' | 'yes'>) {
  return {
    state,
    due_at: dueAt,
    alternate_at: alternateAt,
    remind_at: remindAt,
    reminded_at: remindedAt,
    yes: JSON.stringify(yes),
  };
}

/** A row as the decider sees it. Pure. */
export function approvalState(row: NewApproval): ApprovalState {
  const { alternate = null, fourEyes = false, needed = 1 } = row.policy as FrozenPolicy;
  return {
    state: row.state,
    by: row.by,
    dueAt: row.due_at,
    alternate,
    alternateAt: row.alternate_at,
    remindAt: row.remind_at,
    remindedAt: row.reminded_at,
    fourEyes,
    needed,
    yes: row.yes as readonly Yes[],
  };
}
