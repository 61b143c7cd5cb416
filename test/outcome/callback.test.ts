import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { handoffEffects } from '../../src/handoff/acts/worker.ts';
import { advanceHandoff, type HandoffShell } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import type { Said } from '../../src/outcome/callback/said.ts';
import { callbacksOf, namedBy } from '../../src/outcome/callback/store.ts';
import { takeCallback, takeLinkCallback, takeSourceCallback } from '../../src/outcome/callback/worker.ts';
import type { CallbackPlan } from '../../src/outcome/plan.ts';
import { lockTicket } from '../../src/ticket/store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise, removal } from '../support/handoff.ts';
import { withLimits } from '../support/limits.ts';
import { type ManualClock, manualClock, projectOf, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Callbacks in every state of their handoff, side by side, and at the limits: nothing is lost, and nothing counts twice. */

const link: CallbackPlan = {
  kind: 'callback',
  from: null,
  match: null,
  key: null,
  mark: 'urn:signalbox:outcome:0',
  that: 'result.ok',
  same: [],
  withinMs: 60_000,
};
const fromTool: CallbackPlan = { ...link, from: 'tool-events', match: 'result.id', key: 'response.id' };

let database: TestDatabase;
let target: Target;
let clock: ManualClock;
let shell: HandoffShell;

beforeAll(async () => {
  [database, target] = await Promise.all([testDatabase(), startTarget()]);
});
afterAll(async () => {
  await Promise.all([database.close(), target.close()]);
});
beforeEach(() => {
  clock = manualClock(new Date('2026-03-02T09:00:00.000Z'));
  const project = projectOf({ omar: 'o@x' }, { triage: ['omar'] });
  const destinations = new Map([['tool', destination(target.url, { timeoutMs: 300 })]]);
  const common = testShell(database.db, { clock, project: () => ({ ...project, destinations }) });
  shell = { ...common, workflowAt: async () => null };
  target.behave('ok');
});

function said(value: unknown, source: string | null = null): Said {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return { source, contentType: 'application/json', headers: {}, body };
}

const fromSource = (value: unknown) => takeSourceCallback(shell, { ...said(value), source: 'tool-events' });

async function promised(outcome: CallbackPlan): Promise<string> {
  const plan = draft({ outcome });
  const request = { ...plan.request, body: { name: `Lead ${Math.random()}`, type: 'web' } };
  return await promise(shell.db, [{ ...plan, request }], clock.now());
}

const one = (ticketId: string) => ({ ticketId, handoffSeq: 1 });
const verdicts = async (ticketId: string) =>
  (await callbacksOf(shell.db, ticketId)).map(({ verdict }) => verdict);

describe('before the acceptance', () => {
  test('a proof counts while the attempt is under way; its answer is then late', async () => {
    const ticketId = await promised(link);
    target.behave('hang');
    const requested = target.nextRequest();
    const attempt = advanceHandoff(shell, ticketId, 1);
    await requested;
    expect(await takeCallback(shell, one(ticketId), said({ ok: true }))).toMatchObject({
      becomes: 'confirmed',
    });
    expect((await handoff(shell, ticketId)).state).toBe('confirmed');
    await attempt;
    expect((await handoff(shell, ticketId)).state).toBe('confirmed');
    const kinds = (await entriesOf(shell.db, ticketId)).map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe('handoff_result_late');
  });

  test('what it proves stands in the target: it can be taken back, by what its late answer says', async () => {
    const others = draft({ handoff: 'other', destination: 'nowhere' });
    const ticketId = await promise(
      shell.db,
      [draft({ outcome: link, undo: removal() }), others],
      clock.now(),
    );
    let told: Promise<unknown> = Promise.resolve();
    target.onRecord(() => {
      told = takeCallback(shell, one(ticketId), said({ ok: true }));
      return told;
    });
    await advanceHandoff(shell, ticketId, 1);
    await told;
    expect((await handoff(shell, ticketId)).state).toBe('confirmed');
    await shell.db.transaction().execute(async (tx) => {
      const ticket = await lockTicket(tx, ticketId);
      if (ticket === null) throw new Error('no ticket');
      await handoffEffects.cancelHandoffs(tx, ticket, 'given up', 'person:omar', clock.now());
    });
    expect(await handoff(shell, ticketId, 3)).toMatchObject({
      handoff: 'create-record.undo',
      state: 'ready',
      plan: { request: { path: expect.stringMatching(/^\/records\/rec-\d+$/) } },
    });
  });

  test('anything else is kept, and judged when it is accepted', async () => {
    const ticketId = await promised(link);
    // Nothing has been sent: nobody could know of it.
    expect(await takeCallback(shell, one(ticketId), said({ ok: true }))).toMatchObject({ becomes: 'kept' });
    expect(await verdicts(ticketId)).toEqual([null]);
    await advanceHandoff(shell, ticketId, 1);
    await advanceHandoff(shell, ticketId, 1);
    expect([(await handoff(shell, ticketId)).state, await verdicts(ticketId)]).toEqual([
      'confirmed',
      ['stands'],
    ]);
  });
});

test('a handoff that a person has had made again is called back by the address of the one before', async () => {
  const ticketId = await promised(link);
  const { idempotency_key: key } = await handoff(shell, ticketId);
  target.behave('invalid');
  await advanceHandoff(shell, ticketId, 1);
  target.behave('ok');
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, ticketId);
    if (ticket === null) throw new Error('no ticket');
    await handoffEffects.retryHandoff(tx, ticket, 1, 'person:omar', clock.now());
  });
  await advanceHandoff(shell, ticketId, 2);
  expect(await takeLinkCallback(shell, key, said({ ok: true }))).toMatchObject({ becomes: 'confirmed' });
  expect((await handoff(shell, ticketId, 2)).state).toBe('confirmed');
  const none = takeLinkCallback(shell, 'sb_nothing', said({ ok: true }));
  await expect(none).rejects.toMatchObject({ code: 'not_found' });
});

