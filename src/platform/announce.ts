import { readFile, rm } from 'node:fs/promises';
import { replaceWhole } from './whole-file.ts';

/**
 * Writes where a server is found into a file that its owner alone reads; it appears whole. Resolves with how it is taken back: of two
 * servers of one folder the last to start is the one that is found, and the end of the other does not take that away.
 */
export async function announce(path: string, where: object): Promise<() => Promise<void>> {
  const text = `${JSON.stringify(where)}\n`;
  await replaceWhole(path, text);
  return async () => {
    const found = await readFile(path, 'utf8').catch(() => null);
    if (found === text) await rm(path, { force: true });
  };
}
