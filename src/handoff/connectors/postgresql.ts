import pg from 'pg';
import type { AttemptOutcome } from '../handoff.ts';
import { addressOf } from './address.ts';
import { trusted } from './exchange.ts';
import type { Sending } from './http.ts';
import { readTableOperation, type TableOperation } from './operations.ts';
import { broken, notSent, silent, taken } from './outcome.ts';

/**
 * Writes or reads one row of a table: `upsert crm.leads (lead_id)` with the columns as body, `select crm.leads (lead_id)`
 * with the key as arguments. The row goes as one JSON parameter that PostgreSQL itself turns into the table's types;
 * names are quoted. An upsert by its key has the same effect however often it is made. One connection an attempt, TLS
 * verified unless the address says `sslmode=disable`.
 */
export async function askDatabase(sending: Sending): Promise<AttemptOutcome> {
  const { destination, request, secret } = sending;
  const operation = readTableOperation(request.operation);
  const address = addressIn(secret ?? '');
  if (address === null) {
    return notSent(
      `The credential of ${destination.key} is no address of a database: write postgres://user:password@host/name`,
      { final: true },
    );
  }
  if (operation === null)
    return silent('rejected', `${request.operation} is no operation of ${destination.key}`);
  let client: pg.Client | null = null;
  let sent = false;
  try {
    client = await clientFor(sending, address);
    // What breaks while nobody asks is told by the next question.
    client.on('error', () => {});
    await client.connect();
    sending.signal?.throwIfAborted();
    sent = true;
    const { text, values } =
      operation.verb === 'upsert' ? upsert(operation, request.body) : select(operation, request.path);
    const { rows } = await client.query<{ record: unknown }>(text, values);
    return judge(destination.key, operation, rows);
  } catch (error) {
    return failed(destination.key, address.host, error, { sent, timeoutMs: sending.timeoutMs });
  } finally {
    client?.end().catch(() => {});
  }
}

function addressIn(secret: string): URL | null {
  const url = URL.canParse(secret) ? new URL(secret) : null;
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '' ? url : null;
}

async function clientFor({ destination, ca = [], timeoutMs }: Sending, url: URL): Promise<pg.Client> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const plain = url.searchParams.get('sslmode') === 'disable';
  return new pg.Client({
    host: await addressOf(host, destination.allowPrivate),
    port: Number(url.port) || 5432,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ssl: plain
      ? false
      : { servername: host, rejectUnauthorized: true, ...(ca.length > 0 && { ca: trusted(ca) }) },
    connectionTimeoutMillis: destination.timeouts.connectMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    application_name: 'signalbox',
  });
}

function upsert({ table, key }: TableOperation, body: unknown) {
  const columns = Object.keys(body as object);
  const names = columns.map(quoted).join(', ');
  const changed = columns.filter((column) => !key.includes(column));
  // Where the key is all there is, its row is still given back.
  const set = (changed.length > 0 ? changed : key).map(
    (column) => `${quoted(column)} = excluded.${quoted(column)}`,
  );
  const text = `insert into ${named(table)} as t (${names})
    select ${names} from json_populate_record(null::${named(table)}, $1::json)
    on conflict (${key.map(quoted).join(', ')}) do update set ${set.join(', ')}
    returning to_jsonb(t) as record`;
  return { text, values: [JSON.stringify(body)] };
}

function select({ table, key }: TableOperation, path: string) {
  const asked = new URLSearchParams(path);
  const conditions = key.map((column, index) => `t.${quoted(column)} = $${index + 1}`);
  const text = `select to_jsonb(t) as record from ${named(table)} as t where ${conditions.join(' and ')} limit 2`;
  return { text, values: key.map((column) => asked.get(column)) };
}

function judge(
  destination: string,
  { verb }: TableOperation,
  rows: readonly { record: unknown }[],
): AttemptOutcome {
  const [row] = rows;
  if (verb === 'upsert' && row !== undefined) return taken(`${destination} holds the row`, row.record);
  if (verb === 'upsert')
    return silent(
      'unknown',
      `${destination} gave no row back: a trigger or a rule of it may have swallowed it`,
    );
  if (row === undefined) return { ...silent('rejected', `${destination} has no such row`), status: 404 };
  if (rows.length > 1) return silent('rejected', `${destination} has several such rows: the key is not one`);
  return taken(`${destination} holds the row`, row.record);
}

/** By the class of PostgreSQL's code. Its own words may hold values: they stay with the attempt. */
function failed(
  destination: string,
  host: string,
  error: unknown,
  at: { readonly sent: boolean; readonly timeoutMs: number },
): AttemptOutcome {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (!/^[0-9A-Z]{5}$/.test(code) || !(error instanceof pg.DatabaseError))
    return broken(destination, host, error, at);
  if (/^28|^3D/.test(code))
    return notSent(`The credential of ${destination} is refused (${code})`, { final: true });
  // Rolled back, or never begun: nothing of it stands.
  if (/^40|^53|^55|^57|^08/.test(code))
    return silent('not_sent', `${destination} cannot take it now (${code})`, message);
  return silent('rejected', `${destination} refused it (${code})`, message);
}

function named(table: readonly string[]): string {
  return table.map(quoted).join('.');
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""').replaceAll('\0', '')}"`;
}
