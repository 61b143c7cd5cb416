import { randomBytes } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';

/** Files that appear whole or not at all, and that their owner alone reads. */

/** Writes a file in the place of what is there. */
export async function replaceWhole(path: string, text: string): Promise<void> {
  await rename(await writeDraft(path, text), path);
}

/** Writes a file where there is none; false: there is one. Of several processes that come at once one wins. */
export async function createWhole(path: string, text: string): Promise<boolean> {
  const draft = await writeDraft(path, text);
  try {
    // A link never replaces another file.
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(path: string, text: string): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  return draft;
}
