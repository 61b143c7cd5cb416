import { Socket } from 'node:net';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { limits } from '../limits.ts';
import { PreparingClient } from './prepared.ts';
import type { Database } from './schema.ts';

/** A pool of connections, and the same pool with types. */
export interface Connection {
  readonly pool: pg.Pool;
  readonly db: Kysely<Database>;
  close(): Promise<void>;
}

/**
 * Has a connection find its rows by their indexes. A statement that is prepared keeps the plan that was made for a table as it
 * was then: made for a small one, it would read a large one whole, each time, until somebody analyses it.
 */
const byIndex = ['seqscan', 'hashjoin', 'mergejoin', 'bitmapscan']
  .map((way) => `-c enable_${way}=off`)
  .join(' ');

/**
 * Opens a pool. Nothing is connected yet: the first query says whether the address is right.
 * Every wait is bounded (limits.ts). `byIndex`: for statements that are met again and again and name their rows. `onError` hears of connections that broke while idle; the pool replaces them.
 */
export function connect(
  url: string,
  options: { max?: number; byIndex?: boolean; onError?: (error: Error) => void } = {},
): Connection {
  const pool = new pg.Pool({
    connectionString: url,
    Client: PreparingClient,
    max: options.max ?? limits.connectionsMax,
    application_name: 'signalbox',
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    keepAlive: true,
    ...(options.byIndex && { options: byIndex }),
    stream: boundedSocket,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  let closing = false;
  // Without a listener a connection that breaks while idle would end the process.
  pool.on('error', (error) => {
    if (!closing) options.onError?.(error);
  });
  // So would one that breaks between two statements of a transaction: the next statement fails, and that is enough.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    closing = true;
    await db.destroy();
    // Kysely ends a pool only once it has used it.
    if (!pool.ending) await pool.end();
  };
  return { pool, db, close };
}

/**
 * A socket that ends when nothing at all has come or gone for limits.databaseSilentMs. The server itself ends what takes
 * too long; this is for one that hangs, or a network that swallows. Who waits gets an error, and the connection is gone:
 * a query that was merely given up would leave its transaction behind for the next.
 */
function boundedSocket(): Socket {
  const socket = new Socket();
  const silent = () => socket.destroy(new Error('Connection to the database timed out: it says nothing'));
  return socket.setTimeout(limits.databaseSilentMs, silent);
}

/** bigint comes as a number: every bigint that is stored here is a duration or a count, far below 2^53. */
function parserOf(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.INT8 && format !== 'binary') return Number;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
}
