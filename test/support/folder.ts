import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes an empty temporary folder that other users may enter, as a project's folder is.
 * Where tests run as root, an embedded database in a private one would live under /var/lib/signalbox, and stay there.
 */
export async function temporaryFolder(prefix: string, parent: string = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, prefix));
  await chmod(folder, 0o755);
  return folder;
}
