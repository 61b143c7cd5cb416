import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../cli/run.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { projectEnv } from '../support/project.ts';
import {
  callBack,
  handIn,
  handoffIs,
  kindsOf,
  proofFiles,
  signed,
  storyOf,
  told,
} from '../support/proofs.ts';
import { startTarget, type Target } from '../support/target.ts';

/** A 2xx is a claim. What proves it: the target's call back, a record at its end, or a person who has looked. */

const body = (more: string) => `    body: { name: ticket.name, type: ticket.project_type${more} }`;
const read = '      read: GET /records/{id}\n      with: { id: response.id }';

const handoffs = {
  called: `${body(', callback_url: outcome.url')}
    outcome:
      callback: {}
      until: result.status != "running"
      fail_when: result.status == "failed"
      that: result.status == "done"
      same: [{ sent: name, found: data.title, as: text-ignoring-case }]
      within: 1h`,
  events: `${body(', reference: outcome.key')}
    outcome:
      callback: { from: tool-events, match: result.reference }
      that: result.status == "done"
      within: 1h`,
  named: `${body('')}
    outcome:
      callback: { from: tool-events, match: result.record, key: response.id }
      that: result.status == "done"
      within: 1h`,
  final: `${body(', status: \'"failed"\'')}
    outcome:
${read}
      fail_when: result.status == "failed"
      same: [name]
      within: 1h`,
  moved: `${body('')}
    outcome:
${read}
      same: [name, { sent: type, as: text-ignoring-case }]
      until: result.type != ""
      within: 1h`,
  silent: `${body(', callback_url: outcome.url')}
    outcome: { callback: {}, that: result.ok, within: 300ms }`,
  looked: `${body('')}
    outcome:
      confirm: { by: team:growth, checklist: [The record is there, The client was told] }
      within: 1h`,
  unseen: `${body('')}
    outcome: { confirm: { by: person:omar, remind: 200ms }, within: 400ms }`,
};

let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url, { files: proofFiles(target.url, handoffs) });
});
afterAll(async () => {
  await server.stop();
  await target.close();
});

/** The record that the target made for a lead, with the address that it was given. */
function recordOf(id: string): Record<string, string> {
  const found = [...target.records.values()].find(({ name }) => name === `Lead ${id}`);
  if (found === undefined) throw new Error(`no record of ${id}`);
  return found as Record<string, string>;
}

describe('a target that calls back by the address it was given', () => {
  test('its ticket is done when it says so, and not before', async () => {
    const ticket = await handIn(server, 'called', 'c1');
    const waiting = await handoffIs(server, ticket, 'confirming');
    const url = recordOf('c1').callback_url ?? '';
    expect(url.startsWith(`${server.url}/in/outcome/`)).toBe(true);
    // The capability is the target's alone: nothing that can be read has it, though the target's answer repeats it.
    expect(JSON.stringify(waiting)).not.toContain(url.split('/').at(-1));

    const running = await callBack(url, { status: 'running' });
    expect([running.status, running.body.handoffs]).toMatchObject([202, [{ becomes: 'pending' }]]);
    expect((await storyOf(server, ticket)).ticket.state).toBe('handoff');

    const done = { status: 'done', data: { title: 'LEAD C1' } };
    const proved = await callBack(url, done);
    expect([proved.status, proved.body]).toMatchObject([
      202,
      { handoffs: [{ ticket, handoff: 'create-record', becomes: 'confirmed', repeated: false }] },
    ]);
    const story = await storyOf(server, ticket);
    expect(story.ticket.state).toBe('done');
    expect(story.handoffs[0].outcome).toMatchObject({
      state: 'confirmed',
      compared: [{ field: 'name', in: 'data.title', as: 'text-ignoring-case', equal: true }],
    });
    expect(kindsOf(story)).toEqual(
      expect.arrayContaining(['callback_received', 'outcome_confirmed', 'done']),
    );

    const again = await callBack(url, done);
    expect([again.status, again.body.handoffs]).toMatchObject([
      200,
      [{ becomes: 'confirmed', repeated: true }],
    ]);
    const late = await callBack(url, { status: 'failed' });
    expect([late.status, late.body.handoffs]).toMatchObject([200, [{ becomes: 'late' }]]);
    const after = await storyOf(server, ticket);
    expect(after.ticket.state).toBe('done');
    expect(kindsOf(after).at(-1)).toBe('callback_late');
    expect(after.handoffs[0].callbacks.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'pending',
      'stands',
      'late',
    ]);
  });

  test('what it says otherwise contradicts at once, with both values in the exception and none in the chain', async () => {
    const ticket = await handIn(server, 'called', 'c2');
    await handoffIs(server, ticket, 'confirming');
    await callBack(recordOf('c2').callback_url ?? '', { status: 'done', data: { title: 'Someone' } });
    const story = await storyOf(server, ticket);
    expect(story.exceptions).toMatchObject([
      {
        mode: 'contradicted',
        summary: expect.stringContaining('data.title is "Someone", sent as name was "Lead c2"'),
      },
    ]);
    expect(JSON.stringify(story.entries)).not.toContain('Someone');
  });

  test('a forged, a cut off and an unreadable callback change nothing', async () => {
    const ticket = await handIn(server, 'called', 'c3');
    await handoffIs(server, ticket, 'confirming');
    const url = recordOf('c3').callback_url ?? '';
    const said = { status: 'done', data: { title: 'Lead c3' } };
    const forged = `${url.slice(0, -3)}${url.endsWith('AAA') ? 'BBB' : 'AAA'}`;
    const statuses = [];
    for (const address of [forged, url.slice(0, -1), `${server.url}/in/outcome/nobody`]) {
      statuses.push((await callBack(address, said)).status);
    }
    statuses.push((await callBack(url, '{"status":')).status);
    expect(statuses).toEqual([401, 401, 404, 400]);
    const story = await storyOf(server, ticket);
    expect([story.handoffs[0].state, story.handoffs[0].callbacks]).toEqual(['confirming', []]);
  });

  test('silence is an exception at the deadline, and what comes then is kept', async () => {
    const ticket = await handIn(server, 'silent', 's1');
    const story = await handoffIs(server, ticket, 'failed');
    expect(story.exceptions).toMatchObject([
      { mode: 'unconfirmed', summary: expect.stringContaining('has not called back') },
    ]);
    const late = await callBack(recordOf('s1').callback_url ?? '', { ok: true });
    expect([late.status, late.body.handoffs]).toMatchObject([200, [{ becomes: 'late' }]]);
  });
});

