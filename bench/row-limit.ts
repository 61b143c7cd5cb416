import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import pg from 'pg';

/**
 * Rows a second that this PostgreSQL takes from this process in plain inserts: 100 rows of `bytes` bytes a statement, each
 * a transaction of its own, prepared, into a table with nothing but a primary key. The best of one, two and four connections.
 */
export async function rowLimit(url: string, bytes: number, ms: number): Promise<number> {
  const setup = new pg.Client(url);
  await setup.connect();
  await setup.query(
    'drop table if exists plain; create table plain (id bigint primary key, body text not null)',
  );
  await setup.end();
  // What a row has beside its text: the tuple's own header and the key.
  const body = randomBytes(bytes)
    .toString('hex')
    .slice(0, Math.max(1, bytes - 36));
  let nextId = 0;
  let best = 0;
  for (const connections of [1, 2, 4]) {
    const clients = Array.from({ length: connections }, () => new pg.Client(url));
    await Promise.all(clients.map((client) => client.connect()));
    const began = performance.now();
    let rows = 0;
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() - began < ms) {
          const values = Array.from({ length: 100 }, () => [nextId++, body]).flat();
          await client.query({ name: 'plain', text: insert100, values });
          rows += 100;
        }
      }),
    );
    best = Math.max(best, rows / ((performance.now() - began) / 1_000));
    await Promise.all(clients.map((client) => client.end()));
  }
  return best;
}

const insert100 = `insert into plain (id, body) values ${Array.from(
  { length: 100 },
  (_, row) => `($${2 * row + 1}, $${2 * row + 2})`,
).join(', ')}`;
