import { createHmac } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PgBoss } from 'pg-boss';
import { type BenchDatabase, openBenchDatabase } from '../../bench/database.ts';
import { projectFor } from '../../bench/handoff/backlog.ts';
import { leadBody, secret } from '../../bench/lead.ts';
import { type ServerUnderTest, startServer } from '../../bench/servers.ts';
import { type OutageFigures, type OutageTarget, startOutageTarget } from './outage-target.ts';

/**
 * A target is out under load: first it answers 503 with `Retry-After`, then it refuses connections, each for half of the
 * time. Keeps account of what was acknowledged against what arrived, when, and how hard the target was hit on its return.
 *
 *     node test/simulation/outage.ts --seconds 300 --rate 20 [--baseline]
 *
 * The baseline is bench/handoff/baseline.ts: pg-boss with eight retries and a doubling delay. Its jobs are put into its queue
 * as its service would, in the same rhythm.
 */

export interface OutageReport {
  readonly seconds: number;
  readonly ratePerSecond: number;
  /** `exceptions`: of handoffs; what detection tells of an outage is as it should be. */
  readonly ours: OutageFigures & { readonly exceptions: number };
  readonly baseline: OutageFigures | null;
  /** What should not be, of ours; empty. */
  readonly findings: readonly string[];
}

interface Options {
  readonly seconds: number;
  readonly rate: number;
  readonly baseline: boolean;
  readonly say?: (line: string) => void;
}

const beforeMs = 3_000;
const afterMs = 3_000;
/** From the return until everything that was acknowledged has arrived. */
const drainedWithinMs = 170_000;
/** What pg-boss may take for a job that waits for its last retry. */
const baselineWithinMs = 120_000;

/** Takes one lead; true: it was acknowledged. */
type Take = (n: number) => Promise<boolean>;

export async function simulateOutage(options: Options): Promise<OutageReport> {
  const { seconds, rate, say = () => {} } = options;
  const database = await openBenchDatabase();
  const closing: (() => Promise<unknown>)[] = [() => database.stop()];
  try {
    const ours = await startOutageTarget();
    const theirs = options.baseline ? await startOutageTarget() : null;
    closing.push(async () => await Promise.all([ours.close(), theirs?.close()]));
    const take = await startOurs(database, ours.url, closing);
    const offer = theirs === null ? null : await startBaseline(database, theirs.url, closing);
    const run = async (target: OutageTarget, one: Take, withinMs: number) =>
      await underLoad(target, one, { ...options, withinMs, say });
    const [figures, baseline] = await Promise.all([
      run(ours, take, drainedWithinMs),
      theirs === null || offer === null ? null : run(theirs, offer, baselineWithinMs),
    ]);
    const [row] = await database.ask<{ count: number }>(
      'ours',
      'select count(*)::int as count from exception where handoff_seq is not null',
    );
    const exceptions = row?.count ?? 0;
    const findings = findingsOf(figures, exceptions);
    return { seconds, ratePerSecond: rate, ours: { ...figures, exceptions }, baseline, findings };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Load before, during and after the outage, then until all has arrived or its time is over. */
async function underLoad(
  target: OutageTarget,
  take: Take,
  {
    seconds,
    rate,
    withinMs,
    say,
  }: Options & { readonly withinMs: number; readonly say: (line: string) => void },
): Promise<OutageFigures> {
  let acknowledged = 0;
  let stopped = false;
  const sending = (async () => {
    const from = performance.now();
    const under = new Set<Promise<unknown>>();
    for (let n = 0; !stopped; n += 1) {
      const dueMs = from + (n * 1_000) / rate - performance.now();
      if (dueMs > 0) await wait(dueMs);
      // What is not acknowledged is no promise.
      const one = take(n)
        .catch(() => false)
        .then((yes) => {
          if (yes) acknowledged += 1;
        });
      under.add(one);
      void one.finally(() => under.delete(one));
    }
    await Promise.all(under);
  })();
  await wait(beforeMs);
  target.answer503();
  await wait(seconds * 500);
  await target.refuse();
  await wait(seconds * 500);
  const waiting = acknowledged - target.arrived();
  await target.comeBack();
  await wait(afterMs);
  stopped = true;
  await sending;
  const giveUpAt = performance.now() + withinMs;
  while (target.arrived() < acknowledged && performance.now() < giveUpAt) await wait(50);
  const figures = target.figures(acknowledged, waiting);
  say(JSON.stringify(figures));
  return figures;
}

async function startOurs(
  database: BenchDatabase,
  targetUrl: string,
  closing: (() => Promise<unknown>)[],
): Promise<Take> {
  const project = await projectFor(targetUrl);
  closing.push(() => rm(project, { recursive: true, force: true }));
  const server = await started(closing, 'handoff/ours.ts', {
    BENCH_DATABASE_URL: database.urls.ours,
    BENCH_DATA_FOLDER: database.dataFolder,
    BENCH_PROJECT: project,
  });
  return async (n) => {
    const body = leadBody('outage', n);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const response = await fetch(`http://127.0.0.1:${server.port}/in/leads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
      body: new Uint8Array(body),
    });
    await response.text();
    return response.status === 202;
  };
}

async function startBaseline(
  database: BenchDatabase,
  targetUrl: string,
  closing: (() => Promise<unknown>)[],
): Promise<Take> {
  const worker = { BENCH_DATABASE_URL: database.urls.baseline, BENCH_TARGET_URL: targetUrl };
  await started(closing, 'handoff/baseline.ts', worker);
  const boss = new PgBoss({
    connectionString: database.urls.baseline,
    max: 2,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => {});
  await boss.start();
  closing.push(() => boss.stop({ graceful: false }));
  return async (n) => {
    const { name, project_type, lead_id, budget } = JSON.parse(leadBody('outage', n).toString());
    const data = { name: `Lead ${name}`, type: project_type, lead: lead_id, budget };
    return (await boss.send('deliver', data)) !== null;
  };
}

async function started(
  closing: (() => Promise<unknown>)[],
  script: string,
  env: Record<string, string>,
): Promise<ServerUnderTest> {
  const server = await startServer(script, env);
  closing.push(() => server.stop());
  return server;
}

/** Within so long after its return the first request goes to it, and all that waited has arrived. */
const resumeWithinMs = 6_000;

function findingsOf(figures: OutageFigures, exceptions: number): string[] {
  const { lost, twice, tooSoon, resumedAfterMs, requestsAtOnceAllowed, requestsAtOnce } = figures;
  return [
    ...(lost > 0 ? [`${lost} that were acknowledged did not arrive`] : []),
    ...(twice > 0 ? [`${twice} arrived twice`] : []),
    ...(tooSoon > 0 ? [`${tooSoon} requests came before the time that the target had asked for`] : []),
    ...(exceptions > 0 ? [`${exceptions} exceptions, for an outage that passed`] : []),
    ...(resumedAfterMs === null || resumedAfterMs > resumeWithinMs
      ? [`it resumed after ${resumedAfterMs} ms`]
      : []),
    ...requestsAtOnce.flatMap((count, step) =>
      count > (requestsAtOnceAllowed[step] ?? 0)
        ? [`${count} requests at once in step ${step} after the return`]
        : [],
    ),
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, rate: { type: 'string' }, baseline: { type: 'boolean' } },
  });
  const report = await simulateOutage({
    seconds: Number(values.seconds ?? 4),
    rate: Number(values.rate ?? 20),
    baseline: values.baseline === true,
  });
  console.log(JSON.stringify(report, null, 2));
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}
