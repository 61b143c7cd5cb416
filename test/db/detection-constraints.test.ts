import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draftException } from '../../src/exceptions/open.ts';
import { ticketId } from '../../src/platform/ids.ts';
import { policy } from '../exceptions/setting.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertFailedHandoff, insertTicket, openOn } from '../support/ticket.ts';

/** What the tables of detection and reconciliation refuse, whoever writes: each of their constraints by a row. */

const at = '2026-03-01T10:00:00.000Z';
const earlier = '2026-03-01T09:00:00.000Z';
const hex = 'a'.repeat(64);
const nobody = ticketId(new Date(at), 'form', 'nobody', Buffer.alloc(8));

type Row = Readonly<Record<string, unknown>>;

/** One lawful row of each, in the order of their references; the ticket's id is filled in. */
const lawful = {
  finding: { key: 'stuck/x', mode: 'stuck', source: 'form', exception_seq: 1, opened_at: at },
  detector: { name: 'silence', due_at: at },
  arrival: { source: 'form', hour: at, tickets: 1, last_at: at },
  reconciliation: { kind: 'list', subject: 'form', due_at: at, listed: 10 },
  reconciliation_listed: {
    kind: 'list',
    subject: 'form',
    identity: 'L-1',
    run: 1,
    verdict: 'missing',
    digest: hex,
    since: at,
    body: Buffer.from('{}'),
    part: 0,
  },
  reading_again: { handoff_seq: 1, destination: 'tool', due_at: at },
} satisfies Readonly<Record<string, Row>>;

type Table = keyof typeof lawful;
const ofTicket: ReadonlySet<string> = new Set(['finding', 'reading_again']);

const illegal: readonly (readonly [table: Table, change: Row, reason: string])[] = [
  ['finding', { key: '' }, 'a finding has a name'],
  ['finding', { key: 'x'.repeat(601) }, 'a key has its bound'],
  ['finding', { closed_at: at }, 'what is over says why'],
  ['finding', { closed_because: 'It moved' }, 'what is over says when'],
  ['finding', { closed_at: at, closed_because: '' }, 'a reason is not empty'],
  ['finding', { closed_at: at, closed_because: 'x'.repeat(1_001) }, 'a reason has its bound'],
  ['finding', { exception_seq: 2 }, 'the exception that tells it is there'],
  ['finding', { ticket_id: nobody }, 'and its ticket is'],
  ['detector', { name: '' }, 'a detector has a name'],
  ['detector', { name: 'x'.repeat(101) }, 'which has its bound'],
  ['arrival', { tickets: 0 }, 'an hour without tickets has no row'],
  ['reconciliation', { kind: 'guess' }, 'there is no such comparison'],
  ['reconciliation', { subject: '' }, 'it is of a source or destination'],
  ['reconciliation', { subject: 'x'.repeat(64) }, 'whose name has its bound'],
  ['reconciliation', { run: -1 }, 'runs count from 0'],
  ['reconciliation', { claim: -1 }, 'stretches count from 0'],
  ['reconciliation', { phase: 'waiting', started_at: at }, 'there is no such phase'],
  ['reconciliation', { phase: 'reading' }, 'what is under way says since when'],
  ['reconciliation', { kind: 'target', listed: -1 }, 'nothing less than none is listed'],
  ['reconciliation', { missing: -1, back_filled: -1 }, 'or missing'],
  ['reconciliation', { differing: -1 }, 'or differs'],
  ['reconciliation', { waiting: -1 }, 'or waits'],
  ['reconciliation', { unidentified: -1 }, 'or has no identity'],
  ['reconciliation', { unlisted: -1 }, 'or is not listed'],
  ['reconciliation', { missing: 1, back_filled: 2 }, 'no more is taken than is missing'],
  [
    'reconciliation',
    { missing: 4, differing: 4, waiting: 3 },
    'what is not as it should be is of what is listed',
  ],
  ['reconciliation', { failures: -1, error: 'x' }, 'failures count from 0'],
  ['reconciliation', { failures: 1 }, 'a failure has its sentence'],
  ['reconciliation', { error: 'crm answered 503' }, 'what says an error has failed'],
  ['reconciliation', { window_from: at }, 'a window has two ends'],
  ['reconciliation', { window_from: at, window_until: earlier }, 'in their order'],
  ['reconciliation_listed', { identity: '' }, 'an element has an identity'],
  ['reconciliation_listed', { identity: 'x'.repeat(601) }, 'which has its bound'],
  ['reconciliation_listed', { verdict: 'odd' }, 'there is no such verdict'],
  ['reconciliation_listed', { digest: 'a'.repeat(63) }, 'a digest is a SHA-256'],
  ['reconciliation_listed', { part: -1 }, 'parts count from 0'],
  ['reconciliation_listed', { verdict: 'held' }, 'content of what is here is not kept'],
  ['reconciliation_listed', { became: 'told' }, 'nor of what has been dealt with'],
  ['reconciliation_listed', { became: 'lost', body: null }, 'nothing becomes so'],
  ['reconciliation_listed', { became: 'made', body: null }, 'what was made names its ticket'],
  ['reconciliation_listed', { subject: 'crm' }, 'it is of a comparison'],
  ['reading_again', { step: -1 }, 'readings count from 0'],
  ['reading_again', { told: 'wrong' }, 'what was told is a SHA-256'],
  ['reading_again', { handoff_seq: 2 }, 'what is read again is a handoff'],
];

