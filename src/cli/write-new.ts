import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../errors.ts';

/** Writes all files of a folder by their paths, or none where one of them is there already. Returns their paths. */
export async function writeNew(
  target: string,
  files: Readonly<Record<string, string>>,
  help: string,
): Promise<string[]> {
  for (const path of Object.keys(files)) {
    const folder = dirname(join(target, path));
    const there = await readdir(folder).catch(noFolder);
    if (there.some((name) => join(folder, name) === join(target, path))) {
      throw new AppError('conflict', `${join(target, path)} is there already; nothing was written.`, {
        help,
      });
    }
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    // `wx`: a file that appeared meanwhile is not overwritten either. A secret is for its owner only.
    const mode = path.startsWith('secrets/') ? 0o600 : 0o666;
    await writeFile(join(target, path), text, { flag: 'wx', mode });
  }
  return Object.keys(files);
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  if (error.code === 'ENOTDIR') throw new AppError('conflict', `${error.path} is a file, not a folder.`);
  throw error;
}
