import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRuns } from '../../src/detection/reconciliation/store.ts';
import type { RunRow } from '../../src/detection/reconciliation/tables.ts';
import type { Intake } from '../../src/intake/worker.ts';
import { limits } from '../../src/limits.ts';
import { withLimits } from '../support/limits.ts';
import { asked, type ReconcilingNodes, reconcilingNodes } from '../support/reconciling-nodes.ts';

/** A source's own list, held against our tickets by real nodes on a real database. */

const minuteMs = 60_000;
let nodes: ReconcilingNodes;
afterEach(() => nodes.close());

async function row(kind: RunRow['kind'] = 'list'): Promise<RunRow> {
  const [found] = await findRuns(nodes.database.db, kind);
  if (found === undefined) throw new Error('nothing has been compared');
  return found;
}

async function exceptionsOf(mode: 'silent_drop') {
  const query = nodes.database.db.selectFrom('exception').selectAll().where('mode', '=', mode);
  return await query.orderBy('opened_at').execute();
}

describe('what never came', () => {
  beforeEach(async () => {
    nodes = await reconcilingNodes();
  });

  test('is found and taken through intake, and its entry says by whom; the next comparison finds nothing', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await nodes.lead(id, 60);
    await nodes.lead('dropped', 45, { dropped: true });
    const { reconciler } = nodes.start();
    const report = await reconciler.list('form', asked);
    expect(report).toMatchObject({
      end: 'caught_up',
      listed: 5,
      missing: 1,
      backFilled: 1,
      differing: 0,
      unlisted: 0,
    });
    const [taken] = report.unlike;
    expect(taken).toMatchObject({ identity: 'dropped', verdict: 'missing', became: 'made' });
    const entries = nodes.database.db.selectFrom('entry').select(['kind', 'actor']);
    const first = await entries
      .where('ticket_id', '=', taken?.ticketId ?? '')
      .where('seq', '=', 1)
      .execute();
    expect(first).toEqual([{ kind: 'received', actor: 'reconciliation' }]);
    const told = await exceptionsOf('silent_drop');
    expect(told).toMatchObject([
      {
        state: 'open',
        owner: 'team:triage',
        summary:
          '1 trigger of form never came, the oldest of 2026-03-03T09:15:00.000Z: found in its list, and taken',
        detail: { source: 'form', missing: 1, identities: ['dropped'], tickets: [taken?.ticketId] },
      },
    ]);
    expect(await reconciler.list('form', asked)).toMatchObject({ missing: 0, listed: 5, unlike: [] });
    expect(await nodes.tickets()).toEqual({ a: 1, b: 1, c: 1, d: 1, dropped: 1 });
    expect(await exceptionsOf('silent_drop'), 'it is over by itself').toMatchObject([
      { state: 'resolved', resolution: 'over' },
    ]);
  });

  test('more of it while the finding is open stands in the record of its ticket', async () => {
    await nodes.lead('a', 60);
    const { reconciler } = nodes.start();
    for (const id of ['one', 'two']) {
      await nodes.lead(id, 30, { dropped: true });
      await reconciler.list('form', asked);
    }
    const [told, ...others] = await exceptionsOf('silent_drop');
    expect(others).toEqual([]);
    const query = nodes.database.db.selectFrom('entry').select('data').where('kind', '=', 'found');
    const entries = await query
      .where('ticket_id', '=', told?.ticket_id ?? '')
      .orderBy('seq')
      .execute();
    const found = entries.map(({ data }) => JSON.parse(data));
    expect(found[1]).toMatchObject({ mode: 'silent_drop', missing: 1, tickets: [expect.any(String)] });
    expect(JSON.stringify(found), 'no value of a payload').not.toContain('two');
  });

  test('is told by a dry run, which stores nothing', async () => {
    await nodes.lead('a', 60);
    await nodes.lead('dropped', 45, { dropped: true });
    const report = await nodes.start().reconciler.list('form', { ...asked, dryRun: true });
    expect(report).toMatchObject({ dryRun: true, listed: 2, missing: 1, backFilled: 0 });
    expect(await nodes.tickets()).toEqual({ a: 1 });
    expect(await findRuns(nodes.database.db)).toEqual([]);
  });

  test('is no alarm while it may only be late', async () => {
    await nodes.lead('a', 60);
    const late = await nodes.lead('late', 4, { dropped: true });
    await nodes.lead('lost', 4, { dropped: true });
    const { reconciler } = nodes.start();
    expect(await reconciler.list('form', asked)).toMatchObject({ missing: 0, waiting: 2, unlike: [] });
    await nodes.send(late);
    nodes.clock.advance(6 * minuteMs);
    const report = await reconciler.list('form', asked);
    expect(report).toMatchObject({ missing: 1, waiting: 0, unlike: [{ identity: 'lost' }] });
    expect((await row()).due_at, 'in its rhythm').toEqual(
      new Date(nodes.clock.now().getTime() + 60 * minuteMs),
    );
  });

  test('what breaks its contract is an exception of a ticket', async () => {
    await nodes.lead('a', 60);
    await nodes.lead('broken', 30, { dropped: true, changes: { budget: 'much' } });
    expect(await nodes.start().reconciler.list('form', asked)).toMatchObject({ missing: 1, backFilled: 1 });
    const [ticket] = await nodes.database.db
      .selectFrom('ticket')
      .selectAll()
      .where('identity', '=', 'broken')
      .execute();
    expect(ticket?.state).toBe('exception');
  });

  test('a list whose identities are written otherwise is refused whole, unless somebody vouches for it', async () => {
    await nodes.lead('a', 60);
    await nodes.lead('b', 50);
    nodes.list.leads.splice(
      0,
      2,
      ...['x', 'y'].map((id) => ({
        ...(nodes.list.leads[0] as never as object),
        lead_id: id,
        created_at: nodes.list.leads[0]?.created_at ?? '',
      })),
    );
    const { reconciler } = nodes.start();
    expect(await reconciler.list('form', asked)).toMatchObject({
      end: 'failed',
      error: expect.stringContaining('identities seem to be written otherwise'),
      missing: 2,
      backFilled: 0,
    });
    expect(await nodes.tickets()).toEqual({ a: 1, b: 1 });
    expect(await row()).toMatchObject({ failures: 1, phase: 'idle' });
    const kept = nodes.database.db
      .selectFrom('reconciliation_listed')
      .select('body')
      .where('body', 'is not', null);
    expect(await kept.execute(), 'no content is kept of what is not taken').toEqual([]);
    expect(await reconciler.list('form', { ...asked, trust: true })).toMatchObject({
      missing: 2,
      backFilled: 2,
    });
  });

  test('what we have and the list has not is counted, and no alarm', async () => {
    for (const id of ['a', 'b', 'c']) await nodes.lead(id, 60);
    nodes.clock.advance(30 * minuteMs);
    nodes.list.leads.pop();
    expect(await nodes.start().reconciler.list('form', asked)).toMatchObject({ missing: 0, unlisted: 1 });
  });
});