/** The same once more. */
const twice: readonly (readonly [table: Table, change: Row, reason: string])[] = [
  ['finding', {}, 'one of a key is open at a time'],
  ['detector', {}, 'a detector has one row'],
  ['arrival', { tickets: 2 }, 'an hour of a source has one row'],
  ['reconciliation', {}, 'a comparison has one row'],
  ['reconciliation_listed', { verdict: 'differs' }, 'an identity is listed once'],
  ['reading_again', {}, 'a handoff is read again by one row'],
];

let database: TestDatabase;
let owner: pg.Client;
let ticket: string;
/** Constraints that refused something. */
const spoke = new Set<string>();

beforeAll(async () => {
  database = await testDatabase();
  const row = await insertTicket(database.db, { now: new Date(at), state: 'exception' });
  ticket = row.id;
  await openOn(
    database.db,
    row,
    draftException(policy, 'stuck', { summary: 'It lies still', detail: {} }),
    new Date(at),
  );
  await insertFailedHandoff(database.db, ticket, 1, new Date(at));
  owner = new pg.Client(database.ownerUrl);
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await database.close();
});

test.each(illegal)('%s with %j: %s', async (table, change) => {
  await rolledBack(async () => {
    for (const each of tablesBefore(table)) await insert(each, lawful[each]);
    await refused(() => insert(table, { ...lawful[table], ...change }));
  });
});

test.each(twice)('%s once more with %j: %s', async (table, change) => {
  await rolledBack(async () => {
    for (const each of [...tablesBefore(table), table]) await insert(each, lawful[each]);
    await refused(() => insert(table, { ...lawful[table], ...change }));
  });
});

test('but lawful rows are taken, and what is over may begin again', async () => {
  await rolledBack(async () => {
    for (const [table, row] of Object.entries(lawful)) await insert(table as Table, row);
    await owner.query(`update finding set closed_at = $1, closed_because = 'It moved'`, [at]);
    await insert('finding', lawful.finding);
    await owner.query('set constraints all immediate');
  });
});

test.each([
  [`closed_because = 'Other'`, 'why it is over is not changed'],
  ['closed_at = null, closed_because = null', 'nor that it is'],
])('a closed finding set %s: %s', async (change) => {
  await rolledBack(async () => {
    await insert('finding', { ...lawful.finding, closed_at: at, closed_because: 'It moved' });
    await expect(owner.query(`update finding set ${change}`)).rejects.toMatchObject({
      code: expect.stringMatching(/^23/),
    });
  });
});

describe('exceptions of what detection finds', () => {
  const exception = async (change: string) => {
    await owner.query(
      `create temporary table other on commit drop as select * from exception where ticket_id = '${ticket}'`,
    );
    await owner.query(`update other set seq = 2, ${change}`);
    await owner.query('insert into exception select * from other');
  };

  test('a second of one mode is refused', async () => {
    await rolledBack(() => refused(() => exception(`mode = 'stuck'`)));
  });
  test.each(['source_silent', 'routing_thrash', 'contract_violation'])('one of %s is not', async (mode) => {
    await rolledBack(() => exception(`mode = '${mode}'`));
  });
  test('a resolution that there is not is refused, and `over` is none of those', async () => {
    const settled = `state = 'resolved', resolved_at = opened_at, resolved_by = 'signalbox', root_cause = 'x',
      due_at = null, lapses_at = null`;
    await rolledBack(() => refused(() => exception(`${settled}, resolution = 'gone'`)));
    await rolledBack(() => exception(`${settled}, resolution = 'over'`));
  });
});

test('every constraint of these tables has refused a row', async () => {
  const { rows } = await owner.query<{ name: string }>(
    `select conname as name from pg_constraint where contype in ('c', 'f', 'p', 'u') and conrelid = any($1::regclass[])
     and conname <> all($2::text[])`,
    // The first is generated; whoever breaks the second breaks that of what was taken before it.
    [Object.keys(lawful), ['finding_pkey', 'reconciliation_missing_check']],
  );
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.map(({ name }) => name).filter((name) => !spoke.has(name))).toEqual([]);
});

function tablesBefore(table: Table): Table[] {
  return table === 'reconciliation_listed' ? ['reconciliation'] : [];
}

async function rolledBack(act: () => Promise<void>): Promise<void> {
  await owner.query('begin');
  try {
    await act();
  } finally {
    await owner.query('rollback');
  }
}

/** Last in its transaction. Notes which constraint spoke. */
async function refused(act: () => Promise<void>): Promise<void> {
  let error: Partial<pg.DatabaseError> = {};
  try {
    await act();
    // Deferred constraints speak now.
    await owner.query('set constraints all immediate');
  } catch (thrown) {
    error = thrown as pg.DatabaseError;
  }
  expect(error.code, 'a constraint').toMatch(/^23/);
  spoke.add(error.constraint ?? '');
}

async function insert(table: Table, row: Row): Promise<void> {
  const whole = { ...(ofTicket.has(table) && { ticket_id: ticket }), ...row };
  const names = Object.keys(whole);
  const places = names.map((_, index) => `$${index + 1}`);
  await owner.query(`insert into ${table} (${names}) values (${places})`, Object.values(whole));
}
