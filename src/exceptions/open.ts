import type { EntryDraft } from '../audit/chain.ts';
import { limits } from '../limits.ts';
import { earliest, plusMs } from '../platform/instant.ts';
import { defaultChecklists } from './checklists.ts';
import type {
  ChecklistPoint,
  ExceptionDraft,
  ExceptionPolicy,
  FailureMode,
  FrozenPolicy,
} from './exception.ts';
import { fingerprint } from './fingerprint.ts';

/** What an opener knows of an exception; its policy and checklist come from the workflow. */
export interface Opening {
  /** One sentence for the person who takes it. */
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly handoffSeq?: number;
  /** Points of this case, after those of the workflow: the failed check's, say. */
  readonly checklist?: readonly string[];
}

/** Drafts an exception with its policy frozen and a checklist that is never empty. Pure. */
export function draftException(policy: ExceptionPolicy, mode: FailureMode, opening: Opening): ExceptionDraft {
  const points = [...(policy.on[mode]?.checklist ?? []), ...(opening.checklist ?? [])];
  return {
    mode,
    summary: storable(opening.summary).slice(0, limits.summaryCharsMax).toWellFormed(),
    detail: opening.detail,
    policy: freezePolicy(policy, mode),
    checklist: points.length === 0 ? defaultChecklists[mode] : [...new Set(points)],
    handoffSeq: opening.handoffSeq ?? null,
  };
}

/** What a policy says for one failure mode. Owner and alternate differ, as the database demands. Pure. */
export function freezePolicy(policy: ExceptionPolicy, mode: FailureMode): FrozenPolicy {
  const { owner = policy.owner, ttlMs, resolveWithinMs, ...override } = policy.on[mode] ?? {};
  // An override of one of the two may name the other; the policy's own two differ, so one of them is left.
  const alternate = [override.alternate, policy.alternate, policy.owner].find((ref) => ref && ref !== owner);
  return {
    owner,
    alternate: alternate ?? policy.alternate,
    ttlMs: ttlMs ?? policy.ttlMs,
    resolveWithinMs: resolveWithinMs ?? policy.resolveWithinMs,
    claimLeaseMs: policy.claimLeaseMs,
    escalate: policy.escalate,
    rootCauses: policy.rootCauses,
  };
}

/** The row of a new exception, JSON columns as text, for insertRows. Pure. */
export function exceptionRow(
  ticketId: string,
  seq: number,
  workflow: string,
  draft: ExceptionDraft,
  now: Date,
) {
  const { policy } = draft;
  const resolveBy = plusMs(now, policy.resolveWithinMs);
  const lapsesAt = plusMs(now, policy.ttlMs);
  return {
    ticket_id: ticketId,
    seq,
    mode: draft.mode,
    handoff_seq: draft.handoffSeq,
    summary: draft.summary,
    detail: JSON.stringify(draft.detail),
    state: 'open' as const,
    owner: policy.owner,
    alternate: policy.alternate,
    responsible: policy.owner,
    policy: JSON.stringify(policy),
    fingerprint: fingerprint(workflow, draft),
    ttl_ms: policy.ttlMs,
    resolve_by: resolveBy,
    lapses_at: lapsesAt,
    due_at: earliest(lapsesAt, resolveBy),
    level: 0,
    checklist: JSON.stringify(draft.checklist.map(openPoint)),
    opened_at: now,
  };
}

export type NewException = ReturnType<typeof exceptionRow>;

/** What every opener writes into the ticket's chain. Without summary and particulars: entries outlive an erased payload. Pure. */
export function exceptionOpenedEntry(row: NewException): EntryDraft {
  return {
    kind: 'exception_opened',
    actor: 'signalbox',
    data: {
      exception: row.seq,
      mode: row.mode,
      ...(row.handoff_seq === null ? {} : { handoff: row.handoff_seq }),
      responsible: row.responsible,
      alternate: row.alternate,
      claim_by: row.lapses_at.toISOString(),
      resolve_by: row.resolve_by.toISOString(),
      fingerprint: row.fingerprint,
    },
  };
}

function openPoint(text: string): ChecklistPoint {
  return { text, state: 'open', by: null, at: null, reason: null };
}

/** Foreign text may reach a summary; PostgreSQL's text takes no NUL, and the chain no lone surrogates. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}
