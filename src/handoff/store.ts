import { CompiledQuery, type Selectable, type Updateable } from 'kysely';
import { approvalRow } from '../approval/decide.ts';
import { insertApprovals } from '../approval/store.ts';
import { ArrayParameter } from '../db/array.ts';
import { prepared } from '../db/prepared.ts';
import { Batch, insertRows, parameterOf, rowsAt } from '../db/rows.ts';
import type { AttemptTable, Db, HandoffState, HandoffTable, Tx } from '../db/schema.ts';
import type { AttemptOutcome, HandoffDraft } from './handoff.ts';
import { type NewHandoffRow, revisionOf } from './rows.ts';
import { isUndoPending } from './undo/undo.ts';

/** A handoff's row; `plan` is what was promised. */
export type HandoffRow = Omit<Selectable<HandoffTable>, 'plan'> & { readonly plan: HandoffDraft };
export type AttemptRow = Selectable<AttemptTable>;

/** Writes promised handoffs, with the approvals that they wait for. Two statements, whatever their number. */
export async function insertHandoffs(into: Tx | Batch, rows: readonly NewHandoffRow[]): Promise<void> {
  await insertRows(into, 'handoff', rows);
  await insertApprovals(
    into,
    rows.filter(({ state }) => state === 'awaiting_approval').map((row) => approvalRow(row)),
  );
}

/** One handoff; null where there is none. */
export async function findHandoff(db: Db, ticketId: string, seq: number): Promise<HandoffRow | null> {
  const row = await db
    .selectFrom('handoff')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return (row as HandoffRow | undefined) ?? null;
}

/** The handoffs of a ticket, first to last. */
export async function handoffsOf(db: Db, ticketId: string): Promise<HandoffRow[]> {
  const rows = await db
    .selectFrom('handoff')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('seq')
    .execute();
  return rows as HandoffRow[];
}

/** The attempts of a ticket, in their order. */
export async function attemptsOf(db: Db, ticketId: string): Promise<AttemptRow[]> {
  return await db
    .selectFrom('attempt')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('handoff_seq')
    .orderBy('attempt')
    .execute();
}