describe('other content', () => {
  const differing = async () => {
    for (const id of ['a', 'b', 'c']) await nodes.lead(id, 60);
    nodes.clock.advance(minuteMs);
    const [first] = nodes.list.leads;
    if (first !== undefined) nodes.list.leads[0] = { ...first, budget: 9000 };
    const { reconciler } = nodes.start();
    const seen = await reconciler.list('form', asked);
    expect(seen, 'its webhook may be on the way').toMatchObject({ differing: 0, waiting: 1 });
    nodes.clock.advance(10 * minuteMs);
    return { reconciler, report: await reconciler.list('form', asked) };
  };

  test('is a conflict where the workflow says nothing, once', async () => {
    nodes = await reconcilingNodes();
    const { reconciler, report } = await differing();
    expect(report).toMatchObject({ differing: 1, missing: 0 });
    expect(report.unlike).toMatchObject([{ identity: 'a', verdict: 'differs', became: 'made' }]);
    nodes.clock.advance(60 * minuteMs);
    expect(await reconciler.list('form', asked), 'it is known by then').toMatchObject({ differing: 0 });
    expect(await nodes.tickets()).toEqual({ a: 2, b: 1, c: 1 });
  });

  test('is taken where the workflow takes it', async () => {
    nodes = await reconcilingNodes({ duplicates: '{ within: 30d, other_content: update }' });
    const { report } = await differing();
    expect(report.unlike).toMatchObject([{ identity: 'a', verdict: 'differs' }]);
    expect(['revised', 'made']).toContain(report.unlike[0]?.became);
  });

  test('that comes to the same fields is the same: lists often tell more than webhooks', async () => {
    nodes = await reconcilingNodes();
    await nodes.lead('a', 60);
    nodes.clock.advance(minuteMs);
    nodes.list.leads[0] = { ...(nodes.list.leads[0] as never as object), id: 17, stage: 'new' } as never;
    const { reconciler } = nodes.start();
    expect(await reconciler.list('form', asked)).toMatchObject({ differing: 0, waiting: 0, missing: 0 });
  });

  test('in most of the list is only told: it is written otherwise than what comes', async () => {
    nodes = await reconcilingNodes();
    for (let n = 0; n < limits.reconciliationUnlikeMin; n += 1) await nodes.lead(`lead-${n}`, 60);
    nodes.clock.advance(minuteMs);
    nodes.list.leads.forEach((lead, index) => {
      nodes.list.leads[index] = { ...lead, name: lead.lead_id };
    });
    const { reconciler } = nodes.start();
    await reconciler.list('form', asked);
    nodes.clock.advance(11 * minuteMs);
    const report = await reconciler.list('form', asked);
    expect(report).toMatchObject({ differing: 5, notes: [expect.stringContaining('written otherwise')] });
    expect(report.unlike.map(({ became }) => became)).toEqual(Array(5).fill('told'));
    expect(Object.values(await nodes.tickets())).toEqual(Array(5).fill(1));
  });
});

