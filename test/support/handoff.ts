import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import type { ExceptionPolicy } from '../../src/exceptions/exception.ts';
import type { HandoffDraft } from '../../src/handoff/handoff.ts';
import { handoffPromisedEntry, handoffRow } from '../../src/handoff/rows.ts';
import { findHandoff, type HandoffRow, insertHandoffs } from '../../src/handoff/store.ts';
import type { HandoffShell } from '../../src/handoff/worker.ts';
import { changeTicket, lockTicket } from '../../src/ticket/store.ts';
import type { Destination } from '../../src/workflow/project.ts';
import { insertTicket } from './ticket.ts';

const policy: ExceptionPolicy = {
  owner: 'team:triage',
  alternate: 'person:omar',
  ttlMs: 900_000,
  resolveWithinMs: 86_400_000,
  claimLeaseMs: 3_600_000,
  escalate: ['person:dana'],
  rootCauses: [],
  on: {},
};

/** A handoff to the test target: makes a record and reads it back. */
export function draft(changes: Partial<HandoffDraft> = {}): HandoffDraft {
  return {
    handoff: 'create-record',
    destination: 'tool',
    request: {
      operation: 'POST /records',
      method: 'POST',
      path: '/records',
      headers: {},
      body: { name: 'Lead 1', type: 'web', budget: 5000 },
    },
    retry: { attemptsMax: 5, forMs: 3_600_000 },
    outcome: {
      operation: 'GET /records/{id}',
      method: 'GET',
      path: '/records/{id}',
      parameters: [{ name: 'id', in: 'path', value: 'response.id' }],
      that: 'result.name != ""',
      same: ['name', 'type', 'budget'],
      withinMs: 60_000,
    },
    approval: null,
    after: [],
    exceptions: policy,
    ...changes,
  };
}

/** Takes such a record away again when the work is given up. */
export function removal(): NonNullable<HandoffDraft['undo']> {
  const { retry, outcome } = draft();
  return {
    when: 'abandoned',
    request: {
      operation: 'DELETE /records/{id}',
      method: 'DELETE',
      path: '/records/{id}',
      parameters: [{ name: 'id', in: 'path', value: 'response.id' }],
    },
    retry,
    outcome,
  };
}

export function destination(url: string, changes: Partial<Destination> = {}): Destination {
  return {
    key: 'tool',
    summary: 'The tool',
    connector: 'http',
    url,
    auth: { scheme: 'none' },
    idempotencyHeader: 'Idempotency-Key',
    timeoutMs: 2_000,
    allowPrivate: true,
    readAgain: null,
    timeouts: { connectMs: 5_000, headersMs: 10_000, bodyMs: 10_000 },
    ca: null,
    from: null,
    ...changes,
  };
}

/** Promises handoffs on a new ticket, as a decision would. Returns the ticket's id; sequences begin at 1. */
export async function promise(
  db: Kysely<Database>,
  drafts: readonly HandoffDraft[],
  now: Date,
): Promise<string> {
  const ticket = await insertTicket(db, { now });
  await db.transaction().execute(async (tx) => {
    const locked = await lockTicket(tx, ticket.id);
    if (locked === null) throw new Error('no ticket');
    const rows = drafts.map((each, index) => handoffRow(ticket.id, index + 1, 1, each, now));
    await insertHandoffs(tx, rows);
    await changeTicket(tx, locked, { entries: rows.map((row) => handoffPromisedEntry(row)) }, now);
  });
  return ticket.id;
}

/** The row as it now stands. */
export async function handoff(
  shell: Pick<HandoffShell, 'db'>,
  ticketId: string,
  seq = 1,
): Promise<HandoffRow> {
  const row = await findHandoff(shell.db, ticketId, seq);
  if (row === null) throw new Error(`no handoff ${seq}`);
  return row;
}