describe('callbacks that carry the proof of a source', () => {
  const url = () => `${server.url}/in/outcome/tool-events`;
  const send = (said: unknown, secret?: string) => {
    const text = JSON.stringify(said);
    return callBack(url(), text, signed(text, secret));
  };

  test('one names its handoff by the key that was handed over, and a forged one is nothing', async () => {
    const ticket = await handIn(server, 'events', 'e1');
    await handoffIs(server, ticket, 'confirming');
    const { reference } = recordOf('e1');
    expect(reference).toMatch(new RegExp(`^sb_${ticket}_create-record_r1$`));
    expect((await send({ reference, status: 'done' }, 'another secret')).status).toBe(401);
    expect((await storyOf(server, ticket)).handoffs[0].callbacks).toEqual([]);
    const proved = await send({ reference, status: 'done' });
    expect(proved.body.handoffs).toMatchObject([{ ticket, becomes: 'confirmed' }]);
    expect((await storyOf(server, ticket)).ticket.state).toBe('done');
  });

  test('one names it by what the target calls it; one that nobody waits for is kept', async () => {
    const ticket = await handIn(server, 'named', 'n1');
    const waiting = await handoffIs(server, ticket, 'confirming');
    const other = await send({ record: 'rec-of-nobody', status: 'done' });
    expect([other.status, other.body.handoffs]).toEqual([202, []]);
    await send({ record: waiting.handoffs[0].response.id, status: 'done' });
    const story = await handoffIs(server, ticket, 'confirmed');
    expect(story.handoffs[0].callbacks).toMatchObject([{ source: 'tool-events', verdict: 'stands' }]);
  });

  test('one that names nothing is told so', async () => {
    expect((await send({ hello: 1 })).status).toBe(422);
  });
});

describe('a record that is read back', () => {
  test('in a final wrong state contradicts at once, with its deadline an hour away', async () => {
    const ticket = await handIn(server, 'final', 'f1');
    const story = await handoffIs(server, ticket, 'failed');
    expect(story.exceptions).toMatchObject([
      { mode: 'contradicted', detail: { verdict: 'wrong', compared: [{ field: 'name', equal: true }] } },
    ]);
  });

  test('at its end is judged for good: a field that was dropped is named', async () => {
    target.behave('drop_field');
    const ticket = await handIn(server, 'moved', 'd1');
    // Without its type it is not at its end: it may still come right.
    const story = await handoffIs(server, ticket, 'confirming');
    target.behave('ok');
    expect(story.exceptions).toEqual([]);
    const [record] = [...target.records.entries()].filter(([, { name }]) => name === 'Lead d1');
    (target.records as Map<string, unknown>).set(record?.[0] ?? '', { ...record?.[1], type: 'WEB' });
    expect((await handoffIs(server, ticket, 'confirmed')).ticket.state).toBe('done');
  });
});

