import { type Selectable, sql } from 'kysely';
import { type Batch, insertRows } from '../db/rows.ts';
import type { ApprovalTable, Db, Tx } from '../db/schema.ts';
import type { HandoffDraft } from '../handoff/handoff.ts';
import { limits } from '../limits.ts';
import { placeFrom } from '../platform/cursor.ts';
import type { NewApproval } from './decide.ts';

export type ApprovalRow = Selectable<ApprovalTable>;

/** Writes approvals, one statement. */
export async function insertApprovals(into: Tx | Batch, rows: readonly NewApproval[]): Promise<void> {
  await insertRows(into, 'approval', rows);
}

export async function findApproval(
  db: Db,
  ticketId: string,
  handoffSeq: number,
): Promise<ApprovalRow | null> {
  const row = await db
    .selectFrom('approval')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('handoff_seq', '=', handoffSeq)
    .executeTakeFirst();
  return row ?? null;
}

/** The approvals of a ticket's handoffs. */
export async function approvalsOf(db: Db, ticketId: string): Promise<ApprovalRow[]> {
  return await db
    .selectFrom('approval')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('handoff_seq')
    .execute();
}

/** What a decision or the passing of time sets. JSON as text. */
type ApprovalChange = Partial<Omit<NewApproval, 'ticket_id' | 'handoff_seq' | 'by' | 'digest' | 'policy'>>;

/** Changes an approval that still waits. The caller holds the ticket's lock. */
export async function changeApproval(
  tx: Tx,
  approval: Pick<ApprovalRow, 'ticket_id' | 'handoff_seq'>,
  change: ApprovalChange,
): Promise<void> {
  await tx
    .updateTable('approval')
    .set(change)
    .where('ticket_id', '=', approval.ticket_id)
    .where('handoff_seq', '=', approval.handoff_seq)
    .where('state', '=', 'waiting')
    .execute();
}

/** A yes or no, given or waited for, with what it is about. */
export interface ListedApproval extends ApprovalRow {
  readonly workflow: string;
  /** Of the ticket. */
  readonly identity: string;
  readonly handoff: string;
  readonly destination: string;
  readonly request: HandoffDraft['request'];
}

/** What waits for a yes or no, the most urgent first; at most limits.pageRowsMax. */
export async function listApprovals(db: Db): Promise<ListedApproval[]> {
  const rows = await listed(db)
    .where('approval.state', '=', 'waiting')
    .where('handoff.state', '=', 'awaiting_approval')
    .orderBy('approval.due_at')
    .limit(limits.pageRowsMax)
    .execute();
  return rows.map(withRequest);
}

/** A page of what was decided, or ran out of time, the newest ticket first. `next`: null on the last page. */
export async function listDecidedApprovals(
  db: Db,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<{ rows: ListedApproval[]; next: string | null }> {
  let query = listed(db).where('approval.state', '<>', 'waiting');
  if (after !== undefined) {
    const { ticketId, seq } = placeFrom(after);
    query = query.where(
      sql<boolean>`(approval.ticket_id, approval.handoff_seq) < (${ticketId}::uuid, ${seq}::int4)`,
    );
  }
  const rows = await query
    .orderBy('approval.ticket_id', 'desc')
    .orderBy('approval.handoff_seq', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last ? `${last.ticket_id}~${last.handoff_seq}` : null;
  return { rows: page.map(withRequest), next };
}

function listed(db: Db) {
  return db
    .selectFrom('approval')
    .innerJoin('handoff', (join) =>
      join
        .onRef('handoff.ticket_id', '=', 'approval.ticket_id')
        .onRef('handoff.seq', '=', 'approval.handoff_seq'),
    )
    .innerJoin('ticket', 'ticket.id', 'approval.ticket_id')
    .selectAll('approval')
    .select(['ticket.identity', 'ticket.workflow'])
    .select(['handoff.handoff', 'handoff.destination', 'handoff.plan']);
}

function withRequest<R extends { readonly plan: unknown }>({ plan, ...row }: R) {
  return { ...row, request: (plan as HandoffDraft).request };
}
