import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** What the tables refuse, whoever writes: a story in rows, each broken in one place. */

const ticket = '0198f000-0000-7000-8000-000000000001';
const hex = 'a'.repeat(64);
const at = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T11:00:00.000Z';

type Row = Readonly<Record<string, unknown>>;

/** One lawful row of each table, in the order of their references. */
const lawful = {
  workflow_version: {
    version: hex,
    workflow: 'paid-lead',
    bundle: '{}',
    deployed_at: at,
    deployed_by: 'person:ops',
    active: true,
  },
  deployment: {
    workflow: 'paid-lead',
    version: hex,
    kind: 'deploy',
    deployed_at: at,
    deployed_by: 'person:ops',
    reason: 'A first version',
  },
  ticket: {
    id: ticket,
    source: 'meta-ads',
    workflow: 'paid-lead',
    workflow_version: hex,
    identity: 'lead-1',
    digest: hex,
    state: 'handoff',
    owner: 'team:growth',
    alternate: 'person:dana',
    fields: '{}',
    confidence: 1,
    revision: 1,
    received_at: at,
    updated_at: at,
    head_seq: 1,
    head_hash: Buffer.alloc(32),
  },
  payload: {
    ticket_id: ticket,
    revision: 1,
    content_type: 'application/json',
    headers: '{}',
    body: Buffer.from('{}'),
    salt: Buffer.alloc(16),
    digest: Buffer.alloc(32),
  },
  identity: { source: 'meta-ads', identity: 'lead-1', ticket_id: ticket, digest: hex, until: later },
  entry: {
    ticket_id: ticket,
    seq: 1,
    at,
    kind: 'received',
    actor: 'source:meta-ads',
    data: '{}',
    previous: Buffer.alloc(32),
    hash: Buffer.alloc(32),
  },
  handoff: {
    ticket_id: ticket,
    seq: 1,
    handoff: 'create-project',
    destination: 'pm-tool',
    plan: '{}',
    idempotency_key: 'key-1',
    state: 'ready',
    give_up_at: later,
    due_at: at,
    created_at: at,
  },
  attempt: { ticket_id: ticket, handoff_seq: 1, attempt: 1, started_at: at },
  outcome: {
    ticket_id: ticket,
    handoff_seq: 1,
    state: 'confirmed',
    compared: '[]',
    decided_at: at,
    decided_by: 'signalbox',
  },
  approval: {
    ticket_id: ticket,
    handoff_seq: 1,
    state: 'waiting',
    by: 'team:finance',
    digest: hex,
    due_at: later,
  },
  exception: {
    ticket_id: ticket,
    seq: 1,
    mode: 'contract_violation',
    summary: 'project_type is missing',
    detail: '{}',
    state: 'open',
    owner: 'team:triage',
    alternate: 'person:ops',
    responsible: 'team:triage',
    policy: '{}',
    fingerprint: 'f',
    ttl_ms: 900_000,
    resolve_by: later,
    lapses_at: later,
    due_at: later,
    checklist: '[]',
    opened_at: at,
  },
  poll: { source: 'crm', cursor: 'null', due_at: at },
} satisfies Readonly<Record<string, Row>>;

type Table = keyof typeof lawful;

const resolved: Row = {
  state: 'resolved',
  lapses_at: null,
  due_at: null,
  root_cause: 'human-error',
  resolution: 'discard',
  resolved_at: at,
  resolved_by: 'person:ops',
};

