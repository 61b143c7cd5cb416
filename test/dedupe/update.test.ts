import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { lead, projectFiles } from '../support/project.ts';
import { manualClock } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

/** The same identity with other content, where the workflow lets the first ticket take it. */

const clock = manualClock(new Date('2026-03-01T10:00:00Z'));
let target: Target;
let server: TestApp;

beforeEach(async () => {
  target = await startTarget();
});

afterEach(async () => {
  await server.stop();
  await target.close();
});

/** Every handoff waits for a yes, so that nothing has left when the next content comes. */
async function begin(duplicates: string): Promise<void> {
  const text = projectFiles(target.url)['workflows/leads.yaml'] ?? '';
  const changed = text
    .replace('duplicates: { within: 30d }', `duplicates: ${duplicates}`)
    .replace('    retry:', '    approval: { by: team:web, within: 4h }\n    retry:');
  server = await testApp(target.url, { files: { 'workflows/leads.yaml': changed }, clock });
}

const update = '{ within: 30d, other_content: update }';
const newest = '{ within: 30d, other_content: newest, version: payload.budget }';

async function story(id: string) {
  return (await server.get(`/api/tickets/${id}`)).body;
}

const kinds = (entries: { kind: string }[]) => entries.map(({ kind }) => kind);

describe('other_content: update', () => {
  beforeEach(() => begin(update));

  test('what is promised is cancelled and promised anew, on the new content', async () => {
    const first = await server.post(lead('1'));
    const again = await server.post(lead('1', { name: 'Other' }));
    expect([again.status, again.body]).toEqual([
      202,
      expect.objectContaining({
        ticket: first.body.ticket,
        state: 'handoff',
        decision: expect.objectContaining({ kind: 'revised', route: 'team:web' }),
      }),
    ]);
    const { ticket, handoffs, entries, payloads } = await story(first.body.ticket);
    expect(ticket).toMatchObject({ revision: 2, joined: 0 });
    expect(handoffs.map(({ state }: { state: string }) => state)).toEqual(['cancelled', 'awaiting_approval']);
    expect(handoffs[1].plan?.request?.body ?? handoffs[1].request?.body).toMatchObject({ name: 'Other' });
    expect(kinds(entries).slice(3)).toEqual(['handoff_cancelled', 'revised', 'decided', 'handoff_promised']);
    expect(entries.find(({ kind }: { kind: string }) => kind === 'revised')).toMatchObject({
      actor: 'source:form',
      data: { revision: 2, changed: ['/name'] },
    });
    expect(payloads).toHaveLength(2);
    expect((await server.get('/api/audit/verify')).body).toMatchObject({ broken: null });
  });

  test('the first content again is other content now, the last one joins', async () => {
    const { body } = await server.post(lead('1'));
    await server.post(lead('1', { name: 'Other' }));
    expect((await server.post(lead('1', { name: 'Other' }))).body.decision.kind).toBe('joined');
    expect((await server.post(lead('1'))).body.decision.kind).toBe('revised');
    expect((await story(body.ticket)).ticket).toMatchObject({ revision: 3, joined: 1 });
  });

  test('an exception that newer content makes moot is superseded', async () => {
    const { body } = await server.post(lead('1', { budget: 1 }));
    expect(body.decision.exception.mode).toBe('check_failed');
    const again = await server.post(lead('1'));
    expect(again.body).toMatchObject({ ticket: body.ticket, state: 'handoff' });
    const { exceptions, ticket } = await story(body.ticket);
    expect(ticket.state).toBe('handoff');
    expect(exceptions).toMatchObject([
      {
        state: 'resolved',
        resolution: 'superseded',
        root_cause: 'newer-content',
        resolved_by: 'source:form',
      },
    ]);
  });

  test('content that breaks the contract takes no other’s place', async () => {
    const { body } = await server.post(lead('1'));
    const again = await server.post(lead('1', { budget: 'much' }));
    expect(again.body).toMatchObject({
      state: 'exception',
      decision: { exception: { mode: 'contract_violation' } },
    });
    expect(again.body.ticket).not.toBe(body.ticket);
    expect((await story(body.ticket)).ticket.revision).toBe(1);
  });

  test('once the target has it, newer content is a conflict that says why; its repeats join', async () => {
    const { body } = await server.post(lead('1'));
    await approve(body.ticket);
    const state = async () => {
      clock.advance(1_000);
      return (await story(body.ticket)).ticket.state;
    };
    await expect.poll(state, { timeout: 10_000 }).toBe('done');
    const conflict = await server.post(lead('1', { name: 'Late' }));
    expect(conflict.body.decision.exception).toMatchObject({
      mode: 'conflicting_duplicate',
      summary: expect.stringContaining('it is done'),
    });
    const repeat = await server.post(lead('1', { name: 'Late' }));
    expect(repeat.body).toEqual({ ticket: conflict.body.ticket, decision: { kind: 'joined' } });
  });

  test('many contents at once: one ticket, each in its turn, the record whole', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => server.post(lead('1', { name: `Name ${index}` }))),
    );
    expect(new Set(answers.map(({ body }) => body.ticket)).size).toBe(1);
    const { ticket, handoffs } = await story(answers[0]?.body.ticket);
    expect(ticket.revision).toBe(30);
    expect(handoffs.filter(({ state }: { state: string }) => state !== 'cancelled')).toHaveLength(1);
    expect((await server.get('/api/audit/verify')).body).toMatchObject({ broken: null });
  });
});

async function approve(ticket: string): Promise<void> {
  const said = { approve: true, reason: 'Fine' };
  const { status } = await server.call(`/api/approvals/${ticket}/1`, said, {
    'signalbox-actor': 'person:omar',
  });
  expect(status).toBe(200);
}

describe('other_content: newest', () => {
  beforeEach(() => begin(newest));

  test('late deliveries of older content join, with both versions in the record', async () => {
    const { body } = await server.post(lead('1', { budget: 2000 }));
    const late = await server.post(lead('1', { budget: 1000 }));
    expect([late.status, late.body]).toEqual([200, { ticket: body.ticket, decision: { kind: 'joined' } }]);
    const newer = await server.post(lead('1', { budget: 3000 }));
    expect(newer.body).toMatchObject({ ticket: body.ticket, decision: { kind: 'revised' } });
    const { ticket, entries } = await story(body.ticket);
    expect(ticket).toMatchObject({ revision: 2, joined: 1, fields: { budget: 3000 } });
    expect(entries).toContainEqual(
      expect.objectContaining({
        kind: 'outdated_joined',
        data: expect.objectContaining({ held: 2000, came: 1000 }),
      }),
    );
  });

  test('all versions at once, in any order: the ticket ends with the newest', async () => {
    const budgets = Array.from({ length: 25 }, (_, index) => 1000 + ((index * 7) % 25));
    const answers = await Promise.all(budgets.map((budget) => server.post(lead('1', { budget }))));
    expect(new Set(answers.map(({ body }) => body.ticket)).size).toBe(1);
    expect((await story(answers[0]?.body.ticket)).ticket.fields.budget).toBe(1024);
  });
});
