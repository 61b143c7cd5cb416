import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes where a server is found into a file that its owner alone reads; it appears whole. Resolves with how it is taken back: of two
 * servers of one folder the last to start is the one that is found, and the end of the other does not take that away.
 */
export async function announce(path: string, where: object): Promise<() => Promise<void>> {
  const text = `${JSON.stringify(where)}\n`;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
  return async () => {
    const found = await readFile(path, 'utf8').catch(() => null);
    if (found === text) await rm(path, { force: true });
  };
}
