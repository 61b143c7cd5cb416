import { expect, test } from 'vitest';
import { projectTexts } from '../../test/support/project-texts.ts';
import { limits } from '../limits.ts';
import { loadProject } from './load.ts';

function load(more: string) {
  const files = new Map(Object.entries(projectTexts));
  return loadProject(files.set('signalbox.yaml', `${files.get('signalbox.yaml')}\n${more}\n`));
}

const errors = (more: string) => load(more).diagnostics.filter(({ severity }) => severity === 'error');

test('what detection does not say has its default', () => {
  expect(load('').project?.detection).toEqual({ policy: null, stuckAfterMs: limits.stuckAfterMs });
  const [owner, alternate] = ['person:dana', 'team:growth'];
  expect(
    load(`detection: { owner: '${owner}', alternate: '${alternate}' }`).project?.detection,
  ).toMatchObject({
    policy: {
      owner,
      alternate,
      ttlMs: limits.detectionTtlMs,
      resolveWithinMs: limits.detectionResolveWithinMs,
    },
    stuckAfterMs: limits.stuckAfterMs,
  });
});

test.each<[every: string, refused: boolean, reason: string]>([
  [`${limits.heartbeatEveryMinMs / 1_000}s`, false, 'as often as it may be called'],
  [`${limits.heartbeatEveryMinMs / 1_000 - 1}s`, true, 'a second more often'],
])('a heartbeat every %s is refused: %s, %s', (every, refused) => {
  const found = errors(`heartbeat: { url: 'https://hc.example.com/ping', every: ${every} }`);
  if (refused)
    expect(found).toMatchObject([{ code: 'SB113', message: 'a heartbeat is called every 10s at most' }]);
  else expect(found).toEqual([]);
});
