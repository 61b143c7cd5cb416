import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stories } from '../../examples/paid-lead/stories.ts';

/** What a newcomer does first: `npm start`, once to its end, and once broken off. */

const main = fileURLToPath(new URL('../../examples/paid-lead/main.ts', import.meta.url));
const minuteMs = 60_000;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paid-lead-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('tells every story as expected', { timeout: 3 * minuteMs }, async () => {
  const run = start('--once');
  const [code] = await once(run.child, 'close');
  expect(run.said()).toContain(`stories: ${stories.length} of ${stories.length} as expected`);
  expect(code).toBe(0);
});

it('stops at once and cleanly when it is broken off, also in the folder of an earlier run', {
  timeout: minuteMs,
}, async () => {
  const run = start();
  await run.until(`1  ${stories[0]?.name}`);
  run.child.kill('SIGINT');
  const [code] = await once(run.child, 'close');
  expect(code).toBe(130);
  expect(run.said()).not.toContain('✘');
});

function start(...args: readonly string[]) {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    [main, '--data', folder, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  return {
    child,
    said: () => text,
    /** Resolves when this has been said; rejects where the process ends before. */
    until: async (words: string) => {
      while (!text.includes(words)) {
        if (child.exitCode !== null) throw new Error(`It ended without saying "${words}":\n${text}`);
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
      }
    },
  };
}
