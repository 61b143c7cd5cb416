import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { run } from '../cli/run.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { handIn, handoffIs, kindsOf, proofFiles, storyOf, told } from '../support/proofs.ts';
import { startTarget, type Target } from '../support/target.ts';

/** A person's yes before anything is sent: by whom it may be given, by when, and that it is given for just this. */

const sent = '    body: { name: ticket.name, type: ticket.project_type }';
const outcome = `    outcome:
      read: GET /records/{id}
      with: { id: response.id }
      same: [name]
      within: 1h`;
const asked = (approval: string) => `${sent}\n    approval: ${approval}\n${outcome}`;

const handoffs = {
  one: asked('{ by: team:triage, within: 4h }'),
  two: asked('{ by: team:triage, within: 4h, approvals: 2 }'),
  eyes: asked('{ by: team:triage, within: 4h, four_eyes: true }'),
  late: asked('{ by: team:growth, within: 4h, remind: 1h, alternate: person:omar, alternate_within: 2h }'),
};

let target: Target;
let server: TestApp;
/** Goes on as any clock does, from where it has been put. */
const clock = {
  aheadMs: 0,
  now: () => new Date(Date.now() + clock.aheadMs),
  advance: (ms: number) => {
    clock.aheadMs += ms;
  },
};

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url, { files: proofFiles(target.url, handoffs), clock });
});
afterAll(async () => {
  await server.stop();
  await target.close();
});

const hour = 3_600_000;
let count = 0;

/** A ticket whose handoff waits for a yes. */
async function waiting(workflow: keyof typeof handoffs): Promise<string> {
  count += 1;
  return await handIn(server, workflow, `${workflow}-${count}`);
}

function decide(ticket: string, approve: boolean, actor: string, reason = '') {
  return server.call(`/api/approvals/${ticket}/1`, { approve, reason }, { 'signalbox-actor': actor });
}

async function linkFor(ticket: string, person: string): Promise<string> {
  const answer = await server.call(`/api/approvals/${ticket}/1/links`, { for: person });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.url;
}

async function submit(url: string, form: Record<string, string>) {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
}

test('a yes to something else than what would be sent is refused, and changes nothing', async () => {
  const ticket = await waiting('one');
  const approval = async () => (await storyOf(server, ticket)).handoffs[0].approval;
  const { digest } = await approval();
  const say = (shown: string) =>
    server.call(
      `/api/approvals/${ticket}/1`,
      { approve: true, digest: shown },
      { 'signalbox-actor': 'person:omar' },
    );
  const refused = await say('0'.repeat(64));
  expect(refused.status).toBe(409);
  expect((await approval()).state).toBe('waiting');
  expect((await say(digest)).body.state).toBe('approved');
});

