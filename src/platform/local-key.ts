import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { createWhole, replaceWhole } from './whole-file.ts';

/** What a file system says that knows no links: there two at once are not told apart. */
const withoutLinks: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS']);

/**
 * A key of this server's own (`key`: what the CLI shows it); made once a data folder, readable by its owner alone. It appears
 * whole, and two processes that make it at once both get the same.
 */
export async function localKey(dataFolder: string, name: string): Promise<string> {
  const path = join(dataFolder, name);
  const known = await readKey(path);
  if (known !== null) return known;
  const key = `sb_${randomBytes(24).toString('base64url')}`;
  await createWhole(path, `${key}\n`).catch(async (error: NodeJS.ErrnoException) => {
    if (!withoutLinks.has(error.code)) throw error;
    await replaceWhole(path, `${key}\n`);
  });
  return (await readKey(path)) ?? key;
}

/** Null: there is none. */
async function readKey(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null || text.trim() !== '') return text?.trim() ?? null;
  // What is sealed or signed with it would be everybody's to open and to make.
  throw new AppError(
    'unavailable',
    `The key in ${path} is empty: the disk may have been full when it was made.`,
    {
      help: 'Remove the file; the next start makes another key.',
    },
  );
}
