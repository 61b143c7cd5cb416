import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { lead } from '../support/project.ts';
import { manualClock } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

const clock = manualClock(new Date('2026-03-01T10:00:00Z'));
let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url, { clock });
});

afterAll(async () => {
  await server.stop();
  await target.close();
});

const handIn = (body: unknown, headers?: Record<string, string>) =>
  server.call('/api/triggers', body, headers);
const payloadOf = (id: string, changes = {}) => JSON.parse(lead(id, changes));
const form = (id: string, changes = {}) => ({ source: 'form', payload: payloadOf(id, changes) });

describe('POST /api/triggers', () => {
  test('takes a trigger as its source’s address does, and the record says who handed it in', async () => {
    const made = await handIn(form('a'), { 'signalbox-actor': 'person:dana' });
    expect([made.status, made.headers.get('location')]).toEqual([202, `/api/tickets/${made.body.ticket}`]);
    expect(made.body).toMatchObject({ state: 'handoff', decision: { kind: 'routed', route: 'team:web' } });
    const { entries } = (await server.get(`/api/tickets/${made.body.ticket}`)).body;
    expect(entries[0]).toMatchObject({ kind: 'received', actor: 'person:dana' });
    const joined = await server.post(lead('a'));
    expect(joined.body).toEqual({ ticket: made.body.ticket, decision: { kind: 'joined' } });
  });

  test('a body is kept byte for byte, whatever its form', async () => {
    const body = '{ "lead_id": "b",\n  "name": "Zoë", "project_type": "web", "budget": 5000.0 }';
    const made = await handIn({ source: 'form', body });
    expect(made.status).toBe(202);
    expect((await server.get(`/api/tickets/${made.body.ticket}/payload`)).body).toBe(body);
  });

  test.each<[body: unknown, status: number, says: RegExp, reason: string]>([
    [{ source: 'from', payload: {} }, 404, /Did you mean form/, 'a source that is not there'],
    [{ source: 'form' }, 400, /either `payload` or `body`/, 'nothing'],
    [{ source: 'form', payload: {}, body: '{}' }, 400, /either `payload` or `body`/, 'both'],
    [{ source: 'form', payload: {}, content_type: 'text/plain' }, 400, /is JSON/, 'JSON as another form'],
    [{ source: 'form', playload: {} }, 400, /did you mean `payload`/, 'an unknown member'],
    [{ source: 'form', body: 'x', content_type: 'image/png' }, 415, /image\/png/, 'a form that nobody reads'],
    [
      { source: 'form', body: 'x'.repeat(limits.bodyBytesMax + 1) },
      413,
      /larger/,
      'more than the source may send',
    ],
  ])('%# is refused with %i', async (body, status, says, reason) => {
    const refused = await handIn(body);
    expect(refused.status, reason).toBe(status);
    expect(`${refused.body.detail} ${refused.body.help}`, reason).toMatch(says);
  });

  test('a number that would not come in as it was written is refused, not changed', async () => {
    const response = await fetch(`${server.url}/api/triggers`, {
      method: 'POST',
      headers: { ...(await keyHeaders()), 'content-type': 'application/json' },
      body: '{"source":"form","payload":{"lead_id":12345678901234567890}}',
    });
    expect(response.status).toBe(400);
  });

  test('without the key nothing is taken', async () => {
    const response = await fetch(`${server.url}/api/triggers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form('nobody')),
    });
    expect(response.status).toBe(401);
  });
});

async function keyHeaders(): Promise<Record<string, string>> {
  const { readFile } = await import('node:fs/promises');
  const { key } = JSON.parse(await readFile(`${server.root}/.signalbox/server.json`, 'utf8'));
  return { authorization: `Bearer ${key}` };
}

describe('Idempotency-Key', () => {
  const withKey = (key: string) => ({ 'idempotency-key': key });

  test('a repeat of the request gets the first answer, and does nothing', async () => {
    const first = await handIn(form('k1'), withKey('"one"'));
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([202, null]);
    const again = await handIn(form('k1'), withKey('"one"'));
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
      202,
      first.body,
      'true',
    ]);
    expect((await server.get(`/api/tickets/${first.body.ticket}`)).body.ticket.joined).toBe(0);
  });

  test('without quotes it is the same key; members in another order are the same request', async () => {
    const first = await handIn(form('k2'), withKey('two'));
    const { source, payload } = form('k2');
    const again = await handIn({ payload, source }, withKey('"two"'));
    expect(again.body).toEqual(first.body);
  });

  test('with another request it is 422, and nothing is taken', async () => {
    await handIn(form('k3'), withKey('three'));
    const other = await handIn(form('k4'), withKey('three'));
    expect([other.status, other.body.code]).toEqual([422, 'unprocessable']);
    expect((await server.get('/api/tickets?identity=k4')).body.tickets).toEqual([]);
  });

  test('many at once: one is taken, the others are 409 or get its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => handIn(form('k5'), withKey('five'))));
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    const tickets = new Set(answers.flatMap(({ body }) => body.ticket ?? []));
    expect(tickets.size).toBe(1);
    const { ticket } = (await server.get(`/api/tickets/${[...tickets][0]}`)).body;
    expect(ticket.joined).toBe(0);
  });

  test('what was refused before anything was decided leaves the key free', async () => {
    await handIn({ source: 'from', payload: {} }, withKey('six'));
    expect((await handIn(form('k6'), withKey('six'))).status).toBe(202);
  });

  test('a day later it is forgotten, and may stand for another request', async () => {
    await handIn(form('k7'), withKey('seven'));
    clock.advance(limits.idempotencyKeyMs - 1);
    expect((await handIn(form('k8'), withKey('seven'))).status).toBe(422);
    clock.advance(1);
    expect((await handIn(form('k8'), withKey('seven'))).status).toBe(202);
  });

  test.each([['""'], [' '], ['a, b'], ['"open'], ['x'.repeat(limits.idempotencyKeyCharsMax + 1)]])(
    '%j is no key',
    async (key) => {
      const { status } = await handIn(form('none'), withKey(key));
      expect(status).toBe(400);
    },
  );
});

describe('Signalbox-Dry-Run', () => {
  const dry = { 'signalbox-dry-run': 'true' };
  const doors: [string, (id: string, changes?: object) => ReturnType<typeof handIn>][] = [
    ['POST /in/form', (id, changes) => server.post(lead(id, { ...changes }), dry)],
    ['POST /api/triggers', (id, changes) => handIn(form(id, changes), dry)],
  ];

  describe.each(doors)('%s', (door, tryOut) => {
    test('shows what would be sent, and stores nothing', async () => {
      const { status, body } = await tryOut('dry');
      expect(status).toBe(200);
      expect(body).toMatchObject({
        dry_run: true,
        decision: { kind: 'routed', identity: 'dry', ticket: null },
        would_be: {
          state: 'handoff',
          route: 'team:web',
          handoffs: [{ handoff: 'create-record', request: { method: 'POST', body: { lead: 'dry' } } }],
          exception: null,
        },
      });
      expect((await server.get('/api/tickets?identity=dry')).body.tickets).toEqual([]);
    });

    test('shows the exception with its checklist', async () => {
      const { body } = await tryOut('poor', { budget: 1 });
      expect(body.would_be).toMatchObject({
        state: 'exception',
        handoffs: [],
        exception: { mode: 'check_failed', owner: 'team:triage', checklist: ['Ask for the real budget'] },
      });
    });

    test('knows who came first', async () => {
      const id = `known to ${door}`;
      const { body: first } = await server.post(lead(id));
      expect((await tryOut(id)).body).toMatchObject({
        decision: { kind: 'joined', ticket: first.ticket },
        would_be: null,
      });
      const other = await tryOut(id, { name: 'Other' });
      expect(other.body.would_be.exception).toMatchObject({ mode: 'conflicting_duplicate' });
      const { ticket } = (await server.get(`/api/tickets/${first.ticket}`)).body;
      expect(ticket.joined).toBe(0);
    });
  });

  test('what might mean yes is refused rather than stored', async () => {
    expect((await server.post(lead('unsure'), { 'signalbox-dry-run': '1' })).status).toBe(400);
  });

  test('nobody is told anything without proving who it is', async () => {
    const { status } = await server.post(lead('x'), { ...dry, authorization: 'Bearer wrong' });
    expect(status).toBe(401);
  });
});
