import { afterEach, beforeEach, expect, test } from 'vitest';
import { driftDetector } from '../../src/detection/drift/told/worker.ts';
import { acknowledgeDrift } from '../../src/detection/drift/worker.ts';
import { expectEpisode, ofWorkflow, type Watched, watching } from '../support/watching.ts';

/** A change of payloads as an exception. How a change is seen: test/detection/drift.test.ts. */

let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

async function changed(): Promise<number> {
  const { id } = await world.db
    .insertInto('drift')
    .values({
      source: 'form',
      kind: '',
      path: 'utm',
      change: 'vanished',
      what: '',
      before_seen: 56,
      before_of: 56,
      now_seen: 0,
      now_of: 16,
      described: false,
      opened_at: world.clock.now(),
      acknowledged_at: null,
      acknowledged_by: null,
      reason: null,
      closed_at: null,
      closed_because: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

const close = (because: 'over' | 'in_contract') =>
  world.db.updateTable('drift').set({ closed_at: world.clock.now(), closed_because: because }).execute();

test.each<[end: (id: number) => Promise<unknown>, reason: string]>([
  [() => close('over'), 'the payloads are as they were'],
  [() => close('in_contract'), 'the contract speaks of it'],
  [
    (id) => acknowledgeDrift(world.shell, id, { actor: 'person:dana', reason: 'the new form' }),
    'somebody has acknowledged it',
  ],
])('a change of payloads is told once, to whom the workflow names, and over %#', async (end) => {
  let id = 0;
  await expectEpisode(world, {
    detector: driftDetector,
    key: 'contract_drift/',
    on: ofWorkflow,
    says: /^The payloads of form have changed: vanished utm; `signalbox drift` shows it$/,
    begin: async () => {
      id = await changed();
    },
    end: () => end(id),
    because: 'It is over, in the contract, or acknowledged',
  });
  expect(await world.found('contract_drift/')).toHaveLength(1);
});
