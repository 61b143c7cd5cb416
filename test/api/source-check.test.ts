import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { formToken, lead, projectFiles } from '../support/project.ts';

let server: TestApp;
beforeAll(async () => {
  const target = 'http://127.0.0.1:9';
  const files = projectFiles(target);
  const project = files['signalbox.yaml'] ?? '';
  server = await testApp(target, {
    files: { 'signalbox.yaml': project.replace('scheme: bearer', 'scheme: github') },
  });
});
afterAll(async () => await server.stop());

const path = '/api/sources/form/check';

function signed(body: string, secret = formToken): Record<string, string> {
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  return { 'Content-Type': 'application/json', 'X-Hub-Signature-256': `sha256=${digest}` };
}

test('says which secret fits and what would be decided, and stores nothing', async () => {
  const body = lead('checked-1');
  const { status, body: told } = await server.call(path, { headers: signed(body), body });
  expect(status).toBe(200);
  expect(told.scheme).toBe('github');
  expect(told.proof).toMatchObject({
    authentic: true,
    holds: true,
    matched: { place: 'environment variable FORM_TOKEN', number: 1, of: 1 },
    signed: { template: '{body}', parts: [{ part: '{body}', bytes: body.length }] },
    time: null,
  });
  expect(told.would).toMatchObject({ dry_run: true, would_be: { route: 'team:web' } });
  expect((await server.get('/api/tickets?identity=checked-1')).body.tickets).toEqual([]);
});

test('of a wrong signature it tells neither the secret nor the right one, and still what would be decided', async () => {
  const body = lead('checked-2');
  const right = signed(body)['X-Hub-Signature-256']?.slice('sha256='.length) ?? '';
  const { body: told } = await server.call(path, { headers: signed(body, 'guessed'), body });
  expect(told.proof).toMatchObject({
    authentic: false,
    reason: 'wrong_signature',
    holds: false,
    matched: null,
  });
  expect(told.would).toMatchObject({ dry_run: true });
  expect(JSON.stringify(told)).not.toContain(formToken);
  expect(JSON.stringify(told)).not.toContain(right);
});

test('what no form is read in is told, and not thrown', async () => {
  const headers = { ...signed('x'), 'Content-Type': 'image/png' };
  const { body: told } = await server.call(path, { headers, body: 'x' });
  expect(told).toMatchObject({ would: null, undecided: expect.stringContaining('image/png') });
});

test.each<[body: unknown, status: number, reason: string]>([
  [{ headers: {} }, 400, 'neither body nor bytes'],
  [{ headers: {}, body: 'a', body_base64: 'YQ==' }, 400, 'both'],
  [{ headers: { 'a b': 'c' }, body: '' }, 400, 'no name of a header'],
  [{ headers: {}, body: 'x'.repeat(limits.bodyBytesMax) }, 200, 'as large as a body may be'],
  [{ headers: {}, body: 'x'.repeat(limits.bodyBytesMax + 1) }, 413, 'larger than a body may be'],
])('%j: %i (%s)', async (body, status) => {
  expect((await server.call(path, body)).status).toBe(status);
});

test('an unknown source is not found', async () => {
  expect((await server.call('/api/sources/nosuch/check', { headers: {}, body: '' })).status).toBe(404);
});

test('it goes no faster than strangers may guess at the address itself', async () => {
  expect(limits.sourceChecksPerMinute).toBeLessThanOrEqual(limits.strangersPerMinute);
  const statuses: number[] = [];
  for (let count = 0; count <= limits.sourceChecksPerMinute; count += 1) {
    statuses.push((await server.call(path, { headers: {}, body: 'x' })).status);
  }
  expect(statuses).toContain(200);
  expect(statuses.at(-1)).toBe(429);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(
    limits.sourceChecksPerMinute,
  );
});
