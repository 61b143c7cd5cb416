import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { limits } from '../limits.ts';
import { programOf } from './binaries.ts';
import { sharedBuffers } from './memory.ts';
import type { Place } from './place.ts';

/** A server's process as its `postmaster.pid` tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Whether it accepts connections: it may be starting, or stopping. */
  readonly ready: boolean;
}

const run = promisify(execFile);

/** Settings that this program relies on; given on the command line, so that nothing in the data folder overrides them. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '200',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Details of an error quote values of rows: personal data that has no place in a log.
  log_error_verbosity: 'terse',
};

/** What runs on a data folder. Null: nothing; a pid file that a dead process left is removed. */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const path = join(data, 'postmaster.pid');
  const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (await runsOn(pid, data)) {
    return { pid, port: Number(lines[3]), ready: lines[7]?.startsWith('ready') ?? false };
  }
  // PostgreSQL itself would take any living process with this number for the server, and refuse to start.
  await rm(path, { force: true });
  return null;
}

/** A server that was started here. */
export interface Launched {
  readonly child: ChildProcess;
  ended: boolean;
  /** Why it could not be run at all. */
  fault: string | null;
}

/** Starts a server and returns at once; `findPostmaster` says when it is ready. It outlives this process. */
export async function launch(place: Place, port: number, flags: readonly string[]): Promise<Launched> {
  const sized = { ...settings, shared_buffers: sharedBuffers(memory()) };
  const args = Object.entries(sized).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await openLog(logPath(place));
  try {
    const child = spawn(
      programOf(place.binaries, 'postgres'),
      ['-D', place.data, '-p', String(port), ...args, ...flags],
      {
        ...asUser(place),
        // Its own process group: a Ctrl-C at the terminal is for us, and we stop it when our work is done.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      },
    );
    return watched(child);
  } finally {
    await log.close();
  }
}

/** Bytes that this machine has, or that the container may take. */
function memory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/** Listens from the first moment: an error that nobody hears ends this process. */
function watched(child: ChildProcess): Launched {
  const launched: Launched = { child, ended: false, fault: null };
  const end = (fault: string | null) => Object.assign(launched, { ended: true, fault });
  child
    .on('exit', () => end(null))
    .on('error', ({ message }) => end(message))
    .unref();
  return launched;
}

/** Stops the server of a place, ending its connections, and waits until it has. */
export async function stopPostmaster(place: Place): Promise<void> {
  const seconds = String(Math.ceil(limits.serverStopMs / 1_000));
  const args = ['stop', '-D', place.data, '-m', 'fast', '-w', '-t', seconds];
  await run(programOf(place.binaries, 'pg_ctl'), args, asUser(place)).catch(async (error) => {
    if ((await findPostmaster(place.data)) !== null) throw error;
  });
}

/** How the server's programs are spawned: as its user, from a folder that everyone can enter, without our environment's secrets. */
export function asUser(place: Place) {
  const { PATH, SystemRoot, TEMP } = process.env;
  return {
    ...(place.user ?? {}),
    cwd: place.user === null ? place.dataFolder : '/',
    env: { PATH, SystemRoot, TEMP, LC_ALL: 'C', TZ: 'UTC' },
    windowsHide: true,
  };
}

/** The port asked for where it is free on 127.0.0.1, else any free one. Another process may still be quicker. */
export async function freePort(wanted: number | null): Promise<number> {
  return (wanted === null ? null : await listenOnce(wanted)) ?? (await listenOnce(0)) ?? 0;
}

export async function logTail(place: Place): Promise<string> {
  const text = await readFile(logPath(place), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-8).join('\n');
}

async function listenOnce(port: number): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const server = createServer();
  server.once('error', () => resolve(null));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
    const address = server.address();
    const taken = address !== null && typeof address === 'object' ? address.port : null;
    server.close(() => resolve(taken));
  });
  return await promise;
}

/** Whether this process is the server of this data folder, and not another one that was given a dead one's number. */
async function runsOn(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await commandOf(pid);
  if (command === null) return true;
  if (!basename(command[0] ?? '').startsWith('postgres')) return false;
  const folder = command[command.indexOf('-D') + 1] ?? '';
  if (folder === data) return true;
  // A server of another folder, if that folder says so too; else ours, whose folder was moved while it ran.
  const other = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number(other.split('\n')[0]) !== pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process's arguments; empty for one that has ended but was not waited for; null where the system cannot tell. */
async function commandOf(pid: number): Promise<string[] | null> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0');
  }
  if (process.platform === 'win32') return null;
  const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim().split(' ');
}

function logPath(place: Place): string {
  return join(place.dataFolder, 'postgres.log');
}

async function openLog(path: string) {
  const size = await stat(path).then(
    (there) => there.size,
    () => 0,
  );
  if (size > limits.serverLogBytesMax) await rename(path, `${path}.1`);
  return await open(path, 'a', 0o600);
}
