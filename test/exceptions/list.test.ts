import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExceptionFilter, listExceptions } from '../../src/exceptions/store.ts';
import { actOnException } from '../../src/exceptions/worker.ts';
import { setting } from './setting.ts';

let world: Awaited<ReturnType<typeof setting>>;
/** Opened a minute apart: name to ticket. */
const tickets = new Map<string, string>();

beforeAll(async () => {
  world = await setting();
  const modes = {
    parse: 'unparseable',
    contract: 'contract_violation',
    unsure: 'low_confidence',
    none: 'no_route',
  } as const;
  for (const [name, mode] of Object.entries(modes)) {
    tickets.set(name, (await world.stopped(mode)).ticketId);
    world.clock.advance(60_000);
  }
  await actOnException(world.deps, { ticketId: ticketOf('parse'), seq: 1 }, { act: 'claim' }, 'person:ann');
  await discard('contract');
});
afterAll(() => world.close());

function ticketOf(name: string): string {
  const id = tickets.get(name);
  if (id === undefined) throw new Error(`no ticket ${name}`);
  return id;
}

async function discard(name: string): Promise<void> {
  const key = { ticketId: ticketOf(name), seq: 1 };
  const { exception } = await actOnException(world.deps, key, { act: 'claim' }, 'person:ann');
  for (const index of (exception.checklist as unknown[]).keys()) {
    await actOnException(world.deps, key, { act: 'tick', index }, 'person:ann');
  }
  const how = { resolution: 'discard', reason: 'spam', rootCause: 'human-error', note: '' } as const;
  await actOnException(world.deps, key, { act: 'resolve', ...how }, 'person:ann');
}

async function names(filter: Partial<ExceptionFilter>) {
  const { rows } = await listExceptions(world.db, { limit: 10, ...filter });
  return rows.map((row) => [...tickets].find(([, id]) => id === row.ticket_id)?.[0]);
}

const filters: [Partial<ExceptionFilter>, names: string[], reason: string][] = [
  [{}, ['unsure', 'none', 'parse'], 'what is not resolved, by deadline: a claim has an hour'],
  [{ state: 'open' }, ['unsure', 'none'], 'nobody has taken it'],
  [{ state: 'claimed' }, ['parse'], 'somebody has'],
  [{ state: 'resolved' }, ['contract'], 'settled'],
  [{ queue: 'triage' }, ['unsure', 'none'], 'routing is not sure'],
  [{ queue: 'exception' }, ['parse'], 'all but triage'],
  [{ mode: 'no_route' }, ['none'], 'one failure mode'],
  [{ responsible: 'person:dana' }, [], 'nothing has escalated yet'],
  [{ responsible: 'team:triage', workflow: 'leads' }, ['unsure', 'none', 'parse'], 'all are on the owner'],
  [{ workflow: 'orders' }, [], 'another workflow'],
];

test.each(filters)('%j lists %j: %s', async (filter, expected) => {
  expect(await names(filter)).toEqual(expected);
});

test('pages follow each other without gap or repetition, and the last says so', async () => {
  const seen: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 3; page += 1) {
    const { rows, next } = await listExceptions(world.db, {
      limit: 1,
      ...(after !== undefined && { after }),
    });
    seen.push(...rows.map(({ ticket_id }) => ticket_id));
    expect(next === null).toBe(page === 2);
    after = next ?? undefined;
  }
  expect(seen).toEqual(['unsure', 'none', 'parse'].map(ticketOf));
});

test('a row says where its ticket comes from', async () => {
  const { rows } = await listExceptions(world.db, { limit: 1 });
  expect(rows[0]).toMatchObject({ workflow: 'leads', source: 'form', policy: { ttlMs: 900_000 } });
});

test.each(['', 'x', '2026-03-02T09:00:00.000Z~1', "2026-03-02T09:00:00.000Z~';drop~1"])(
  '"%s" is no place in a list',
  async (after) => {
    await expect(listExceptions(world.db, { limit: 1, after })).rejects.toMatchObject({
      code: 'bad_request',
    });
  },
);
