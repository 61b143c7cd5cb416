import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIntake } from '../../src/intake/worker.ts';
import { type Noted, onChanged } from '../../src/platform/changed.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { soundProject } from '../support/cases.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { manualClock, testShell } from '../support/shell.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('whatever is taken is told by intake itself: what a comparison submits as much as what comes by HTTP', async () => {
  const clock = manualClock(new Date('2026-03-02T09:00:00Z'));
  const project = soundProject();
  await deployWorkflows(database.db, project, 'signalbox', clock.now());
  const intake = createIntake(testShell(database.db, { clock, project: () => project }));
  const heard: Noted[] = [];
  const stop = onChanged((noted) => heard.push(noted));
  const lead = { lead_id: 'L-1', email: 'a@x.example', name: 'Ada', project_type: 'web', budget: 5_000 };
  const trigger = {
    source: 'meta-ads',
    contentType: 'application/json',
    headers: {},
    body: Buffer.from(JSON.stringify(lead)),
  };
  const [first] = await intake.submit([trigger]);
  const [again] = await intake.submit([trigger]);
  stop();
  await intake.stop();
  expect([first?.kind, again?.kind]).toEqual(['accepted', 'joined']);
  const ticketId = first?.kind === 'accepted' ? first.ticketId : '';
  expect(heard).toContainEqual({ ticketId, headSeq: 1 });
});
