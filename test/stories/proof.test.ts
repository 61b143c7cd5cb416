import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../cli/run.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { formToken, lead, projectEnv, projectFiles } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Senders prove themselves by what signalbox.yaml says of them, and are answered when they ask who we are. */

const sources = `sources:
  form:
    summary: Leads by mail
    owner: person:dana
    verify:
      scheme: custom
      secret: { env: FORM_TOKEN }
      algorithm: hmac-sha256
      signature: { field: /signature/signature }
      timestamp: { field: /signature/timestamp }
      id: { field: /signature/token, once: true }
      signs: '{timestamp}{id}'
    challenge: { scheme: meta, secret: { env: FORM_TOKEN } }
  chat:
    summary: The chat
    owner: person:dana
    verify: { scheme: slack, secret: { env: FORM_TOKEN } }
    challenge: { scheme: slack }
  phone:
    summary: The phone
    owner: person:dana
    verify: { scheme: twilio, secret: { env: FORM_TOKEN } }
    public_url: https://hooks.example.com/phone
`;

let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  const files = projectFiles(target.url);
  const project = (files['signalbox.yaml'] ?? '').replace(/sources:\n {2}form:.*\n/, sources);
  const leads = files['workflows/leads.yaml'] ?? '';
  const phone = leads.replace('workflow: leads', 'workflow: calls').replace('source: form', 'source: phone');
  server = await testApp(target.url, { files: { 'signalbox.yaml': project, 'workflows/calls.yaml': phone } });
});

afterAll(async () => {
  await server.stop();
  await target.close();
});

const mac = (text: string) => createHmac('sha256', formToken).update(text).digest('hex');
const seconds = () => String(Math.floor(Date.now() / 1000));

/** As Mailgun signs: time and token, and not the body. */
function mailed(token: string, time: string, changes: Record<string, unknown> = {}): string {
  return lead(`mail-${token}`, {
    signature: { timestamp: time, token, signature: mac(`${time}${token}`) },
    ...changes,
  });
}

describe('an id that may come once', () => {
  test('its own retry is a duplicate; a captured signature on another body is refused, and leaves nothing', async () => {
    const time = seconds();
    const first = await server.post(mailed('t1', time));
    expect(first.status).toBe(202);
    const again = await server.post(mailed('t1', time));
    expect([again.status, again.body]).toMatchObject([
      200,
      { ticket: first.body.ticket, decision: { kind: 'joined' } },
    ]);
    const forged = await server.post(mailed('t1', time, { lead_id: 'forged' }));
    expect([forged.status, forged.body.reason]).toEqual([401, 'replayed']);
    expect((await server.get('/api/tickets?identity=forged')).body.tickets).toEqual([]);
    expect((await server.post(mailed('t2', time, { lead_id: 'other' }))).status).toBe(202);
  });

  test('a wrong signature does not use the id up', async () => {
    const time = seconds();
    const forged = await server.post(
      mailed('t3', time, { signature: { timestamp: time, token: 't3', signature: mac('') } }),
    );
    expect([forged.status, forged.body.reason]).toEqual([401, 'wrong_signature']);
    expect((await server.post(mailed('t3', time))).status).toBe(202);
  });
});

describe('handshakes', () => {
  const ask = (query: string, method = 'GET') => fetch(`${server.url}/in/form?${query}`, { method });
  const verify = (token: string) => `hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=`;

  test('a GET with the token is answered as text, which no browser runs', async () => {
    const answer = await ask(`${verify(formToken)}%3Cscript%3E1`);
    expect([answer.status, await answer.text()]).toEqual([200, '<script>1']);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    [`${verify('other')}1`, 'GET', 401, 'another token'],
    [verify(formToken), 'GET', 400, 'nothing to answer'],
    ['hello=1', 'GET', 400, 'not the handshake'],
    [`${verify(formToken)}1`, 'PUT', 405, 'another method'],
    [`${verify(formToken)}1`, 'HEAD', 405, 'another method'],
  ])('%s by %s is %i: %s', async (query, method, status, _why) => {
    const answer = await ask(query, method);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST, GET' : null);
    expect(await answer.text()).not.toContain(formToken);
  });

  test('by POST it is signed as a trigger is, and no ticket', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'a"b' });
    const time = seconds();
    const post = (signature: string) =>
      fetch(`${server.url}/in/chat`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-slack-request-timestamp': time,
          'x-slack-signature': signature,
        },
        body,
      });
    const answer = await post(`v0=${mac(`v0:${time}:${body}`)}`);
    expect([answer.status, await answer.json()]).toEqual([200, { challenge: 'a"b' }]);
    expect((await post(`v0=${mac('')}`)).status).toBe(401);
    expect((await fetch(`${server.url}/in/chat`)).status).toBe(405);
  });
});

describe('signalbox send', () => {
  const send = (...args: string[]) =>
    run(['send', ...args, '-', '--url', server.url], {
      cwd: server.root,
      env: projectEnv,
      input: lead('sent'),
    });

  test('signs in the body where the scheme has it there', async () => {
    expect(await send('form')).toMatchObject({ code: 0, stderr: '' });
  });

  test('signs the address that the sender calls, with what it adds to the query', async () => {
    expect(await send('phone')).toMatchObject({ code: 0, stderr: '' });
  });
});
