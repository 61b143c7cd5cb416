import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type TestProject, testProject } from '../support/project.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { startTarget, type Target } from '../support/target.ts';
import { findings, type Sent, signalPostgres, unfinished } from './account.ts';
import { seeded } from './random.ts';
import { senderCount, startSenders } from './senders.ts';

/**
 * Kills the server, or PostgreSQL under it, at random moments of a load, again and again, and keeps account:
 * what was acknowledged is stored once, has one effect, and the record is whole.
 *
 *     node test/simulation/kill.ts --rounds 20 [--seed N]
 */

export interface KillReport {
  readonly seed: number;
  readonly rounds: readonly Round[];
  /** Triggers that were acknowledged, and how often each answer came. */
  readonly acknowledged: number;
  readonly answers: Readonly<Record<string, number>>;
  /** From the last restart until no ticket waited for anything. */
  readonly settledMs: number;
  /** What should not be; empty. */
  readonly findings: readonly string[];
}

interface Round {
  readonly victim: Victim;
  /** After so many acknowledgements in this round. */
  readonly after: number;
  /** From the kill until what was sent after it is acknowledged. */
  readonly backMs: number;
}

/** SIGQUIT is what `pg_ctl stop -m immediate` sends. */
type Victim = 'server' | 'postgres SIGKILL' | 'postgres SIGQUIT' | 'server and postgres';
const victims: readonly Victim[] = ['server', 'postgres SIGKILL', 'server and postgres', 'postgres SIGQUIT'];

const backWithinMs = 60_000;
const settledWithinMs = 120_000;

export async function simulateKills(options: {
  readonly rounds: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}): Promise<KillReport> {
  const { rounds, seed, say = () => {} } = options;
  const random = seeded(seed);
  const target = await startTarget();
  const project = await testProject(target.url);
  let server = await startServer(project.root);
  const sent: Sent = { acknowledged: new Map(), answers: {}, contradictions: [] };
  const senders = startSenders(() => server.url, sent, seed);
  const done: Round[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      // Each victim has its turn; when it is hit is random.
      const victim = victims[round % victims.length] ?? 'server';
      const after = random.between(1, 150);
      await acknowledgements(sent, after);
      const from = performance.now();
      server = await hit(victim, project, server);
      // One more than there are senders: the last of them was sent after the kill.
      await acknowledgements(sent, senderCount + 1);
      done.push({ victim, after, backMs: Math.round(performance.now() - from) });
      say(`round ${round + 1}: ${victim} after ${after}, back in ${done.at(-1)?.backMs} ms`);
    }
    await senders.stop();
    const settledMs = await settled(project);
    const found = await findings(project.root, server, sent, target);
    const { acknowledged, answers } = sent;
    return { seed, rounds: done, acknowledged: acknowledged.size, answers, settledMs, findings: found };
  } finally {
    await senders.stop();
    await end(server, project, target);
  }
}

/** Resolves when so many more triggers have been acknowledged. */
async function acknowledgements(sent: Sent, more: number): Promise<void> {
  const until = sent.acknowledged.size + more;
  const giveUpAt = performance.now() + backWithinMs;
  while (sent.acknowledged.size < until) {
    if (performance.now() > giveUpAt) throw new Error(`nothing was acknowledged for ${backWithinMs} ms`);
    await wait(1);
  }
}

/** The server that runs afterwards: PostgreSQL alone comes back by itself, under the same one. */
async function hit(victim: Victim, project: TestProject, server: ServerProcess): Promise<ServerProcess> {
  if (victim === 'postgres SIGKILL') await signalPostgres(project.root, 'SIGKILL');
  if (victim === 'postgres SIGQUIT') await signalPostgres(project.root, 'SIGQUIT');
  if (victim.startsWith('postgres')) return server;
  await Promise.all([
    server.kill(),
    victim === 'server and postgres' ? signalPostgres(project.root, 'SIGKILL') : null,
  ]);
  return await startServer(project.root);
}

async function settled(project: TestProject): Promise<number> {
  const from = performance.now();
  while ((await unfinished(project.root)) > 0) {
    if (performance.now() - from > settledWithinMs)
      throw new Error('tickets wait for something that does not come');
    await wait(100);
  }
  return Math.round(performance.now() - from);
}

async function end(server: ServerProcess, project: TestProject, target: Target): Promise<void> {
  await server.stop();
  await project.remove();
  await target.close();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const report = await simulateKills({ rounds: Number(values.rounds ?? 20), seed, say: console.log });
  console.log(JSON.stringify({ ...report, rounds: report.rounds.length }, null, 2));
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}