describe('a person who has looked', () => {
  test('confirms with evidence and every point, or is told what is missing', async () => {
    const ticket = await handIn(server, 'looked', 'l1');
    await told(server, ticket, 'confirmation_asked');
    const { outcomes } = (await server.get('/api/outcomes')).body;
    const [waiting] = outcomes.filter(({ ticket_id }: { ticket_id: string }) => ticket_id === ticket);
    expect(waiting).toMatchObject({
      by: 'team:growth',
      checklist: ['The record is there', 'The client was told'],
    });
    const word = { confirm: true, evidence: 'Record 7, call at 10', checked: [1, 2] };
    const say = (said: object, actor: string) =>
      server.call(`/api/outcomes/${ticket}/1`, { ...word, ...said }, { 'signalbox-actor': actor });
    expect((await say({}, 'person:omar')).status).toBe(403);
    expect((await say({ checked: [1] }, 'person:dana')).body.detail).toContain('2 The client was told');
    expect((await say({ evidence: ' ' }, 'person:dana')).status).toBe(422);

    const listed = await run(['outcomes', '--json'], { cwd: server.root });
    expect(listed.stdout).toContain(ticket);
    const id = `${ticket}/1`;
    const cli = [
      'outcomes',
      'confirm',
      id,
      '--as',
      'person:dana',
      '--checked',
      'all',
      '--evidence',
      'Record 7',
    ];
    expect(await run(cli, { cwd: server.root, env: projectEnv })).toMatchObject({ code: 0, stderr: '' });
    const story = await storyOf(server, ticket);
    expect(story.ticket.state).toBe('done');
    expect(story.handoffs[0].outcome).toMatchObject({
      state: 'confirmed_by_person',
      evidence: 'Record 7',
      decided_by: 'person:dana',
    });
    expect((await say({}, 'person:dana')).status).toBe(409);
  });

  test('who says that it is not done contradicts it', async () => {
    const ticket = await handIn(server, 'looked', 'l2');
    await told(server, ticket, 'confirmation_asked');
    const word = { confirm: false, evidence: 'There is no record' };
    await server.call(`/api/outcomes/${ticket}/1`, word, { 'signalbox-actor': 'person:dana' });
    const story = await storyOf(server, ticket);
    expect(story.exceptions).toMatchObject([
      { mode: 'contradicted', summary: expect.stringContaining('no record') },
    ]);
  });

  test('who says nothing is reminded, and then it is an exception', async () => {
    const ticket = await handIn(server, 'unseen', 'u1');
    const story = await handoffIs(server, ticket, 'failed');
    expect(kindsOf(story)).toEqual(
      expect.arrayContaining(['confirmation_asked', 'confirmation_reminded', 'confirmation_overdue']),
    );
    expect(story.exceptions).toMatchObject([{ mode: 'unconfirmed' }]);
  });
});

test('until then the owner answers for it, and a transfer is an entry that names who did', async () => {
  const ticket = await handIn(server, 'looked', 't1');
  const transfer = (to: string, reason: string) =>
    server.call(`/api/tickets/${ticket}/transfer`, { to, reason }, { 'signalbox-actor': 'person:dana' });
  expect((await transfer('person:nobody', 'x')).status).toBe(422);
  expect((await transfer('team:growth', 'x')).status).toBe(409);
  const moved = await transfer('person:omar', 'Dana is away');
  // The alternate has become the owner: the owner until now stands in.
  expect(moved.body).toMatchObject({ owner: 'person:omar', alternate: 'team:growth' });
  const cli = [
    'ticket',
    'transfer',
    't1',
    '--to',
    'team:web',
    '--reason',
    'It is web work',
    '--as',
    'person:omar',
  ];
  const ran = await run([...cli, '--json'], { cwd: server.root });
  expect(JSON.parse(ran.stdout)).toMatchObject({ owner: 'team:web', alternate: 'team:growth' });
  const story = await storyOf(server, ticket);
  const moves = story.entries.filter(({ kind }: { kind: string }) => kind === 'ownership_transferred');
  expect(moves).toMatchObject([
    { actor: 'person:dana', data: { from: 'team:growth', to: 'person:omar', reason: 'Dana is away' } },
    { actor: 'person:omar', data: { from: 'person:omar', to: 'team:web' } },
  ]);
  expect((await run(['ticket', 't1'], { cwd: server.root })).stdout).toContain('team:web');
});

test('what the record holds afterwards is whole', async () => {
  expect((await server.get('/api/audit/verify')).body).toMatchObject({ broken: null });
});
