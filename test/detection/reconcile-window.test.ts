import { afterEach, expect, test } from 'vitest';
import { beginRuns, findRuns } from '../../src/detection/reconciliation/store.ts';
import { createReconciler } from '../../src/detection/reconciliation/worker.ts';
import { asked, type ReconcilingNodes, reconcilingNodes } from '../support/reconciling-nodes.ts';

/** Which time a comparison looks at, and what lies outside of it. */

const minuteMs = 60_000;
let nodes: ReconcilingNodes;
afterEach(() => nodes.close());

async function row() {
  const [found] = await findRuns(nodes.database.db, 'list');
  if (found === undefined) throw new Error('nothing has been compared');
  return found;
}

test('older than the window is none of its business, but `since` asks for it', async () => {
  nodes = await reconcilingNodes();
  await nodes.lead('a', 60);
  await nodes.lead('old', 3 * 24 * 60, { dropped: true });
  const { reconciler } = nodes.start();
  expect(await reconciler.list('form', asked)).toMatchObject({ listed: 1, missing: 0 });
  const since = new Date(nodes.clock.now().getTime() - 4 * 24 * 60 * minuteMs);
  expect(await reconciler.list('form', { ...asked, since })).toMatchObject({ missing: 1, backFilled: 1 });
});

test('after an outage the window reaches back to the last comparison that was finished', async () => {
  nodes = await reconcilingNodes();
  await nodes.lead('a', 60);
  const { reconciler } = nodes.start();
  await reconciler.list('form', asked);
  const { window_until: covered } = await row();
  nodes.clock.advance(5 * 24 * 60 * minuteMs);
  await reconciler.list('form', asked);
  expect((await row()).window_from).toEqual(covered);
});

test('what somebody asks for from a later time on leaves no gap behind', async () => {
  nodes = await reconcilingNodes();
  await nodes.lead('a', 60);
  const { reconciler } = nodes.start();
  await reconciler.list('form', asked);
  nodes.clock.advance(5 * 24 * 60 * minuteMs);
  await nodes.lead('b', 60);
  await nodes.lead('old', 4 * 24 * 60, { dropped: true });
  const since = new Date(nodes.clock.now().getTime() - 24 * 60 * minuteMs);
  expect(await reconciler.list('form', { ...asked, since })).toMatchObject({ missing: 0 });
  expect(await reconciler.list('form', asked), 'never compared before').toMatchObject({ missing: 1 });
});

test('a time that somebody asks for counts, also where a comparison of another one has broken off', async () => {
  nodes = await reconcilingNodes();
  for (const id of ['a', 'b', 'c', 'd']) await nodes.lead(id, 60);
  await nodes.lead('old', 4 * 24 * 60, { dropped: true });
  nodes.list.behave('expired_token');
  const { reconciler } = nodes.start();
  nodes.list.before(() => nodes.list.behave(nodes.list.asked.length > 1 ? 'fail' : 'ok'));
  expect(await reconciler.list('form', asked)).toMatchObject({ end: 'failed' });
  nodes.list.before(() => nodes.list.behave('ok'));
  const since = new Date(nodes.clock.now().getTime() - 5 * 24 * 60 * minuteMs);
  expect(await reconciler.list('form', { ...asked, since })).toMatchObject({ missing: 1, listed: 5 });
});

test('a source that no workflow reads keeps none of the others from being compared', async () => {
  nodes = await reconcilingNodes();
  const { intake } = nodes.start();
  const without = { ...nodes.shell.project(), workflows: new Map() };
  const reconciler = createReconciler({ ...nodes.shell, project: () => without }, intake.submit);
  await beginRuns(nodes.database.db, [{ kind: 'list', subject: 'form' }], nodes.clock.now());
  expect(await reconciler.sweep(nodes.clock.now())).toBe(0);
  await expect(reconciler.list('form', asked)).rejects.toThrow('No workflow reads the source form');
  await reconciler.stop();
});

test('what is older than the window has an identity too: beside it one that has none is only told', async () => {
  const list = `      from: lead-list
      operation: GET /leads
      with: { created_after: window.from }
      triggers: response.data
      at: element.made`;
  nodes = await reconcilingNodes({ list });
  await nodes.lead('old', 60, { dropped: true, changes: { made: '2020-01-01' } });
  nodes.list.leads.push({ created_at: nodes.clock.now().toISOString() } as never);
  expect(await nodes.start().reconciler.list('form', asked)).toMatchObject({
    end: 'caught_up',
    missing: 0,
    unidentified: 1,
  });
});
