import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A key of this server's own (`key`: what the CLI shows it); made once a data folder, readable by its owner alone. */
export async function localKey(dataFolder: string, name: string): Promise<string> {
  const path = join(dataFolder, name);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    const key = `sb_${randomBytes(24).toString('base64url')}`;
    await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
    return key;
  }
}