describe('by a link', () => {
  let ticket: string;
  let url: string;
  beforeEach(async () => {
    ticket = await waiting('one');
    url = await linkFor(ticket, 'person:dana');
  });

  test('opening it shows what would be sent and decides nothing, as often as anybody does', async () => {
    for (const method of ['GET', 'HEAD', 'GET']) {
      const page = await fetch(url, { method });
      expect(page.status).toBe(200);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'/,
      );
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('no-store');
      const text = await page.text();
      if (method === 'GET') {
        expect(text).toContain('POST /records');
        expect(text).toContain(`&quot;name&quot;: &quot;Lead one-${count}&quot;`);
        expect(text).toContain('Dana Reyes');
        expect(text).not.toMatch(/<script|onclick|https?:/);
      }
    }
    expect((await storyOf(server, ticket)).handoffs[0].state).toBe('awaiting_approval');
  });

  test('its form decides, once, as the person it was made for', async () => {
    const yes = await submit(url, { decision: 'approve', reason: 'Budget is there' });
    expect([yes.status, yes.text]).toEqual([200, expect.stringContaining('Approved')]);
    const story = await handoffIs(server, ticket, 'confirmed');
    const entry = story.entries.find(({ kind }: { kind: string }) => kind === 'approval_approved');
    expect(entry).toMatchObject({
      actor: 'person:dana',
      data: { reason: 'Budget is there', over: 'link', by: 'team:triage' },
    });
    const [made] = story.entries.filter(({ kind }: { kind: string }) => kind === 'approval_link_made');
    expect(made.data).toMatchObject({ for: 'person:dana' });
    expect(JSON.stringify(story)).not.toContain(url.split('/').at(-1));
    const again = await submit(url, { decision: 'refuse', reason: 'No, after all' });
    expect([again.status, again.text]).toEqual([410, expect.stringContaining('approved, by person:dana')]);
    expect((await fetch(url)).status).toBe(410);
  });

  test('it is good for nothing while the account of whom it is for is closed', async () => {
    const { body } = await server.call('/api/accounts/dana/link', { roles: ['approver'] });
    await fetch(`${server.url}/api/sign-in/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ link: body.url.split('#link=')[1] }),
    });
    expect((await server.call('/api/accounts/dana', { closed: true })).status).toBe(200);
    const refused = await submit(url, { decision: 'approve' });
    expect([refused.status, refused.text]).toEqual([410, expect.stringContaining('is closed')]);
    const made = await server.call(`/api/approvals/${ticket}/1/links`, { for: 'person:dana' });
    expect(made.status).toBe(403);
    expect((await server.call('/api/accounts/dana', { closed: false })).status).toBe(200);
    expect((await submit(url, { decision: 'approve' })).status).toBe(200);
  });

  test('a no needs its reason, and is an exception with it', async () => {
    expect((await submit(url, { decision: 'refuse', reason: ' ' })).status).toBe(422);
    expect((await submit(url, {})).status).toBe(400);
    expect((await submit(url, { decision: 'refuse', reason: 'Too <dear>' })).status).toBe(200);
    const story = await handoffIs(server, ticket, 'failed');
    expect(story.exceptions).toMatchObject([
      { mode: 'refused', summary: expect.stringContaining('Too <dear>') },
    ]);
  });

  test('a form may be so long, and no longer', async () => {
    const filled = (bytes: number) => `decision=&reason=${'x'.repeat(bytes - 'decision=&reason='.length)}`;
    const post = async (bytes: number) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return (await fetch(url, { method: 'POST', headers, body: filled(bytes) })).status;
    };
    expect(await post(limits.decisionFormBytesMax)).toBe(400);
    expect(await post(limits.decisionFormBytesMax + 1)).toBe(413);
  });

  test('a forged or cut off one opens nothing; one for a stranger is not made', async () => {
    for (const wrong of [`${url.slice(0, -2)}xx`, url.slice(0, -1), `${server.url}/approve/x`]) {
      expect([(await fetch(wrong)).status, (await submit(wrong, { decision: 'approve' })).status]).toEqual([
        404, 404,
      ]);
    }
    const link = (person: string) => server.call(`/api/approvals/${ticket}/1/links`, { for: person });
    expect((await link('person:nobody')).status).toBe(422);
    const other = await waiting('late');
    expect((await server.call(`/api/approvals/${other}/1/links`, { for: 'person:omar' })).status).toBe(403);
  });

  test('after a change of what would be sent it approves nothing', async () => {
    const plan = (await storyOf(server, ticket)).handoffs[0].plan;
    const other = { ...plan, request: { ...plan.request, body: { name: 'Somebody else' } } };
    await server.database.db
      .updateTable('handoff')
      .set({ plan: JSON.stringify(other) })
      .where('ticket_id', '=', ticket)
      .execute();
    expect((await fetch(url)).status).toBe(410);
    expect((await submit(url, { decision: 'approve' })).text).toContain('has changed since');
    expect((await decide(ticket, true, 'person:dana')).status).toBe(409);
    expect([...target.records.values()].map(({ name }) => name)).not.toContain('Somebody else');
  });

  test('it ends with the deadline', async () => {
    clock.advance(4 * hour);
    expect((await submit(url, { decision: 'approve' })).status).toBe(410);
    await handoffIs(server, ticket, 'failed');
  });
});

test('two people: neither is enough alone, nobody counts twice, and one no is enough', async () => {
  const ticket = await waiting('two');
  expect((await decide(ticket, true, 'person:dana')).body).toMatchObject({
    state: 'waiting',
    needed: 2,
    yes: [{ by: 'person:dana' }],
  });
  expect((await decide(ticket, true, 'person:dana')).status).toBe(409);
  const cli = ['approvals', 'approve', `${ticket}/1`, '--as', 'person:omar'];
  expect(await run(cli, { cwd: server.root })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('approved'),
  });
  expect(kindsOf(await handoffIs(server, ticket, 'confirmed'))).toContain('approval_counted');

  const other = await waiting('two');
  await decide(other, true, 'person:dana');
  await decide(other, false, 'person:omar', 'Not this one');
  expect((await storyOf(server, other)).exceptions).toMatchObject([{ mode: 'refused' }]);
});

test('four eyes: who has acted on the ticket cannot approve it, and cannot be sent a link', async () => {
  const ticket = await waiting('eyes');
  const transfer = { to: 'team:triage', reason: 'It is theirs' };
  await server.call(`/api/tickets/${ticket}/transfer`, transfer, { 'signalbox-actor': 'person:dana' });
  expect((await decide(ticket, true, 'person:dana')).body).toMatchObject({
    status: 403,
    detail: expect.stringContaining('person:dana has acted on this ticket'),
  });
  expect((await server.call(`/api/approvals/${ticket}/1/links`, { for: 'person:dana' })).status).toBe(403);
  expect((await decide(ticket, true, 'person:omar')).status).toBe(200);
  await handoffIs(server, ticket, 'confirmed');
});

test('overdue: reminded before it, then the alternate has their time, and only then it is an exception', async () => {
  const ticket = await waiting('late');
  expect((await decide(ticket, true, 'person:omar')).status).toBe(403);
  clock.advance(3 * hour);
  await told(server, ticket, 'approval_reminded');
  clock.advance(hour);
  await told(server, ticket, 'approval_passed_on');
  const passed = (await storyOf(server, ticket)).handoffs[0].approval;
  expect(passed).toMatchObject({ state: 'waiting', by: 'team:growth', responsible: 'person:omar' });
  expect(Date.parse(passed.due_at) - Date.parse(passed.alternate_at)).toBe(2 * hour);
  clock.advance(2 * hour);
  const story = await handoffIs(server, ticket, 'failed');
  expect(story.exceptions).toMatchObject([
    { mode: 'approval_overdue', summary: expect.stringContaining('neither team:growth nor person:omar') },
  ]);

  const taken = await waiting('late');
  clock.advance(4 * hour);
  await told(server, taken, 'approval_passed_on');
  expect((await decide(taken, true, 'person:omar')).status).toBe(200);
  await handoffIs(server, taken, 'confirmed');
});