const illegalInserts: readonly (readonly [table: Table, change: Row, reason: string])[] = [
  ['workflow_version', { version: 'v1' }, 'a version is a SHA-256'],
  ['deployment', { version: 'b'.repeat(64) }, 'what is deployed is stored'],
  ['deployment', { version: null }, 'only what has left the folder is withdrawn'],
  ['deployment', { reason: '' }, 'a deployment says why'],
  ['deployment', { deployed_by: '' }, 'a deployment says by whom'],
  ['deployment', { kind: 'edit' }, 'there is no such way'],
  ['ticket', { owner: null }, 'a ticket has an owner'],
  ['ticket', { owner: 'growth' }, 'an owner is a person or a team'],
  ['ticket', { owner: 'person:' }, 'an owner has a name'],
  ['ticket', { alternate: null }, 'a ticket has an alternate'],
  ['ticket', { alternate: 'team:growth' }, 'the alternate is someone else'],
  ['ticket', { state: 'lost' }, 'there is no such state'],
  ['ticket', { state: 'done' }, 'a settled ticket says when'],
  ['ticket', { settled_at: at }, 'an unsettled ticket has no time of settling'],
  ['ticket', { confidence: 1.5 }, 'confidence is at most 1'],
  ['ticket', { head_seq: 0 }, 'a ticket has at least one entry'],
  ['ticket', { head_hash: Buffer.alloc(31) }, 'a hash has 32 bytes'],
  ['ticket', { identity: '' }, 'an identity is not empty'],
  ['payload', { body: null }, 'a payload without its body says when it was erased'],
  ['payload', { erased_at: at }, 'an erased payload has no body'],
  ['payload', { salt: Buffer.alloc(0) }, 'a payload is salted'],
  ['entry', { seq: 0 }, 'entries count from 1'],
  ['entry', { hash: Buffer.alloc(16) }, 'a hash has 32 bytes'],
  ['handoff', { due_at: null }, 'an unsettled handoff has a deadline'],
  ['handoff', { state: 'confirmed', due_at: null, confirm_by: later }, 'a settled handoff says when'],
  ['handoff', { settled_at: at }, 'an unsettled handoff has no time of settling'],
  ['handoff', { state: 'confirming' }, 'a handoff that waits for its proof has a deadline for it'],
  ['handoff', { give_up_at: null }, 'retries are bounded by age'],
  ['attempt', { result: 'accepted' }, 'a result says when'],
  ['attempt', { handoff_seq: 2 }, 'an attempt is of a handoff'],
  ['outcome', { handoff_seq: 2 }, 'an outcome is of a handoff'],
  ['outcome', { state: 'confirmed_by_person' }, 'a person confirms with evidence'],
  ['approval', { due_at: null }, 'an approval has a deadline'],
  ['approval', { by: 'finance' }, 'a person or a team approves'],
  ['approval', { state: 'approved' }, 'a decision says when'],
  ['approval', { state: 'approved', decided_at: at }, 'a decision says who'],
  ['exception', { ttl_ms: null }, 'an exception has a TTL'],
  ['exception', { ttl_ms: 0 }, 'a TTL is longer than nothing'],
  ['exception', { resolve_by: null }, 'an exception has a resolution SLA'],
  ['exception', { resolve_by: at }, 'the resolution SLA lies after the opening'],
  ['exception', { due_at: null }, 'an open exception has a deadline'],
  ['exception', { lapses_at: null }, 'an open exception lapses'],
  ['exception', { owner: null }, 'an exception has an owner'],
  ['exception', { alternate: null }, 'an exception has an alternate'],
  ['exception', { alternate: 'team:triage' }, 'the alternate is someone else'],
  ['exception', { responsible: null }, 'an exception is on someone'],
  ['exception', { handoff_seq: 7 }, 'the handoff that failed is there'],
  ['exception', { claimed_by: 'person:ops', claimed_at: at }, 'an open exception is nobody’s yet'],
  ['exception', { state: 'claimed' }, 'a claimed exception says by whom'],
  ['exception', { state: 'claimed', claimed_by: 'person:ops' }, 'a claim says when'],
  ['exception', { ...resolved, root_cause: null }, 'a resolution has a root cause'],
  ['exception', { ...resolved, resolved_by: null }, 'a resolution says by whom'],
  ['exception', { ...resolved, resolution: null }, 'a resolution says how'],
  ['exception', { ...resolved, due_at: later }, 'a resolved exception has no deadline'],
  ['poll', { due_at: null }, 'a polled source is due some time'],
  ['poll', { failures: 1 }, 'a failure has its sentence'],
  ['poll', { error: 'crm answered 503' }, 'what says an error has failed'],
];

/** First it is settled by `settle`; then `change` is tried. */
const illegalUpdates: readonly (readonly [table: Table, settle: Row, change: Row, reason: string])[] = [
  ['ticket', { state: 'done', settled_at: at }, { state: 'handoff', settled_at: null }, 'done is done'],
  ['ticket', { state: 'discarded', settled_at: at }, { state: 'done' }, 'discarded is discarded'],
  ['ticket', { state: 'done', settled_at: at }, { settled_at: later }, 'and when, too'],
  [
    'handoff',
    { state: 'failed', settled_at: at, due_at: null },
    { state: 'confirmed', confirm_by: at },
    'failed once',
  ],
  ['attempt', { result: 'unknown', ended_at: at }, { result: 'accepted' }, 'a late worker comes too late'],
  ['outcome', {}, { state: 'contradicted' }, 'confirmed stays confirmed'],
  [
    'approval',
    { state: 'refused', decided_at: at, decided_by: 'person:ops' },
    { state: 'approved' },
    'no is no',
  ],
  [
    'exception',
    resolved,
    { state: 'open', resolved_at: null, lapses_at: at, due_at: at },
    'resolved is resolved',
  ],
  ['exception', resolved, { root_cause: 'sender-changed-form' }, 'and why, too'],
];

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  owner = new pg.Client(database.ownerUrl);
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await database.close();
});

