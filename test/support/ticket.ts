import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { chain, type EntryDraft, emptyChain } from '../../src/audit/chain.ts';
import { insertEntries } from '../../src/audit/store.ts';
import type { Database, TicketState } from '../../src/db/schema.ts';
import type { ExceptionDraft } from '../../src/exceptions/exception.ts';
import { exceptionOpenedEntry } from '../../src/exceptions/open.ts';
import { openException } from '../../src/exceptions/store.ts';
import { ticketId } from '../../src/platform/ids.ts';
import { changeTicket, insertTickets, lockTicket, type TicketRow } from '../../src/ticket/store.ts';

/** Writes a ticket of the workflow `leads`, with its version, its payload and its first entry, as intake would. */
export async function insertTicket(
  db: Kysely<Database>,
  given: { readonly now: Date; readonly state?: TicketState; readonly workflow?: string },
): Promise<TicketRow> {
  const { now, state = 'handoff', workflow = 'leads' } = given;
  const identity = randomBytes(8).toString('hex');
  const id = ticketId(now, 'form', identity, randomBytes(8));
  const version = createHash('sha256').update(workflow).digest('hex');
  const received: EntryDraft = { kind: 'received', actor: 'source:form', data: { revision: 1 } };
  const entries = chain(id, emptyChain, [received], now);
  const settled = state === 'done' || state === 'discarded' || state === 'rejected';
  const ticket = {
    id,
    source: 'form',
    workflow,
    workflow_version: version,
    identity,
    digest: createHash('sha256').update(identity).digest('hex'),
    state,
    owner: 'team:growth',
    alternate: 'person:dana',
    fields: '{}',
    route: null,
    confidence: null,
    revision: 1,
    joined: 0,
    received_at: now,
    updated_at: now,
    settled_at: settled ? now : null,
    head_seq: 1,
    head_hash: entries.at(-1)?.hash,
  };
  const payload = {
    ticket_id: id,
    revision: 1,
    content_type: 'application/json',
    headers: '{}',
    body: Buffer.from('{}'),
    salt: randomBytes(16),
    digest: randomBytes(32),
  };
  return await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('workflow_version')
      .values({ version, workflow, bundle: '{}', deployed_at: now, deployed_by: 'test', active: true })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await insertTickets(tx, [ticket], [payload]);
    await insertEntries(tx, entries);
    return await tx.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  });
}

/** Writes a handoff of the ticket that has failed, as its worker would leave it. */
export async function insertFailedHandoff(
  db: Kysely<Database>,
  ticketId: string,
  seq: number,
  now: Date,
): Promise<void> {
  await db
    .insertInto('handoff')
    .values({
      ticket_id: ticketId,
      seq,
      handoff: 'create-record',
      destination: 'tool',
      plan: '{}',
      idempotency_key: `${ticketId}-${seq}`,
      state: 'failed',
      give_up_at: now,
      due_at: null,
      response: null,
      accepted_at: null,
      confirm_by: null,
      created_at: now,
      settled_at: now,
    })
    .execute();
}

/** Opens an exception on a ticket, as every opener does: lock, row, entry, one transaction. Returns its sequence. */
export async function openOn(
  db: Kysely<Database>,
  ticket: Pick<TicketRow, 'id'>,
  draft: ExceptionDraft,
  now: Date,
): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    const locked = await lockTicket(tx, ticket.id);
    if (locked === null) throw new Error(`no ticket ${ticket.id}`);
    const row = await openException(tx, locked, draft, now);
    await changeTicket(tx, locked, { state: 'exception', entries: [exceptionOpenedEntry(row)] }, now);
    return row.seq;
  });
}
