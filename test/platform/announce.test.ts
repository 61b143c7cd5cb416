import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { announce } from '../../src/platform/announce.ts';
import { temporaryFolder } from '../support/folder.ts';

test('of two servers of one folder the last to start is found, until it ends itself', async () => {
  const folder = await temporaryFolder('signalbox-announce-');
  const path = join(folder, 'server.json');
  const read = async () => JSON.parse(await readFile(path, 'utf8'));
  const endFirst = await announce(path, { url: 'http://127.0.0.1:4000', pid: 1 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const endSecond = await announce(path, { url: 'http://127.0.0.1:4001', pid: 2 });
  await endFirst();
  expect(await read()).toEqual({ url: 'http://127.0.0.1:4001', pid: 2 });
  await endSecond();
  expect(await readdir(folder)).toEqual([]);
  await endSecond();
});
