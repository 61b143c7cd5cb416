import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { lead } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Bad input is refused with nothing accepted, or stands as an exception that holds its bytes. Never a 500, never lost. */

let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url);
});

afterAll(async () => {
  await server.stop();
  await target.close();
});

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('an exception holds the bytes', () => {
  test.each<[body: string | Buffer, mode: string, says: RegExp, reason: string]>([
    ['', 'unparseable', /empty/, 'an empty body'],
    ['not json', 'unparseable', /JSON/, 'no JSON'],
    ['{"lead_id":"x"', 'unparseable', /JSON|end/i, 'cut off'],
    [Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'unparseable', /UTF-8/, 'not UTF-8'],
    [lead('dup').replace('}', ',"name":"again"}'), 'unparseable', /"name"/, 'a key that stands twice'],
    [
      lead('proto').replace('{', '{"__proto__":{"admin":true},'),
      'unparseable',
      /__proto__/,
      'a __proto__ key',
    ],
    [lead('nul', { name: 'a\0b' }), 'unparseable', /U\+0000|NUL/, 'NUL, which PostgreSQL refuses in jsonb'],
    [lead('lone').replace('Lead', '\\ud800'), 'unparseable', /surrogate/, 'half of a surrogate pair'],
    [lead('big').replace('5000', '9007199254740993'), 'unparseable', /beyond 2\^53/, 'a number beyond 2^53'],
    [lead('inf').replace('5000', '1e999'), 'unparseable', /larger/, 'a number beyond all'],
    [deep(limits.bodyDepthMax + 1), 'unparseable', /deep|nest/, 'nested one too deep'],
    [deep(100_000), 'unparseable', /deep|nest/, 'nested beyond any stack'],
    [
      deep(limits.bodyDepthMax),
      'contract_violation',
      /object/,
      'nested as deep as allowed: only the contract objects',
    ],
    ['null', 'contract_violation', /object/, 'null'],
    [
      lead('no-type').replace(',"project_type":"web"', ''),
      'contract_violation',
      /project_type/,
      'a field is missing',
    ],
  ])('%#', async (body, mode, says, reason) => {
    const answer = await server.post(body);
    expect(answer.status, reason).toBe(202);
    expect(answer.body.decision.exception, reason).toMatchObject({
      mode,
      summary: expect.stringMatching(says),
    });
    const kept = await fetch(`${server.url}/api/tickets/${answer.body.ticket}/payload`, {
      headers: { authorization: await keyOf(server) },
    });
    expect(Buffer.from(await kept.arrayBuffer()), 'the bytes are kept').toEqual(Buffer.from(body));
  });

  test('a key with the name of something inherited is an ordinary key', async () => {
    const answer = await server.post(lead('inherited', { toString: 'x', constructor: { prototype: 1 } }));
    expect(answer.body.decision).toMatchObject({ kind: 'routed' });
  });

  test('the same broken bytes again join the first', async () => {
    const first = await server.post('{broken');
    const again = await server.post('{broken');
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(again.body.ticket).toBe(first.body.ticket);
  });
});

describe('nothing is accepted, and the sender is told why', () => {
  test.each<[headers: Record<string, string>, status: number, reason: string]>([
    [{ authorization: 'Bearer wrong' }, 401, 'a wrong token'],
    [{ authorization: '' }, 401, 'no token'],
    [{ 'content-type': 'application/json; charset=utf-16' }, 415, 'a charset that is not UTF-8'],
    [{ 'content-type': 'application/pdf' }, 415, 'a type that is not understood'],
    [{ 'content-encoding': 'compress' }, 415, 'an encoding that is not understood'],
    [{ 'content-encoding': 'gzip' }, 400, 'not packed as it says'],
  ])('%#', async (headers, status, reason) => {
    const before = await tickets(server);
    const answer = await server.post(lead('refused'), headers);
    expect(answer.status, reason).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.detail, reason).toMatch(/.+/);
    expect(await tickets(server)).toBe(before);
  });

  test('a body at the bound is taken, one byte more is not', async () => {
    const filler = limits.bodyBytesMax - Buffer.byteLength(lead('full', { filler: '' }));
    const full = lead('full', { filler: 'x'.repeat(filler) });
    expect(Buffer.byteLength(full)).toBe(limits.bodyBytesMax);
    expect((await server.post(full)).status).toBe(202);
    expect((await server.post(`${full} `)).status).toBe(413);
  });
});

async function tickets(app: TestApp): Promise<number> {
  const { rows } = await app.database.pool.query<{ count: number }>(
    'select count(*)::int as count from ticket',
  );
  return rows[0]?.count ?? -1;
}

async function keyOf(app: TestApp): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const { key } = JSON.parse(await readFile(`${app.root}/.signalbox/server.json`, 'utf8')) as { key: string };
  return `Bearer ${key}`;
}
