import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { createWhole, replaceWhole } from '../platform/whole-file.ts';

/** What is remembered of a project's embedded server: `<dataFolder>/postgres.json`, readable by its owner only. */
export interface ServerRecord {
  /** The server's data: `postgres` (beside this file), or an absolute path where its user could not enter. */
  readonly data: string;
  /** The port it had last; the next start takes it again where it is free. */
  readonly port: number | null;
  readonly ownerPassword: string;
  readonly appPassword: string;
}

export async function readRecord(dataFolder: string): Promise<ServerRecord | null> {
  const path = recordPath(dataFolder);
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return null;
    if (code !== 'EACCES') throw error;
    throw new AppError('unavailable', `${path} cannot be read: the database was made by another user.`, {
      help: 'Start Signalbox as that user, or give it another data folder.',
      cause: error,
    });
  }
}

/** Writes the first record with new passwords. Where two processes come at once, one wins and both get the winner's. */
export async function createRecord(dataFolder: string, data: string): Promise<ServerRecord> {
  const record = { data, port: null, ownerPassword: password(), appPassword: password() };
  if (await createWhole(recordPath(dataFolder), textOf(record))) return record;
  const winner = await readRecord(dataFolder);
  if (winner === null) throw new Error(`${recordPath(dataFolder)} is gone as soon as it was there`);
  return winner;
}

export async function recordPort(dataFolder: string, record: ServerRecord, port: number): Promise<void> {
  if (record.port === port) return;
  await replaceWhole(recordPath(dataFolder), textOf({ ...record, port }));
}

function recordPath(dataFolder: string): string {
  return join(dataFolder, 'postgres.json');
}

function textOf(record: ServerRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

function password(): string {
  return randomBytes(24).toString('base64url');
}
