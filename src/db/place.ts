import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { createRecord, readRecord, type ServerRecord } from './record.ts';

/** Where a project's embedded server lives, and as whom it runs. */
export interface Place {
  readonly dataFolder: string;
  /** The server's own data folder, absolute. */
  readonly data: string;
  readonly binaries: Binaries;
  /** Null: as ourselves. PostgreSQL refuses to run as root, so root gives it to another user. */
  readonly user: User | null;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Says where the server of a data folder lives, choosing it the first time: in the folder itself, or, where root
 * starts it and the server's user cannot enter the folder (a clone in root's home), under /var/lib/signalbox.
 */
export async function findPlace(
  dataFolder: string,
  binaries: Binaries,
): Promise<{ place: Place; record: ServerRecord; made: boolean }> {
  await mkdir(dataFolder, { recursive: true, mode: 0o711 });
  const folder = await realpath(dataFolder);
  const found = await readRecord(folder);
  if (process.getuid?.() !== 0) {
    const record = found ?? (await createRecord(folder, 'postgres'));
    const data = resolve(folder, record.data);
    await refuseForeign(data);
    return { place: { dataFolder: folder, data, binaries, user: null }, record, made: found === null };
  }
  const user = await serverUser(found === null ? null : resolve(folder, found.data));
  const record = found ?? (await createRecord(folder, await chooseData(folder, user)));
  const data = resolve(folder, record.data);
  if (!isAbsolute(record.data) && !(await canEnter(folder, user))) {
    throw new AppError('unavailable', `The database's user (uid ${user.uid}) cannot enter ${folder}.`, {
      help: 'The folders above it were passable when the database was made: make them so again (chmod o+x).',
    });
  }
  const usable = await reachableBinaries(binaries, user);
  return { place: { dataFolder: folder, data, binaries: usable, user }, record, made: found === null };
}

async function refuseForeign(data: string): Promise<void> {
  const there = await stat(data).catch(() => null);
  if (there === null || process.getuid === undefined || there.uid === process.getuid()) return;
  throw new AppError('unavailable', `The database in ${data} belongs to another user (uid ${there.uid}).`, {
    help: 'Start Signalbox as the user who started it first, or give it another data folder.',
  });
}

async function chooseData(folder: string, user: User): Promise<string> {
  if (await canEnter(folder, user)) return 'postgres';
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const home = join(await durableFolder(), hash);
  await mkdir(home, { recursive: true, mode: 0o755 });
  return join(home, 'postgres');
}

/** A folder of root's that every user can enter, and that survives a restart of the machine where one can be had. */
async function durableFolder(): Promise<string> {
  for (const parent of ['/var/lib', '/var/tmp', tmpdir()]) {
    const folder = join(parent, 'signalbox');
    await mkdir(folder, { mode: 0o755 }).catch(() => {});
    const there = await lstat(folder).catch(() => null);
    // In a folder where anyone can write, somebody else may have been first.
    if (there?.isDirectory() && there.uid === 0) return folder;
  }
  throw new AppError('unavailable', 'There is no folder that root and the database’s user can share.', {
    help: 'Start Signalbox as an ordinary user, move the project out of the private folder, or set DATABASE_URL.',
  });
}

/** The binaries as they are, or a copy that the user can read: shared by all projects with this version. */
async function reachableBinaries(binaries: Binaries, user: User): Promise<Binaries> {
  if ((await canEnter(join(binaries.folder, 'bin'), user)) && (await isReadable(binaries.folder, user))) {
    return binaries;
  }
  const folder = join(await durableFolder(), `server-${binaries.version}`);
  if ((await stat(folder).catch(() => null)) === null) {
    const draft = `${folder}.${process.pid}`;
    await cp(binaries.folder, draft, { recursive: true, verbatimSymlinks: true });
    await openForAll(draft);
    await rename(draft, folder).catch(async (error) => {
      await rm(draft, { recursive: true });
      // Another process was first with the same copy.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  }
  return { ...binaries, folder };
}

async function openForAll(path: string): Promise<void> {
  const there = await lstat(path);
  if (there.isSymbolicLink()) return;
  await chmod(path, there.mode | (there.isDirectory() || there.mode & 0o100 ? 0o555 : 0o444));
  if (!there.isDirectory()) return;
  for (const name of await readdir(path)) await openForAll(join(path, name));
}

async function canEnter(folder: string, user: User): Promise<boolean> {
  const path = await realpath(folder);
  if (!allows(await stat(path), user, 0o1)) return false;
  return path === dirname(path) || (await canEnter(dirname(path), user));
}

async function isReadable(folder: string, user: User): Promise<boolean> {
  const paths = ['bin/postgres', 'lib', 'share'].map((name) => join(folder, name));
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return stats.every((there) => allows(there, user, 0o5));
}

function allows(there: { uid: number; gid: number; mode: number }, user: User, bits: number): boolean {
  const shift = there.uid === user.uid ? 6 : there.gid === user.gid ? 3 : 0;
  return ((there.mode >> shift) & bits) === bits;
}

/** Whom root gives the server to: the owner of the data that is there, else a user that machines have for this, else a new one. */
async function serverUser(data: string | null): Promise<User> {
  const there = data === null ? null : await stat(data).catch(() => null);
  if (there !== null && there.uid !== 0) return { uid: there.uid, gid: there.gid };
  for (const name of ['postgres', '_postgres', 'signalbox']) {
    const user = await findUser(name);
    if (user !== null) return user;
  }
  return await createUser('signalbox');
}

const run = promisify(execFile);

async function findUser(name: string): Promise<User | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function createUser(name: string): Promise<User> {
  const useradd = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name];
  await run('useradd', useradd)
    // BusyBox (Alpine) has its own.
    .catch(() => run('adduser', ['-S', '-D', '-H', name]))
    .catch(() => {});
  const user = await findUser(name);
  if (user !== null) return user;
  throw new AppError('unavailable', `PostgreSQL does not run as root, and no user could be made for it.`, {
    help: `Start Signalbox as an ordinary user, create a user called ${name}, or set DATABASE_URL.`,
  });
}
