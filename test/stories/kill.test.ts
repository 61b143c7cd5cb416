import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formToken, lead, type TestProject, testProject } from '../support/project.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Promise 1 and 6: a 2xx means committed, and one trigger has one effect; kill -9 at any moment changes neither. */

const minuteMs = 60_000;
const senders = 8;
let target: Target;
let project: TestProject;

beforeAll(async () => {
  target = await startTarget();
  project = await testProject(target.url);
});

afterAll(async () => {
  await project.remove();
  await target.close();
});

test('kill -9 during a load: nothing acknowledged is lost, every handoff arrives once, the record is whole', {
  timeout: 3 * minuteMs,
}, async () => {
  const acknowledged = new Map<string, string>();
  // After so many answers the server is killed: at once, in the middle of handoffs, under a backlog.
  for (const [round, answers] of [1, 30, 120].entries()) {
    const server = await startServer(project.root);
    await killAfter(server, answers, (id) => send(server, id), round, acknowledged);
  }
  const server = await startServer(project.root);
  try {
    expect(acknowledged.size).toBeGreaterThanOrEqual(151);
    await expect.poll(() => statesOf(server), { timeout: minuteMs, interval: 250 }).toEqual(['done']);
    for (const [id, ticketId] of acknowledged) {
      const ticket = (await get(server, `/api/tickets/${ticketId}`)) as { ticket: { identity: string } };
      expect(ticket.ticket.identity).toBe(id);
    }
    const leads = [...target.records.values()].map((record) => record.lead);
    expect(new Set(leads).size, 'no lead arrived twice').toBe(leads.length);
    expect(leads).toEqual(expect.arrayContaining([...acknowledged.keys()]));
    expect([...target.effects.values()].every((effects) => effects === 1)).toBe(true);
    expect(await get(server, '/api/audit/verify')).toMatchObject({ broken: null });
  } finally {
    await server.stop();
  }
});

/** Sends from several senders at once until `answers` have come, kills the server there, and keeps what was acknowledged. */
async function killAfter(
  server: ServerProcess,
  answers: number,
  deliver: (id: string) => Promise<string>,
  round: number,
  acknowledged: Map<string, string>,
): Promise<void> {
  let sent = 0;
  let answered = 0;
  let killed: Promise<void> | null = null;
  const sender = async () => {
    while (killed === null) {
      const id = `lead-${round}-${sent++}`;
      const ticketId = await deliver(id).catch(() => null);
      if (ticketId === null) continue;
      acknowledged.set(id, ticketId);
      answered += 1;
      if (answered === answers) killed = server.kill();
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  await killed;
}

async function send(server: ServerProcess, id: string): Promise<string> {
  const response = await fetch(`${server.url}/in/form`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${formToken}` },
    body: lead(id),
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { ticket: string }).ticket;
}

async function get(server: ServerProcess, path: string): Promise<unknown> {
  const { key } = JSON.parse(await readFile(join(project.root, '.signalbox/server.json'), 'utf8')) as {
    key: string;
  };
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

/** The states that tickets are in, each once. */
async function statesOf(server: ServerProcess): Promise<string[]> {
  const states = ['handoff', 'triage', 'exception', 'done', 'discarded', 'rejected'];
  const pages = await Promise.all(
    states.map(
      async (state) =>
        ((await get(server, `/api/tickets?state=${state}&limit=1`)) as { tickets: [] }).tickets,
    ),
  );
  return states.filter((_, index) => (pages[index]?.length ?? 0) > 0);
}
