import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listDrift } from '../../src/detection/drift/store.ts';
import { acknowledgeDrift, driftTrouble, sweepDrift } from '../../src/detection/drift/worker.ts';
import { limits } from '../../src/limits.ts';
import { ticketId } from '../../src/platform/ids.ts';
import type { Shell } from '../../src/shell.ts';
import { insertTickets, type TicketRow } from '../../src/ticket/store.ts';
import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { projectFiles } from '../support/project.ts';
import { type ManualClock, manualClock, testShell } from '../support/shell.ts';
import { insertTicket } from '../support/ticket.ts';

let database: TestDatabase;
let clock: ManualClock;
let contract: Record<string, unknown>;
beforeEach(async () => {
  database = await testDatabase();
  clock = manualClock(new Date('2026-03-01T10:00:00Z'));
  const files = projectFiles('http://localhost:1');
  contract = JSON.parse(files['contracts/lead.schema.json'] ?? '');
});
afterEach(() => database.close());

/** A node of the project, which has read its files as they are now. */
function shell(): Shell {
  const text = JSON.stringify(contract);
  if (read?.text !== text) read = { text, project: projectWith(text) };
  const { project } = read;
  return testShell(database.db, { clock, project: () => project });
}

let read: { text: string; project: Project } | null = null;

function projectWith(schema: string): Project {
  const files = { ...projectFiles('http://localhost:1'), 'contracts/lead.schema.json': schema };
  const { project, diagnostics } = loadProject(new Map(Object.entries(files)));
  if (project === null) throw new Error(JSON.stringify(diagnostics));
  return project;
}

const lead = { lead_id: 'L-1', name: 'Noor', project_type: 'web', budget: 5000, utm: { campaign: 'spring' } };

/** Receives payloads, eight for each reading, and reads them. */
async function receive(count: number, payload: Record<string, unknown>): Promise<void> {
  const body = Buffer.from(JSON.stringify(payload));
  for (let sent = 0; sent < count; sent += limits.driftKindPayloadsMax) {
    const size = Math.min(limits.driftKindPayloadsMax, count - sent);
    await insertLike(await insertTicket(database.db, { now: clock.now() }), body, size);
    clock.advance(limits.driftSettleMs + limits.driftEveryMs);
    await sweepDrift(shell(), clock.now());
  }
}

/** So many tickets like one, in its place: the payload of that one is erased. */
async function insertLike(ticket: TicketRow, body: Buffer, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => ticketId(clock.now(), 'form', '', randomBytes(8)));
  const about = {
    revision: 1,
    content_type: 'application/json',
    headers: '{}',
    body,
    salt: randomBytes(16),
    digest: randomBytes(32),
  };
  await database.db.transaction().execute(async (tx) => {
    await tx
      .updateTable('payload')
      .set({ body: null, erased_at: clock.now() })
      .where('ticket_id', '=', ticket.id)
      .execute();
    await insertTickets(
      tx,
      ids.map((id) => ({ ...ticket, id, fields: '{}' })),
      ids.map((id) => ({ ticket_id: id, ...about })),
    );
  });
}

async function found(state: 'all' | 'open' = 'open') {
  const rows = await listDrift(database.db, { state }, 50);
  return rows.map(({ path, change, what, closed_because }) =>
    [path, change, what, closed_because].filter(Boolean).join(' '),
  );
}

const { utm: _, ...withoutUtm } = lead;

test('a field that vanishes is told once, and closed when it is back', async () => {
  await receive(64, lead);
  await receive(16, lead);
  expect(await found('all')).toEqual([]);
  await receive(48, withoutUtm);
  expect(await found('all')).toEqual(['utm vanished']);
  const [row] = await listDrift(database.db, {}, 50);
  expect(row).toMatchObject({ source: 'form', before_seen: 56, before_of: 56, described: false });
  expect(await driftTrouble(shell())).toBe(
    'One change in the payloads of form; `signalbox drift` tells which.',
  );
  await receive(64, lead);
  expect(await found('all')).toEqual(['utm vanished over']);
  expect(await driftTrouble(shell())).toBeNull();
});

