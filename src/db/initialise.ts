import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import { programOf } from './binaries.ts';
import type { Place } from './place.ts';
import { asUser } from './postmaster.ts';
import type { ServerRecord } from './record.ts';

const run = promisify(execFile);

/** Makes the server's data beside its final place and moves it there whole: a kill half-way leaves nothing that looks finished. */
export async function initialise(place: Place, record: ServerRecord): Promise<void> {
  const draft = `${place.data}.${randomBytes(4).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${record.ownerPassword}\n`, { mode: 0o600, flag: 'wx' });
  if (place.user !== null) {
    for (const path of [draft, passwordFile]) await chown(path, place.user.uid, place.user.gid);
  }
  try {
    // Text sorts by code point, whatever the machine's language: the same everywhere and for ever.
    await run(
      programOf(place.binaries, 'initdb'),
      [
        `--pgdata=${draft}`,
        '--username=signalbox_owner',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      asUser(place),
    );
    await rename(draft, place.data);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was first, with the same passwords.
    if ((await stat(place.data).catch(() => null)) === null) throw initFailure(place, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Throws where the data was written by another major version than the binaries'. */
export async function refuseOtherMajor(place: Place): Promise<void> {
  const written = (await readFile(join(place.data, 'PG_VERSION'), 'utf8')).trim();
  const [major] = place.binaries.version.split('.');
  if (written === major) return;
  throw new AppError(
    'unavailable',
    `The data in ${place.data} is of PostgreSQL ${written}, and this Signalbox brings ${major}.`,
    { help: 'Dump it with the Signalbox that wrote it and restore it here, or set DATABASE_URL.' },
  );
}

function initFailure(place: Place, cause: unknown): AppError {
  const { code, stderr } = cause as { code?: unknown; stderr?: string };
  // The file is there but its loader is not (musl), or a library is missing.
  if (code === 'ENOENT' || code === 'ENOEXEC' || code === 127) {
    const message = `The PostgreSQL server in ${place.binaries.folder} does not run on this system.`;
    return new AppError('no_database_binary', `${message} ${stderr ?? ''}`.trim(), {
      help: 'Set DATABASE_URL to a PostgreSQL 15 or newer.',
      cause,
    });
  }
  return new AppError('unavailable', `The database could not be made in ${place.data}: ${stderr ?? cause}`, {
    help: 'Give it a folder it can write, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    cause,
  });
}
