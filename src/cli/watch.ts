import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { readProjectFiles } from '../platform/project-files.ts';

/** Editors write a file in several steps; a change counts when nothing has followed it for this long. */
const settleMs = 150;

export interface Watch {
  close(): void;
}

/**
 * Calls `changed` when the text of one of a project's files differs, one call after the other.
 * `read`: which files those are, with their texts. Watches the folders that hold them, not the whole tree: the
 * database's files are below it.
 */
export async function watchProject(
  root: string,
  changed: () => Promise<void>,
  read: (root: string) => Promise<ReadonlyMap<string, string>> = readProjectFiles,
): Promise<Watch> {
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  let texts: ReadonlyMap<string, string> = new Map();
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  const look = async () => {
    // A file in the middle of being written, or no project for now: the next change looks again.
    const now = await read(root).catch(() => null);
    if (now !== null) watchFolders(now);
    if (now === null || sameTexts(texts, now)) return;
    texts = now;
    await changed();
  };
  const noticed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = looking.then(look);
    }, settleMs);
  };
  /** Also folders that came later, or were replaced by others of their name, as a checkout does. */
  const watchFolders = (files: ReadonlyMap<string, string>) => {
    const folders = new Set([
      root,
      join(root, 'workflows'),
      ...[...files.keys()].map((path) => dirname(join(root, path))),
    ]);
    for (const folder of folders) {
      const inode = statSync(folder, { throwIfNoEntry: false })?.ino;
      const before = watchers.get(folder);
      if (before?.inode === inode) continue;
      before?.watcher.close();
      watchers.delete(folder);
      const watcher = inode === undefined ? null : openWatch(folder, noticed);
      if (watcher !== null && inode !== undefined) watchers.set(folder, { watcher, inode });
    }
  };

  // Watched before it is read and read once more after: no change falls between the two.
  watchFolders(texts);
  texts = await read(root);
  watchFolders(texts);
  noticed();
  return {
    close() {
      clearTimeout(timer);
      for (const { watcher } of watchers.values()) watcher.close();
    },
  };
}

/** Null where the folder is not there (yet). */
function openWatch(folder: string, noticed: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, noticed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

function sameTexts(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  return before.size === after.size && [...before].every(([path, text]) => after.get(path) === text);
}