test('side by side, the same callback counts once, and every other is told what it came to', async () => {
  const ticketId = await promised(link);
  await advanceHandoff(shell, ticketId, 1);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      takeCallback(shell, one(ticketId), said(index % 2 === 0 ? { ok: true } : { ok: false, index })),
    ),
  );
  const counted = answers.filter(({ becomes, repeated }) => becomes !== 'late' && !repeated);
  expect(counted).toHaveLength(1);
  expect(answers.filter(({ becomes }) => becomes === 'late').length).toBeGreaterThanOrEqual(5);
  const settled = (await entriesOf(shell.db, ticketId)).filter(({ kind }) =>
    /^outcome_(confirmed|contradicted)$/.test(kind),
  );
  expect(settled).toHaveLength(1);
});

test('a key that is told and a callback that names it meet, whichever is first', async () => {
  // How callbacks of the source are read is known from the workflows in force, or from who has waited before.
  const before = await promised(fromTool);
  for (const _ of ['sent', 'looked at']) await advanceHandoff(shell, before, 1);
  for (let round = 0; round < 8; round += 1) {
    const ticketId = await promised(fromTool);
    const id = `rec-${target.records.size + 1}`;
    await advanceHandoff(shell, ticketId, 1);
    await Promise.all([advanceHandoff(shell, ticketId, 1), fromSource({ id, ok: true })]);
    await advanceHandoff(shell, ticketId, 1);
    expect((await handoff(shell, ticketId)).state, `round ${round}`).toBe('confirmed');
  }
});

test('two callbacks whose bodies are the same, named by a header, are two', async () => {
  const byHeader = { ...fromTool, match: 'headers["x-record"]' };
  const before = await promised(byHeader);
  for (const _ of ['sent', 'looked at']) await advanceHandoff(shell, before, 1);
  const ids = [await promised(byHeader), await promised(byHeader)];
  for (const id of ids) await advanceHandoff(shell, id, 1);
  for (const id of ids) {
    const { response } = await handoff(shell, id);
    const headers = { 'x-record': (response as { id: string }).id };
    await takeSourceCallback(shell, { ...said({ ok: true }), source: 'tool-events', headers });
  }
  for (const id of ids) await advanceHandoff(shell, id, 1);
  expect([await verdicts(ids[0] ?? ''), await verdicts(ids[1] ?? '')]).toEqual([['stands'], ['stands']]);
});

test('a record that several tickets have changed is news for those that wait, or the last; and only what came after', async () => {
  const record = 'shared';
  const shared = { ...fromTool, key: '"shared"' };
  await fromSource({ id: record, ok: true });
  clock.advance(1_000);
  const [first, second] = [await promised(shared), await promised(shared)];
  for (const ticketId of [first, second, first, second]) await advanceHandoff(shell, ticketId, 1);
  // What was said before they were sent is about something else.
  expect([await verdicts(first), await verdicts(second)]).toEqual([[], []]);
  expect(await fromSource({ id: record, ok: true, round: 1 })).toHaveLength(2);
  clock.advance(1_000);
  const third = await promised(shared);
  for (const _ of ['sent', 'looked at']) await advanceHandoff(shell, third, 1);
  expect(await fromSource({ id: record, ok: true, round: 2 })).toMatchObject([{ ticketId: third }]);
  expect(await fromSource({ id: record, ok: true, round: 3 })).toMatchObject([
    { ticketId: third, becomes: 'late' },
  ]);
  expect(await verdicts(first)).toEqual(['stands']);
});

test('a callback is about so many handoffs, and no more', async () => {
  const shared = { ...fromTool, key: '"crowd"' };
  const names = Array.from({ length: limits.callbackHandoffsMax + 1 }, () => draft({ outcome: shared }));
  const ticketId = await promise(shell.db, names, clock.now());
  const rows = names.map((_, index) => ({
    source: 'tool-events',
    match: 'result.id',
    key: 'crowd',
    ticket_id: ticketId,
    handoff_seq: index + 1,
  }));
  await shell.db.insertInto('callback_key').values(rows).execute();
  expect(await namedBy(shell.db, 'tool-events', { 'result.id': 'crowd' })).toHaveLength(
    limits.callbackHandoffsMax,
  );
});

