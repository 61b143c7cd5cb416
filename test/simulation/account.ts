import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findPostmaster } from '../../src/db/postmaster.ts';
import type { ServerProcess } from '../support/server.ts';
import type { Target } from '../support/target.ts';

/** What senders remember. */
export interface Sent {
  /** Ticket by the lead's id. */
  readonly acknowledged: Map<string, string>;
  /** How often each status came; `no answer` where the connection broke. */
  readonly answers: Record<string, number>;
  /** Answers that should not be. */
  readonly contradictions: string[];
}

/** Signals the embedded PostgreSQL of a project: its postmaster, and to stop or go on all of its processes. */
export async function signalPostgres(
  root: string,
  signal: 'SIGKILL' | 'SIGQUIT' | 'SIGSTOP' | 'SIGCONT',
): Promise<void> {
  const found = await findPostmaster(join(root, '.signalbox/postgres'));
  if (found === null) return;
  const all = signal === 'SIGSTOP' || signal === 'SIGCONT' ? await childrenOf(found.pid) : [];
  for (const pid of [found.pid, ...all]) process.kill(pid, signal);
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}

/** Asks the API as the CLI does. */
async function ask(root: string, server: ServerProcess, path: string): Promise<unknown> {
  const { key } = JSON.parse(await readFile(join(root, '.signalbox/server.json'), 'utf8')) as { key: string };
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

/** How many tickets still wait for something to happen by itself. */
export async function unfinished(root: string): Promise<number> {
  const rows = await query<{ count: string }>(root, `select count(*) from ticket where state = 'handoff'`);
  return Number(rows[0]?.count);
}

/** Compares what was acknowledged with what is stored and what has arrived. Each finding is one that should not be. */
export async function findings(
  root: string,
  server: ServerProcess,
  sent: Sent,
  target: Target,
): Promise<string[]> {
  const found = [...sent.contradictions];
  const tickets = await query<{ id: string; identity: string; state: string }>(
    root,
    'select id, identity, state from ticket',
  );
  const stored = new Map(tickets.map(({ id, identity }) => [identity, id]));
  if (stored.size !== tickets.length) found.push(`${tickets.length - stored.size} tickets stand twice`);
  for (const [id, ticket] of sent.acknowledged) {
    if (stored.get(id) !== ticket)
      found.push(`${id} was acknowledged as ${ticket}, stored is ${stored.get(id)}`);
  }
  for (const { identity, state } of tickets) if (state !== 'done') found.push(`${identity} is ${state}`);
  const leads = [...target.records.values()].map(({ lead }) => String(lead));
  if (new Set(leads).size !== leads.length) found.push('a lead stands twice in the target');
  const arrived = new Set(leads);
  for (const id of sent.acknowledged.keys()) if (!arrived.has(id)) found.push(`${id} has not arrived`);
  for (const [key, times] of target.effects) if (times !== 1) found.push(`${key} had ${times} effects`);
  const verified = (await ask(root, server, '/api/audit/verify')) as { broken: unknown };
  if (verified.broken !== null) found.push(`the record is broken: ${JSON.stringify(verified.broken)}`);
  return found;
}

async function query<Row extends pg.QueryResultRow>(root: string, text: string): Promise<Row[]> {
  const record = JSON.parse(await readFile(join(root, '.signalbox/postgres.json'), 'utf8')) as {
    port: number;
    appPassword: string;
  };
  const client = new pg.Client(
    `postgres://signalbox_app:${record.appPassword}@127.0.0.1:${record.port}/signalbox`,
  );
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
