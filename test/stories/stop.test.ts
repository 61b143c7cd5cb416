import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { findings, type Sent, unfinished } from '../simulation/account.ts';
import { startSenders } from '../simulation/senders.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { startServer } from '../support/server.ts';
import { startTarget, type Target } from '../support/target.ts';

/** A graceful stop takes nothing new, commits and answers what was taken, and ends by itself whatever others do. */

let target: Target;
let project: TestProject;

beforeAll(async () => {
  target = await startTarget();
  project = await testProject(target.url);
});

afterAll(async () => {
  await project.remove();
  await target.close();
});

test('SIGTERM in the middle of a load: every sender is answered or refused, and nothing of it is lost', {
  timeout: 120_000,
}, async () => {
  const server = await startServer(project.root);
  const sent: Sent = { acknowledged: new Map(), answers: {}, contradictions: [] };
  const senders = startSenders(() => server.url, sent, 1);
  await expect.poll(() => sent.acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(100);
  // One attempt is under way without an end, and one request trickles in.
  target.behave('hang');
  await target.nextRequest();
  const trickle = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  trickle.write(
    'POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\ncontent-type: application/json\r\n\r\n{',
  );
  const drip = setInterval(() => trickle.write(' '), 200);
  const from = performance.now();
  try {
    expect(await server.stop()).toBe(0);
  } finally {
    clearInterval(drip);
    trickle.destroy();
  }
  expect(performance.now() - from).toBeLessThan(limits.stopMs);
  await senders.stop();
  expect(sent.contradictions).toEqual([]);

  target.behave('ok');
  const again = await startServer(project.root);
  try {
    await expect.poll(() => unfinished(project.root), { timeout: 60_000, interval: 100 }).toBe(0);
    expect(await findings(project.root, again, sent, target)).toEqual([]);
  } finally {
    await again.stop();
  }
});