describe('the tables refuse, even to the superuser', () => {
  test('nothing of a lawful ticket', async () => {
    await rolledBack(async () => insertAll());
  });

  test.each(illegalInserts)('%s with %j: %s', async (table, change) => {
    await rolledBack(async () => {
      await insertAll(table);
      await refused(() => insert(table, { ...lawful[table], ...change }));
    });
  });

  test.each(illegalUpdates)('%s, settled by %j, then %j: %s', async (table, settle, change) => {
    await rolledBack(async () => {
      await insertAll();
      if (Object.keys(settle).length > 0) await update(table, settle);
      await refused(() => update(table, change));
    });
  });

  test('a second open exception of one ticket at one place', async () => {
    await rolledBack(async () => {
      await insertAll();
      await refused(() => insert('exception', { ...lawful.exception, seq: 2 }));
    });
  });

  test('a second active version of one workflow', async () => {
    await rolledBack(async () => {
      await insertAll();
      await refused(() =>
        insert('workflow_version', { ...lawful.workflow_version, version: 'b'.repeat(64) }),
      );
    });
  });

  test('but not what is settled beside: a done ticket still counts its duplicates', async () => {
    await rolledBack(async () => {
      await insertAll();
      await update('ticket', { state: 'done', settled_at: at });
      await update('ticket', { joined: 1, head_seq: 2, updated_at: later });
    });
  });
});

describe('what is named by others is never removed', () => {
  test.each([
    ['delete from ticket', 'a ticket'],
    ['truncate ticket cascade', 'all tickets'],
    ['delete from workflow_version', 'a version'],
    ['truncate workflow_version cascade', 'all versions'],
    ['set local session_replication_role = replica; delete from ticket', 'nor as a replica would'],
  ])('%s: %s', async (statement) => {
    await rolledBack(async () => {
      await insertAll();
      await expect(owner.query(statement)).rejects.toThrow(/is never removed|append-only/);
    });
  });
});

describe('entries are append-only', () => {
  const changes = [
    ['update entry set data = $$[]$$', 'not changed'],
    ['delete from entry', 'not deleted'],
    ['truncate entry', 'not emptied'],
    ['set local session_replication_role = replica; delete from entry', 'not deleted as a replica would'],
  ] as const;

  test.each(changes)('by trigger for the superuser: %s: %s', async (statement) => {
    await rolledBack(async () => {
      await insertAll();
      await expect(owner.query(statement)).rejects.toThrow('entries are append-only');
    });
  });

  test.each(changes.slice(0, 4))('by right for the program: %s: %s', async (statement) => {
    await expect(database.pool.query(statement)).rejects.toThrow('permission denied');
  });
});

test.each(['update deployment set reason = $$other$$', 'delete from deployment', 'truncate deployment'])(
  'deployments are append-only: %s',
  async (statement) => {
    await rolledBack(async () => {
      await insertAll();
      await expect(owner.query(statement)).rejects.toThrow('deployments are append-only');
    });
  },
);

describe('the program’s role lacks the right', () => {
  test.each([
    ['delete from ticket', 'to delete a ticket'],
    ['delete from payload', 'to delete a payload'],
    ['update payload set salt = salt', 'to change a payload but by erasing its body'],
    ['update workflow_version set bundle = bundle', 'to change what a version was'],
    ['update deployment set reason = reason', 'to change why it was deployed'],
    [`insert into migration values (9, '', '', now())`, 'to say that a migration was applied'],
    ['alter table entry disable trigger all', 'to silence the triggers'],
    ['drop table entry', 'to drop a table'],
    ['create table public.t (a integer)', 'to make one'],
    ['create schema s', 'to make a schema'],
    ['create role r', 'to make a role'],
  ])('%s: %s', async (statement) => {
    await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});

async function rolledBack(act: () => Promise<void>): Promise<void> {
  await owner.query('begin');
  try {
    await act();
  } finally {
    await owner.query('rollback');
  }
}

/** Last in its transaction. SQLSTATE class 23: a constraint, or a trigger that speaks like one. */
async function refused(act: () => Promise<void>): Promise<void> {
  const attempt = async () => {
    await act();
    // Deferred constraints speak now.
    await owner.query('set constraints all immediate');
  };
  await expect(attempt()).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
}

async function insertAll(except?: Table): Promise<void> {
  for (const [table, row] of Object.entries(lawful)) {
    // What refers to the one that is left out comes after it.
    if (table === except) return;
    await insert(table, row);
  }
  await owner.query('set constraints all immediate');
}

async function insert(table: string, row: Row): Promise<void> {
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  await owner.query(`insert into ${table} (${names}) values (${places})`, Object.values(row));
}

async function update(table: string, change: Row): Promise<void> {
  const sets = Object.keys(change).map((name, index) => `${name} = $${index + 1}`);
  await owner.query(`update ${table} set ${sets}`, Object.values(change));
}
