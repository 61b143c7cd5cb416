import pg from 'pg';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';

/** Everyone who uses the server holds this advisory lock, shared, on one connection for as long as they live. */
const inUse = 7_446_744_074;
/** Setting up and leaving are done one at a time. */
export const turn = 7_446_744_075;

/** A connection that holds the lock of those who use the server. Null: it is going down, look again. */
export async function keep(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'signalbox keeper',
    connectionTimeoutMillis: limits.connectMs,
    keepAlive: true,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [inUse]);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const code = (error as { code?: string }).code ?? '';
    const wrong = code.startsWith('28');
    if (!wrong) return null;
    throw new AppError(
      'unavailable',
      'The embedded PostgreSQL does not take the password in postgres.json.',
      {
        help: 'Restore .signalbox/postgres.json as it was when the database was made.',
        cause: error,
      },
    );
  }
}

/** True: nobody else uses the server, and nobody can come in any more. False: somebody does. */
export async function leave(keeper: pg.Client): Promise<boolean> {
  try {
    await keeper.query('select pg_advisory_lock($1)', [turn]);
    const { rows } = await keeper.query('select pg_try_advisory_lock($1) as alone', [inUse]);
    if (rows[0]?.alone === true) return true;
    // In this order: whoever leaves after us must not take us for somebody who stays.
    await keeper.query('select pg_advisory_unlock_shared($1)', [inUse]);
    await keeper.query('select pg_advisory_unlock($1)', [turn]);
    return false;
  } catch {
    // The connection is gone, so most likely the server is. One that another process has started since is not ours to stop.
    return false;
  }
}