/** Whether an attempt under this handoff's key, its own or of one that it was retried from, got no answer. */
export async function hasUnanswered(db: Db, row: HandoffRow): Promise<boolean> {
  const found = await db
    .selectFrom('attempt')
    .innerJoin('handoff', (join) =>
      join
        .onRef('handoff.ticket_id', '=', 'attempt.ticket_id')
        .onRef('handoff.seq', '=', 'attempt.handoff_seq'),
    )
    .select('attempt.attempt')
    .where('handoff.ticket_id', '=', row.ticket_id)
    .where('handoff.idempotency_key', '=', row.idempotency_key)
    .where('attempt.result', '=', 'unknown')
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether a handoff has been taken back, or takes another back: what stands in its destination is then no promise of ours. */
export async function isTakenBack(db: Db, { ticket_id: id, idempotency_key: key, plan }: HandoffRow) {
  if (plan.undoes !== undefined) return true;
  if (plan.undo === undefined) return false;
  return (await handoffsOf(db, id)).some((row) => row.plan.undoes?.key === key);
}

/** The highest sequence in use; 0 where there is none. The caller holds the ticket's lock. */
export async function lastHandoffSeq(tx: Tx, ticketId: string): Promise<number> {
  const row = await tx
    .selectFrom('handoff')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('ticket_id', '=', ticketId)
    .executeTakeFirst();
  return row?.seq ?? 0;
}

/** What a transition of a handoff sets. JSON as text. */
export type HandoffChange = Updateable<HandoffTable> & { readonly state: HandoffState };

/**
 * Moves a handoff from the row that the caller has read. Fenced by its state, attempts and probes: null where another
 * worker or a person has moved it since, and then nothing is written. So a late worker cannot overwrite.
 */
export async function moveHandoff(
  tx: Db,
  from: HandoffRow,
  change: HandoffChange,
): Promise<HandoffRow | null> {
  const row = await tx
    .updateTable('handoff')
    .set(change)
    .where('ticket_id', '=', from.ticket_id)
    .where('seq', '=', from.seq)
    .where('state', '=', from.state)
    .where('attempts', '=', from.attempts)
    .where('probes', '=', from.probes)
    .returningAll()
    .executeTakeFirst();
  return (row as HandoffRow | undefined) ?? null;
}

/** A handoff of a ticket. */
export interface HandoffName {
  readonly ticketId: string;
  readonly handoffSeq: number;
}

/** What a handoff waits for room of: its destination; null: none, for what is next asks nothing of it (its outcome is told, by a callback or a person). */
export type Queue = string | null;

/** How many handoffs of a queue are wanted. */
export interface Wanted {
  readonly queue: Queue;
  readonly rowsMax: number;
}

export type DueHandoff = HandoffName & { readonly queue: Queue; readonly dueAt: Date };

/** As the index handoff_told has it. */
const isTold = `state = 'confirming' and plan -> 'outcome' ->> 'kind' in ('callback', 'confirm')`;

/**
 * The handoffs that wait for a worker and not for a person or another: of each queue the longest due, as many as are
 * wanted of it, `otherwise` of destinations that are not named. Some lie in the future; some may be named twice.
 */
export async function earliestHandoffs(
  db: Db,
  wanted: readonly Wanted[],
  otherwise: number,
): Promise<DueHandoff[]> {
  const { rows } = await db.executeQuery<{ ticket_id: string; seq: number; queue: Queue; due_at: Date }>(
    CompiledQuery.raw(
      prepared(`
        with recursive key (destination) as (
          (select destination from handoff where state in ('ready', 'confirming') order by destination limit 1)
          union all
          select (select destination from handoff
            where state in ('ready', 'confirming') and destination > key.destination order by destination limit 1)
          from key where key.destination is not null)
        select due.ticket_id, due.seq, case when not due.told then key.destination end as queue, due.due_at
        from key
        left join unnest($1::text[], $2::int4[]) as wanted (destination, rows) using (destination)
        cross join lateral (
          select ticket_id, seq, due_at, coalesce(${isTold}, false) as told from handoff
          where state in ('ready', 'confirming') and handoff.destination = key.destination
          order by due_at limit coalesce(wanted.rows, $3::int4)) as due
        union all
        (select ticket_id, seq, null, due_at from handoff where ${isTold} order by due_at limit $4::int4)
        order by due_at`),
      [
        new ArrayParameter(
          'text',
          wanted.map(({ queue }) => queue),
        ),
        new ArrayParameter(
          'int4',
          wanted.map(({ rowsMax }) => rowsMax),
        ),
        otherwise,
        wanted.find(({ queue }) => queue === null)?.rowsMax ?? otherwise,
      ],
    ),
  );
  return rows.map((row) => ({
    ticketId: row.ticket_id,
    handoffSeq: row.seq,
    queue: row.queue,
    dueAt: row.due_at,
  }));
}

/** Handoffs in no final state that no worker will take up and whose time has come: those whose worker was lost before the others, the longest overdue first. No locks: who acts on one takes its ticket's. */
export async function overdueHandoffs(db: Db, now: Date, rowsMax: number) {
  return await db
    .selectFrom('handoff')
    .select(['ticket_id', 'seq'])
    .where('state', 'in', ['awaiting_approval', 'waiting', 'attempting'])
    .where('due_at', '<=', now)
    .orderBy((eb) => eb('state', '<>', 'attempting'))
    .orderBy('due_at')
    .limit(rowsMax)
    .execute();
}

/** A step that many handoffs take at once: out of which state, and what it adds to their attempts and probes. */
export interface Step {
  readonly from: HandoffState;
  readonly attempts?: 1;
  readonly probes?: 1;
}

/** What a handoff becomes: its row as it was read, with what changes; a response is JSON text. */
export type Moved = Omit<HandoffRow, 'response'> & { readonly response?: unknown };

/** Moves many handoffs, each fenced as `moveHandoff` fences one: where one has moved, nothing is written of its ticket. */
export function moveHandoffs(into: Batch, step: Step, moved: readonly Moved[]): void {
  into.update('handoff', moved.map(writtenRow), `${moveText} where ${fenceOf(step)}`, { leads: true });
}

/**
 * Prolongs many leases, without locks: a row that somebody is at work on at this moment is passed over, so that it
 * waits for nobody. Returns by their names those that are still held, prolonged or not, and those that are settled
 * meanwhile, on which nobody works; the others were taken over.
 */
export async function renewLeases(
  db: Db,
  held: readonly HandoffRow[],
  until: Date,
): Promise<Map<string, 'held' | 'settled'>> {
  const kept = new Map<string, 'held' | 'settled'>();
  for (const [from, rows] of Map.groupBy(held, (row) => row.state)) {
    const becoming = rows.map((row) => writtenRow({ ...row, due_at: until }));
    const parameter = parameterOf({ table: 'handoff', rows: becoming });
    const fenced = `handoff as held, ${rowsAt(1, 'handoff')} as becomes where ${fenceOf({ from })}`;
    const renew = `with free as (select held.ctid as place, becomes.due_at from ${fenced} for update of held skip locked)
      update handoff as held set due_at = free.due_at from free where held.ctid = free.place`;
    await db.executeQuery(CompiledQuery.raw(prepared(renew), [parameter]));
    const still = `select held.ticket_id, held.seq, held.settled_at
      from handoff as held, ${rowsAt(1, 'handoff')} as becomes
      where held.ticket_id = becomes.ticket_id and held.seq = becomes.seq
        and (held.settled_at is not null or ${fenceOf({ from })})`;
    const query = CompiledQuery.raw(prepared(still), [parameter]);
    const { rows: found } =
      await db.executeQuery<Pick<HandoffRow, 'ticket_id' | 'seq' | 'settled_at'>>(query);
    for (const row of found) kept.set(nameOfRow(row), row.settled_at === null ? 'held' : 'settled');
  }
  return kept;
}

/** What a move reads of a row, and no more of it: the rest would only be carried. */
function writtenRow(moved: Moved): Readonly<Record<string, unknown>> {
  const { ticket_id, seq, state, attempts, probes, due_at, settled_at, excused, confirm_by } = moved;
  const { accepted_at, response } = moved;
  return {
    ticket_id,
    seq,
    state,
    attempts,
    probes,
    due_at,
    settled_at,
    excused,
    confirm_by,
    accepted_at,
    response: typeof response === 'string' ? response : null,
  };
}

function fenceOf({
  from,
  attempts = 0,
  probes = 0,
}: {
  from: HandoffState;
  attempts?: number;
  probes?: number;
}): string {
  return `held.ticket_id = becomes.ticket_id and held.seq = becomes.seq and held.state = '${from}'
    and held.attempts = becomes.attempts - ${attempts} and held.probes = becomes.probes - ${probes}`;
}

const moveText = `update handoff as held set state = becomes.state, attempts = becomes.attempts,
  probes = becomes.probes, due_at = becomes.due_at, settled_at = becomes.settled_at, excused = becomes.excused,
  confirm_by = becomes.confirm_by, accepted_at = becomes.accepted_at,
  response = coalesce(becomes.response, held.response) from $rows as becomes`;

/** Names a handoff within this process. */
export function nameOf({ ticketId, handoffSeq }: HandoffName): string {
  return `${ticketId}/${handoffSeq}`;
}

export function nameOfRow({
  ticket_id: ticketId,
  seq: handoffSeq,
}: {
  ticket_id: string;
  seq: number;
}): string {
  return nameOf({ ticketId, handoffSeq });
}

/** Notes that attempts begin. */
export async function openAttempts(
  into: Tx | Batch,
  attempted: readonly HandoffRow[],
  now: Date,
): Promise<void> {
  await insertRows(
    into,
    'attempt',
    attempted.map((row) => ({
      ticket_id: row.ticket_id,
      handoff_seq: row.seq,
      attempt: row.attempts,
      started_at: now,
    })),
  );
}

/** Writes what came of attempts, each once: a later result changes nothing. */
export async function closeAttempts(
  into: Tx | Batch,
  closed: readonly { readonly row: HandoffRow; readonly outcome: AttemptOutcome }[],
  now: Date,
): Promise<void> {
  const rows = closed.map(({ row, outcome }) => ({
    ticket_id: row.ticket_id,
    handoff_seq: row.seq,
    attempt: row.attempts,
    started_at: now,
    ended_at: now,
    result: outcome.result,
    status: outcome.status,
    detail: storable(outcome.detail),
    response: outcome.excerpt === null ? null : storable(outcome.excerpt),
  }));
  const batch = into instanceof Batch ? into : new Batch();
  batch.update(
    'attempt',
    rows,
    `update attempt as made set ended_at = becomes.ended_at, result = becomes.result, status = becomes.status,
      detail = becomes.detail, response = becomes.response from $rows as becomes
      where made.ticket_id = becomes.ticket_id and made.handoff_seq = becomes.handoff_seq
        and made.attempt = becomes.attempt and made.result is null`,
  );
  if (!(into instanceof Batch)) await batch.write(into);
}

/** Puts off a handoff that a sweep could not handle, so that it does not stand in the way of others. */
export async function setAside(db: Db, ticketId: string, seq: number, until: Date): Promise<void> {
  await db
    .updateTable('handoff')
    .set({ due_at: until })
    .where('ticket_id', '=', ticketId)
    .where('seq', '=', seq)
    .where('settled_at', 'is', null)
    .execute();
}

/** Whether every handoff that `row` waits for is confirmed, among those of its own revision, and nothing before it is still to be taken back. Pure. */
export function isReleased(row: HandoffRow, siblings: readonly HandoffRow[]): boolean {
  const revision = revisionOf(row.idempotency_key);
  if (row.plan.undoes === undefined && isUndoPending(revision, siblings)) return false;
  return row.plan.after.every((id) =>
    siblings.some(
      (other) =>
        other.handoff === id && other.state === 'confirmed' && revisionOf(other.idempotency_key) === revision,
    ),
  );
}

/** PostgreSQL's text takes no NUL and no lone surrogates. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}
