import { type FSWatcher, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { readProjectFiles } from '../platform/project-files.ts';

/** Editors write a file in several steps; a change counts when nothing has followed it for this long. */
const settleMs = 150;

export interface Watch {
  close(): void;
}

/**
 * Calls `changed` when the text of one of a project's files differs, one call after the other.
 * Watches the folders that hold such files, not the whole tree: the database's files are below it.
 */
export async function watchProject(root: string, changed: () => Promise<void>): Promise<Watch> {
  const watchers = new Map<string, FSWatcher>();
  let texts = await readProjectFiles(root);
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  const look = async () => {
    // A file in the middle of being written, or no project for now: the next change looks again.
    const now = await readProjectFiles(root).catch(() => null);
    if (now === null || sameTexts(texts, now)) return;
    texts = now;
    watchFolders();
    await changed();
  };
  const noticed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = looking.then(look);
    }, settleMs);
  };
  const watchFolders = () => {
    const folders = new Set([
      root,
      join(root, 'workflows'),
      ...[...texts.keys()].map((path) => dirname(join(root, path))),
    ]);
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      const watcher = openWatch(folder, noticed);
      if (watcher !== null) watchers.set(folder, watcher);
    }
  };

  watchFolders();
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
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