describe('whatever happens on the way', () => {
  beforeEach(async () => {
    nodes = await reconcilingNodes();
    for (const id of ['a', 'b', 'c', 'd', 'e']) await nodes.lead(id, 60);
    for (const id of ['x', 'y', 'z']) await nodes.lead(id, 40, { dropped: true });
  });
  const whole = { a: 1, b: 1, c: 1, d: 1, e: 1, x: 1, y: 1, z: 1 };

  test('a list that moves while it is read: what stands on two pages is one', async () => {
    nodes.list.behave('shifting');
    const { reconciler } = nodes.start();
    expect(await reconciler.list('form', asked)).toMatchObject({
      end: 'caught_up',
      missing: 3,
      backFilled: 3,
    });
    nodes.list.behave('ok');
    await reconciler.list('form', asked);
    expect(Object.values(await nodes.tickets()).every((count) => count === 1)).toBe(true);
    expect(await nodes.tickets()).toMatchObject(whole);
  });

  test('a list that fails in the middle is told of, asked less and less, and gone on with', async () => {
    const { reconciler } = nodes.start();
    let pages = 0;
    nodes.list.before(() => {
      pages += 1;
      nodes.list.behave(pages > 2 ? 'fail' : 'ok');
    });
    expect(await reconciler.list('form', asked)).toMatchObject({ end: 'failed', missing: 0 });
    expect(await nodes.tickets(), 'nothing is taken of half a list').toEqual({
      a: 1,
      b: 1,
      c: 1,
      d: 1,
      e: 1,
    });
    expect(await row()).toMatchObject({
      failures: 1,
      phase: 'reading',
      error: expect.stringContaining('503'),
    });
    nodes.list.before(() => nodes.list.behave('ok'));
    nodes.list.asked.length = 0;
    expect(await reconciler.list('form', asked)).toMatchObject({ end: 'caught_up', missing: 3 });
    expect(nodes.list.asked[0]?.get('page_token'), 'from the page that failed').toBe('4');
    expect(await nodes.tickets()).toEqual(whole);
  });

  test('Retry-After is kept, and a token that has expired begins the list again', async () => {
    const { reconciler } = nodes.start();
    nodes.list.behave('too_many');
    await reconciler.list('form', asked);
    const { due_at: due } = await row();
    expect(due.getTime() - nodes.clock.now().getTime()).toBeGreaterThanOrEqual(5_000);
    nodes.list.behave('expired_token');
    expect(await reconciler.list('form', asked)).toMatchObject({ end: 'failed' });
    expect(await row()).toMatchObject({ phase: 'idle', failures: 2, position: null });
    nodes.list.behave('ok');
    expect(await reconciler.list('form', asked)).toMatchObject({ end: 'caught_up', missing: 3 });
  });

  test('a node dies between what it took and its note of it: the next one knows it for its own, and takes nothing twice', async () => {
    const committed = Promise.withResolvers<void>();
    const revived = Promise.withResolvers<void>();
    const dying =
      (intake: Intake): Intake['submit'] =>
      async (...args) => {
        const submitted = await intake.submit(...args);
        committed.resolve();
        await revived.promise;
        return submitted;
      };
    const late = nodes.start(dying).reconciler.list('form', asked);
    await committed.promise;
    const other = nodes.start();
    await expect(other.reconciler.list('form', asked), 'its lease holds').rejects.toThrow(/being compared/);
    nodes.clock.advance(2_000 + limits.pollLeaseMs);
    expect(await other.reconciler.list('form', asked)).toMatchObject({
      end: 'caught_up',
      missing: 3,
      backFilled: 3,
    });
    revived.resolve();
    expect(await late, 'the dead one comes back').toMatchObject({ end: 'taken_over' });
    expect(await row()).toMatchObject({ phase: 'idle', failures: 0, back_filled: 3 });
    expect(await nodes.tickets()).toEqual(whole);
  });

  test('two nodes sweep at once: one of them compares', async () => {
    const [one, other] = [nodes.start().reconciler, nodes.start().reconciler];
    const now = nodes.clock.now();
    await one.sweep(now);
    const begun = await Promise.all([one.sweep(now), other.sweep(now)]);
    expect(begun[0] + begun[1]).toBe(1);
    await Promise.all([one.stop(), other.stop()]);
    expect(nodes.list.asked.length).toBeLessThanOrEqual(4);
  });

  test('a busy intake is no failure: what is left is taken in a moment', async () => {
    const busy = nodes.start(
      () => async (triggers) => triggers.map(() => ({ kind: 'busy', retryAfterSeconds: 1 }) as const),
    );
    expect(await busy.reconciler.list('form', asked)).toMatchObject({ end: 'busy', backFilled: 0 });
    expect(await row()).toMatchObject({ failures: 0, phase: 'taking' });
    expect(await nodes.start().reconciler.list('form', asked)).toMatchObject({
      end: 'caught_up',
      backFilled: 3,
    });
    expect(await nodes.tickets()).toEqual(whole);
  });

  test('what comes by itself while the list is taken is joined, and counted as come', async () => {
    const slow =
      (intake: Intake): Intake['submit'] =>
      async (triggers, ...rest) => {
        const [first] = triggers;
        if (first) await nodes.send(JSON.parse(Buffer.from(first.body).toString()));
        return await intake.submit(triggers, ...rest);
      };
    expect(await nodes.start(slow).reconciler.list('form', asked)).toMatchObject({
      missing: 0,
      backFilled: 0,
    });
    expect(await nodes.tickets()).toEqual(whole);
  });

  test('a file of the same is compared as the list is, from the beginning each time', async () => {
    const { reconciler } = nodes.start();
    const dry = await reconciler.file('form', nodes.list.leads, { dryRun: true, trust: false });
    expect(dry).toMatchObject({ kind: 'file', missing: 3, backFilled: 0, window: null });
    expect(await reconciler.file('form', nodes.list.leads, asked)).toMatchObject({
      listed: 8,
      missing: 3,
      backFilled: 3,
    });
    expect(await reconciler.file('form', nodes.list.leads, asked)).toMatchObject({ missing: 0, unlike: [] });
    expect(await nodes.tickets()).toEqual(whole);
  });

  test('a file that is only tried is read some at a time: the node goes on with all else', async () => {
    const { reconciler } = nodes.start();
    withLimits({ groupSizeMax: 2 });
    let hasTurned = false;
    const readAt: boolean[] = [];
    const leads = nodes.list.leads.map((lead) => ({
      toJSON() {
        setImmediate(() => {
          hasTurned = true;
        });
        readAt.push(hasTurned);
        return lead;
      },
    }));
    await reconciler.file('form', leads, { dryRun: true, trust: false });
    expect([readAt[0], readAt.at(-1)]).toEqual([false, true]);
  });

  test('elements without an identity are told; a list of nothing else cannot be compared', async () => {
    const { reconciler } = nodes.start();
    const some = await reconciler.file('form', [{ name: 'nobody' }, ...nodes.list.leads], asked);
    expect(some).toMatchObject({
      unidentified: 1,
      notes: [expect.stringMatching(/^1 of the list have no identity/)],
    });
    nodes.list.leads.splice(
      0,
      8,
      ...[1, 2].map(() => ({ created_at: nodes.clock.now().toISOString() }) as never),
    );
    expect(await reconciler.list('form', asked)).toMatchObject({
      end: 'failed',
      error: expect.stringContaining('No element of the list has an identity'),
    });
  });
});