test('a field that appears is told until the contract takes it in', async () => {
  await receive(56, lead);
  await receive(16, { ...lead, gclid: 'x' });
  expect(await found()).toEqual(['gclid appeared']);
  contract = { ...contract, properties: { ...(contract.properties as object), gclid: { type: 'string' } } };
  clock.advance(limits.driftEveryMs);
  await sweepDrift(shell(), clock.now());
  expect(await found('all')).toEqual(['gclid appeared in_contract']);
  await receive(16, { ...lead, gclid: 'x' });
  expect(await found('all'), 'and what the contract speaks of is not told').toEqual([
    'gclid appeared in_contract',
  ]);
});

test('a type that changes where the contract says nothing', async () => {
  await receive(56, lead);
  await receive(16, { ...lead, utm: 'spring' });
  expect(await found()).toEqual(['utm type string']);
});

describe('fields whose names read as a path, or are empty', () => {
  const odd = { ...lead, '': 1, 'utm.source': 'x' };

  test('appear', async () => {
    await receive(56, lead);
    await receive(16, odd);
    expect((await found()).sort()).toEqual(['[""] appeared', '["utm.source"] appeared']);
  });

  test('vanish, and are back', async () => {
    await receive(56, odd);
    await receive(16, lead);
    expect((await found()).sort()).toEqual(['[""] vanished', '["utm.source"] vanished']);
    await receive(64, odd);
    expect(await found()).toEqual([]);
  });
});

test('a change of a source that nobody reads any more is over', async () => {
  await receive(56, lead);
  await receive(16, withoutUtm);
  const without = { ...shell().project(), workflows: new Map() };
  clock.advance(limits.driftEveryMs);
  await sweepDrift({ ...shell(), project: () => without }, clock.now());
  expect(await found('all')).toEqual(['utm vanished over']);
});

describe('what is no drift', () => {
  test('payloads that break their contract: they are exceptions', async () => {
    await receive(56, lead);
    const { name: __, ...broken } = lead;
    await receive(32, { ...broken, gclid: 'x' });
    expect(await found('all')).toEqual([]);
  });

  test('a source of which little is known', async () => {
    await receive(32, lead);
    await receive(16, withoutUtm);
    expect(await found('all')).toEqual([]);
  });
});

test('who knows of a finding says why; it is no longer a warning, and not told again', async () => {
  await receive(56, lead);
  await receive(16, withoutUtm);
  const [row] = await listDrift(database.db, {}, 50);
  const by = { actor: 'person:dana', reason: 'the new form' };
  expect(await acknowledgeDrift(shell(), row?.id ?? 0, by)).toMatchObject({ acknowledged_by: 'person:dana' });
  await expect(acknowledgeDrift(shell(), row?.id ?? 0, by)).rejects.toMatchObject({ code: 'conflict' });
  await expect(acknowledgeDrift(shell(), 4711, by)).rejects.toMatchObject({ code: 'not_found' });
  expect(await driftTrouble(shell())).toBeNull();
  await receive(16, withoutUtm);
  expect(await listDrift(database.db, { state: 'all' }, 50)).toHaveLength(1);
});

test('of several nodes one reads, and none waits for another', async () => {
  const now = clock.now();
  await insertTicket(database.db, { now });
  clock.advance(limits.driftSettleMs + limits.driftEveryMs);
  await database.db.transaction().execute(async (tx) => {
    await tx.selectFrom('shape_reader').selectAll().forUpdate().execute();
    expect(await sweepDrift(shell(), clock.now())).toBe(0);
  });
  const before = await database.db.selectFrom('shape_reader').selectAll().executeTakeFirstOrThrow();
  await Promise.all([sweepDrift(shell(), clock.now()), sweepDrift(shell(), clock.now())]);
  const after = await database.db.selectFrom('shape_reader').selectAll().executeTakeFirstOrThrow();
  expect(after.position > before.position).toBe(true);
});

test('no value of a payload is kept', async () => {
  await receive(16, { ...lead, name: 'Noor Haddad', 'noor@example.com': 1, budget: 987_654 });
  const rows = await database.db.selectFrom('payload_shape').selectAll().execute();
  expect(JSON.stringify(rows)).toContain('budget');
  expect(JSON.stringify(rows)).not.toMatch(/noor|987654|spring|L-1/i);
});
