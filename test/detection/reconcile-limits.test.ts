import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRuns } from '../../src/detection/reconciliation/store.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { withLimits } from '../support/limits.ts';
import { leadAt } from '../support/reconcile-project.ts';
import { asked, type ReconcilingNodes, reconcilingNodes } from '../support/reconciling-nodes.ts';

/** Bounds of a comparison, each at its edge, with real nodes on a real database. */

let nodes: ReconcilingNodes;
beforeEach(async () => {
  nodes = await reconcilingNodes();
});
afterEach(() => nodes.close());

describe('elements that one comparison holds', () => {
  test.each<[max: number, end: string, reason: string]>([
    [4, 'caught_up', 'as many as may be'],
    [3, 'failed', 'one more'],
  ])('of a list of four, with room for %i: %s, %s', async (reconciliationListedMax, end) => {
    for (const id of ['a', 'b', 'c', 'd']) await nodes.lead(id, 60);
    withLimits({ reconciliationListedMax });
    const { reconciler } = nodes.start();
    expect(await reconciler.list('form', asked)).toMatchObject({ end });
    expect(await reconciler.list('form', { ...asked, dryRun: true })).toMatchObject({ end });
    const [row] = await findRuns(nodes.database.db, 'list');
    expect(row?.error === null, 'and why').toBe(end === 'caught_up');
  });

  test.each<[max: number, taken: boolean, reason: string]>([
    [4, true, 'as many as may be'],
    [3, false, 'one more'],
  ])(
    'of a file of four, with room for %i: it is compared: %s, %s',
    async (reconciliationListedMax, taken) => {
      withLimits({ reconciliationListedMax });
      const { reconciler } = nodes.start();
      const leads = ['a', 'b', 'c', 'd'].map((id) => leadAt(id, plusMs(nodes.clock.now(), -3_600_000)));
      const comparing = reconciler.file('form', leads, { dryRun: false, trust: true });
      if (taken) expect(await comparing).toMatchObject({ listed: 4, backFilled: 4 });
      else await expect(comparing).rejects.toMatchObject({ code: 'too_large' });
    },
  );
});

test.each<[max: number, sizes: number[], reason: string]>([
  [3, [3], 'as many as are taken at once'],
  [2, [2, 1], 'one more is taken after them'],
])('of three that never came, at most %i at once: %j, %s', async (reconciliationTakenMax, sizes) => {
  await nodes.lead('here', 60);
  for (const id of ['a', 'b', 'c']) await nodes.lead(id, 60, { dropped: true });
  withLimits({ reconciliationTakenMax });
  // Those of one lot are submitted together: none has been answered before the last is handed in.
  const lots: number[] = [];
  let open = 0;
  const { reconciler } = nodes.start((intake) => async (triggers, ...rest) => {
    if (open === 0) lots.push(0);
    open += 1;
    lots[lots.length - 1] = (lots.at(-1) ?? 0) + triggers.length;
    try {
      return await intake.submit(triggers, ...rest);
    } finally {
      open -= 1;
    }
  });
  expect(await reconciler.list('form', asked)).toMatchObject({ end: 'caught_up', backFilled: 3 });
  expect(lots).toEqual(sizes);
});

test.each<[max: number, begun: number, reason: string]>([
  [1, 1, 'there is room for it'],
  [0, 0, 'as many are under way as may be'],
])(
  'a node that may have %i comparisons under way begins %i: %s',
  async (reconciliationsInFlightMax, begun) => {
    const { reconciler } = nodes.start();
    await reconciler.sweep(nodes.clock.now());
    await reconciler.settled();
    withLimits({ reconciliationsInFlightMax });
    nodes.clock.advance(3_600_000);
    expect(await reconciler.sweep(nodes.clock.now())).toBe(begun);
    await reconciler.settled();
  },
);
