import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localKey } from '../../src/platform/local-key.ts';
import { temporaryFolder } from '../support/folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('signalbox-key-');
});
afterEach(() => rm(folder, { recursive: true }));

test('processes that make a key at once get the same, and it stays', async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => localKey(folder, 'key')));
  expect(new Set(keys).size).toBe(1);
  expect(await localKey(folder, 'key')).toBe(keys[0]);
  expect(await readdir(folder)).toEqual(['key']);
  expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600);
});

test('an empty key is no key: nobody seals or signs with it', async () => {
  await writeFile(join(folder, 'key'), '\n');
  await expect(localKey(folder, 'key')).rejects.toMatchObject({ code: 'unavailable' });
});

test('a key that cannot be read is not made anew', async () => {
  await mkdir(join(folder, 'key'));
  await expect(localKey(folder, 'key')).rejects.toMatchObject({ code: 'EISDIR' });
  await writeFile(join(folder, 'other'), 'sb_x\n');
  expect(await localKey(folder, 'other')).toBe('sb_x');
  expect(await readFile(join(folder, 'other'), 'utf8')).toBe('sb_x\n');
});
