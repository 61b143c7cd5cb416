import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Sending, sendRequest } from '../../src/handoff/connectors/send.ts';
import type { HandoffRequest } from '../../src/handoff/handoff.ts';
import type { Destination } from '../../src/workflow/project.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft } from '../support/handoff.ts';
import { serverCertificate, serverKey, testAuthority } from '../support/lying-target.ts';

/** Mail to a real SMTP server, rows to a real PostgreSQL. */

function sending(changes: Partial<Sending> & { readonly to?: Partial<Destination> } = {}): Sending {
  const { to, ...rest } = changes;
  return {
    destination: destination('', to),
    request: draft().request,
    idempotencyKey: 'sb_key_1',
    secret: null,
    timeoutMs: 2_000,
    ...rest,
  };
}

describe('mail', () => {
  const mails: { envelope: string[]; text: string }[] = [];
  type Behaviour = 'take' | 'defer' | 'refuse' | 'cut';
  let behave: Behaviour = 'take';
  const smtp = new SMTPServer({
    key: serverKey,
    cert: serverCertificate('sound'),
    authOptional: false,
    onAuth(auth, _, done) {
      if (auth.password === 'pass-word') done(null, { user: 'u' });
      else done(new Error('Invalid username or password'));
    },
    onRcptTo(address, _, done) {
      done(address.address.startsWith('nobody') ? new Error('no such mailbox') : null);
    },
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      stream.on('end', () => {
        if (behave === 'cut') {
          for (const connection of smtp.connections)
            (connection as { _socket?: { destroy(): void } })._socket?.destroy();
          return;
        }
        if (behave !== 'take') {
          done(Object.assign(new Error('not now'), { responseCode: behave === 'defer' ? 451 : 554 }));
          return;
        }
        mails.push({ envelope: session.envelope.rcptTo.map(({ address }) => address), text });
        done(null, 'OK queued as 42');
      });
    },
    logger: false,
  });
  smtp.on('error', () => {});
  let at = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()));
    at = `smtp://localhost:${(smtp.server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  afterEach(() => {
    behave = 'take';
    mails.length = 0;
  });

  const mail: HandoffRequest = {
    operation: 'send',
    method: 'POST',
    path: '',
    headers: {},
    body: {
      to: ['dana@example.com', 'nobody@example.com'],
      subject: 'A lead\r\nBcc: x@example.com',
      text: 'Hello',
    },
  };
  const auth = { scheme: 'basic', username: 'u', secret: { env: 'X' } } as const;
  const to = (): Partial<Destination> => ({
    connector: 'email',
    url: at,
    from: 'Signalbox <ops@example.com>',
    auth,
  });
  const ask = (changes: Partial<Sending> = {}) =>
    sendRequest(
      sending({
        to: to(),
        secret: 'pass-word',
        ca: [testAuthority],
        request: mail,
        timeoutMs: 5_000,
        ...changes,
      }),
    );

  test('taken by the server over TLS: with its id, who was taken and who not', async () => {
    const outcome = await ask();
    expect(outcome).toMatchObject({
      result: 'accepted',
      body: {
        message_id: '<sb_key_1@example.com>',
        accepted: ['dana@example.com'],
        rejected: ['nobody@example.com'],
        answer: expect.stringContaining('queued as 42'),
      },
    });
    expect(mails[0]?.text).toContain('Message-ID: <sb_key_1@example.com>');
    expect(mails[0]?.envelope).toEqual(['dana@example.com']);
    expect(mails[0]?.text).not.toMatch(/^Bcc:/m);
  });

  const ends: readonly [as: Behaviour, result: string, reason: string][] = [
    ['defer', 'not_sent', 'the server did not take it'],
    ['refuse', 'rejected', 'the server will not take it'],
    ['cut', 'unknown', 'it had been sent, and nobody said anything'],
  ];
  test.each(ends)('%s: %s (%s)', async (as, result) => {
    behave = as;
    expect(await ask()).toMatchObject({ result });
  });

  test('one whose handoff is another worker’s by now is not sent', async () => {
    expect(await ask({ signal: AbortSignal.abort() })).toMatchObject({ result: 'not_sent' });
    expect(mails).toEqual([]);
  });

  test('a wrong password, a certificate that nobody vouches for, nothing that listens, a private address', async () => {
    const wrong = await ask({ secret: 'wrong-password' });
    expect(wrong).toMatchObject({ result: 'not_sent', final: true });
    expect(JSON.stringify(wrong)).not.toContain('wrong-password');
    expect(await ask({ ca: [] })).toMatchObject({
      result: 'not_sent',
      detail: expect.stringContaining('TLS'),
    });
    expect(
      await ask({ destination: destination('smtp://127.0.0.1:1', { ...to(), url: 'smtp://127.0.0.1:1' }) }),
    ).toMatchObject({ result: 'not_sent' });
    expect(await ask({ destination: destination(at, { ...to(), allowPrivate: false }) })).toMatchObject({
      detail: expect.stringContaining('not public'),
    });
    expect(mails).toEqual([]);
  });
});

describe('rows of a PostgreSQL database', () => {
  let database: TestDatabase;
  const to = { connector: 'postgresql', url: '', auth: { scheme: 'url', secret: { env: 'X' } } } as const;
  const request = (operation: string, body?: unknown, path = ''): HandoffRequest => ({
    operation,
    method: operation.startsWith('upsert') ? 'UPSERT' : 'SELECT',
    path,
    headers: {},
    ...(body !== undefined && { body }),
  });
  let secret = '';
  const ask = (asking: HandoffRequest, changes: Partial<Sending> = {}) =>
    sendRequest(sending({ to, secret, request: asking, ...changes }));

  beforeAll(async () => {
    database = await testDatabase({ empty: true });
    const address = new URL(database.ownerUrl);
    address.searchParams.set('sslmode', 'disable');
    secret = address.href;
    const client = new pg.Client(database.ownerUrl);
    await client.connect();
    await client.query(
      `create schema crm; create table crm.leads ("Lead Id" text, id text primary key, name text not null, tags text[], budget numeric(10, 2), seen timestamptz, extra jsonb)`,
    );
    await client.end();
  });
  afterAll(() => database.close());

  const row = {
    id: "l'1",
    name: 'Ada"; drop table crm.leads; --',
    tags: ['a', 'b'],
    budget: 12.5,
    seen: '2026-03-02T10:00:00+01:00',
    extra: { deep: [1] },
  };

  test('written twice, it stands once, with what came last; and is read back by its key', async () => {
    const first = await ask(request('upsert crm.leads (id)', row));
    expect(first).toMatchObject({
      result: 'accepted',
      body: { id: "l'1", tags: ['a', 'b'], budget: 12.5, extra: { deep: [1] } },
    });
    expect(await ask(request('upsert crm.leads (id)', { ...row, budget: 13 }))).toMatchObject({
      body: { budget: 13 },
    });
    const read = await ask(
      request('select crm.leads (id)', undefined, `?${new URLSearchParams({ id: "l'1" })}`),
    );
    expect(read).toMatchObject({ result: 'accepted', body: { name: row.name, budget: 13 } });
    expect(await ask(request('select crm.leads (id)', undefined, '?id=none'))).toMatchObject({ status: 404 });
  });

  test('a row whose handoff is another worker’s by now is not written', async () => {
    const late = { ...row, id: 'late' };
    expect(await ask(request('upsert crm.leads (id)', late), { signal: AbortSignal.abort() })).toMatchObject({
      result: 'not_sent',
    });
    expect(await ask(request('select crm.leads (id)', undefined, '?id=late'))).toMatchObject({ status: 404 });
  });

  const refused: readonly [operation: string, body: unknown, result: string, reason: string][] = [
    ['upsert crm.leads (id)', { id: 'x' }, 'rejected', 'a column that must be there'],
    ['upsert crm.leads (id)', { id: 'x', name: 'n', nothing: 1 }, 'rejected', 'no such column'],
    ['upsert crm.leads (id)', { id: 'x', name: 'n', budget: 'much' }, 'rejected', 'not a number'],
    ['upsert crm.nothing (id)', { id: 'x' }, 'rejected', 'no such table'],
    ['upsert crm.leads (name)', { id: 'x', name: 'n' }, 'rejected', 'the key is none'],
  ];
  test.each(refused)('%s with %j: %s (%s)', async (operation, body, result) => {
    const outcome = await ask(request(operation, body));
    expect(outcome).toMatchObject({ result });
    expect(outcome.detail).toMatch(/^tool refused it \([0-9A-Z]{5}\)$/);
  });

  test('a wrong password, no database there, no TLS, a private address', async () => {
    const wrong = new URL(secret);
    wrong.pathname = '/no_such_database';
    expect(await ask(request('upsert crm.leads (id)', row), { secret: wrong.href })).toMatchObject({
      result: 'not_sent',
      final: true,
    });
    expect(
      await ask(request('upsert crm.leads (id)', row), { secret: 'postgres://u:p@127.0.0.1:1/x' }),
    ).toMatchObject({ result: 'not_sent' });
    expect(
      await ask(request('upsert crm.leads (id)', row), { secret: secret.replace('sslmode=disable', '') }),
    ).toMatchObject({ result: 'not_sent' });
    const guarded = destination('', { ...to, allowPrivate: false });
    expect(await ask(request('upsert crm.leads (id)', row), { destination: guarded })).toMatchObject({
      detail: expect.stringContaining('not public'),
    });
  });
});