test('an answer that does not say the key is an exception at once, and not at the deadline', async () => {
  const ticketId = await promised({ ...fromTool, key: 'response.nothing' });
  await advanceHandoff(shell, ticketId, 1);
  await advanceHandoff(shell, ticketId, 1);
  const [exception] = await exceptionsOf(shell.db, ticketId);
  expect(exception).toMatchObject({
    mode: 'unconfirmed',
    summary: expect.stringContaining('response.nothing'),
  });
});

test('a handoff that waits for no callback, or is not there, is not found', async () => {
  const ticketId = await promise(shell.db, [draft()], clock.now());
  for (const name of [
    one(ticketId),
    { ticketId, handoffSeq: 9 },
    one('0198f000-0000-7000-8000-000000000001'),
  ]) {
    await expect(takeCallback(shell, name, said({ ok: true }))).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('what is kept is told without its bodies; each is loaded when it is judged', async () => {
  const ticketId = await promised(link);
  for (const ok of ['no', 'not yet', false])
    expect((await takeCallback(shell, one(ticketId), said({ ok }))).becomes).toBe('kept');
  const kept = await callbacksOf(shell.db, ticketId);
  expect(kept.map(({ bytes }) => bytes)).toEqual([11, 16, 12]);
  expect(kept.every((row) => !('body' in row))).toBe(true);
  await advanceHandoff(shell, ticketId, 1);
  await advanceHandoff(shell, ticketId, 1);
  expect(await verdicts(ticketId)).toEqual(['wrong', null, null]);
});

describe('at the limits', () => {
  test('one more callback than are kept of a handoff is told to come later; a repeated one is not', async () => {
    const ticketId = await promised(link);
    const rows = Array.from({ length: limits.callbacksPerHandoffMax - 1 }, (_, index) => ({
      ticket_id: ticketId,
      handoff_seq: 1,
      source: null,
      keys: '{}',
      content_type: 'application/json',
      body: Buffer.from('{}'),
      digest: Buffer.alloc(32, index + 1),
      verdict: 'pending' as const,
      received_at: clock.now(),
    }));
    await shell.db.insertInto('callback').values(rows).execute();
    expect((await takeCallback(shell, one(ticketId), said({ last: 1 }))).repeated).toBe(false);
    const more = takeCallback(shell, one(ticketId), said({ more: 1 }));
    await expect(more).rejects.toMatchObject({ code: 'too_many_requests' });
    expect((await takeCallback(shell, one(ticketId), said({ last: 1 }))).repeated).toBe(true);
  });

  test('of a handoff that is settled one more is late as all are, for to come later would change nothing', async () => {
    withLimits({ callbacksPerHandoffMax: 2 });
    const ticketId = await promised(link);
    await advanceHandoff(shell, ticketId, 1);
    expect((await takeCallback(shell, one(ticketId), said({ ok: true }))).becomes).toBe('confirmed');
    for (const more of [1, 2, 3]) {
      expect(await takeCallback(shell, one(ticketId), said({ more }))).toMatchObject({ becomes: 'late' });
    }
    expect(await verdicts(ticketId)).toEqual(['stands', 'late']);
  });

  test('so many are kept for keys that nobody waits for; a day later there is room again', async () => {
    clock.advance(5 * limits.callbackUnclaimedMs);
    const ticketId = await promised(fromTool);
    await advanceHandoff(shell, ticketId, 1);
    await advanceHandoff(shell, ticketId, 1);
    const rows = Array.from({ length: limits.callbacksUnclaimedMax - 1 }, (_, index) => ({
      ticket_id: null,
      handoff_seq: null,
      source: 'tool-events',
      keys: '{}',
      content_type: 'application/json',
      body: null,
      digest: Buffer.from(String(index).padStart(32, '0')),
      verdict: null,
      received_at: clock.now(),
    }));
    await shell.db.insertInto('callback').values(rows).execute();
    expect(await fromSource({ id: 'unknown-1' })).toEqual([]);
    expect(await fromSource({ id: 'unknown-1' }).catch(({ code }) => code)).toBe('too_many_requests');
    clock.advance(limits.callbackUnclaimedMs);
    expect(await fromSource({ id: 'unknown-2' })).toEqual([]);
  });

  test('a key at its longest is one; a longer one, and one that is no text, name nothing', async () => {
    const long = 'x'.repeat(limits.callbackKeyCharsMax);
    clock.advance(10 * limits.callbackUnclaimedMs);
    expect(await fromSource({ id: long })).toEqual([]);
    for (const id of [`${long}x`, null, {}, '']) {
      await expect(fromSource({ id })).rejects.toMatchObject({ code: 'unprocessable' });
    }
  });
});
