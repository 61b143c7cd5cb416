import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type BenchDatabase, openBenchDatabase } from './database.ts';
import { type Environment, environment } from './environment.ts';
import { baselineBacklog, ourBacklog, projectFor } from './handoff/backlog.ts';
import { type ServerUnderTest, startServer } from './servers.ts';

export interface HandoffOptions {
  readonly seconds: number;
  readonly turns: number;
  /** Hears what is being done. */
  readonly tell: (line: string) => void;
}

export interface HandoffFigures {
  /** Read back, compared, confirmed and recorded; null: it does not do that. */
  readonly proven_per_s: number | null;
  /** Answered with a 2xx, and marked as done. */
  readonly delivered_per_s: number;
}

export interface HandoffReport {
  readonly ours: HandoffFigures & { readonly proven_per_s: number };
  /** The service that a good engineer writes in a day: pg-boss's own worker, each delivery marked. */
  readonly baseline: HandoffFigures;
  /** The least that pg-boss can do it with: fetched and completed fifty at a time by hand, nothing marked anywhere. */
  readonly baseline_tuned: HandoffFigures;
  /** Handoffs proven by us, for each that the baseline delivers. */
  readonly ratio: number;
  /** Made at the targets, and how many handoffs there were: equal, or the run fails. */
  readonly effects: number;
  readonly expected: number;
  readonly seconds: number;
  readonly turns: number;
  readonly environment: Environment;
}

type Name = 'ours' | 'baseline' | 'tuned';

const scripts: Readonly<Record<Name, string>> = {
  ours: 'handoff/ours.ts',
  baseline: 'handoff/baseline.ts',
  tuned: 'handoff/baseline-tuned.ts',
};
/** The tuned one has the database that nothing else of this bench uses. */
const databases = { ours: 'ours', baseline: 'baseline', tuned: 'plain' } as const;

/** Handoffs in a backlog for each second asked for; about as many as the slower one delivers. */
const backlogPerSecond = 800;
/** Worked off by each before anything is measured, at most: Node compiles what is hot only then. */
const warmUp = 3_000;

const openJobs = `select exists (select from pgboss.job where name = 'deliver' and state < 'completed') as open`;
const open: Readonly<Record<Name, string>> = {
  ours: `select exists (select from handoff where state in ('ready', 'confirming'))
    or exists (select from handoff where state in ('awaiting_approval', 'waiting', 'attempting')) as open`,
  baseline: openJobs,
  tuned: openJobs,
};

/**
 * Measures handoffs: the same backlog, worked off by ours to a proven outcome and by the baseline to a 2xx, in turns, on one
 * PostgreSQL, at a target each. Throws where a target has not exactly one effect for each handoff.
 */
export async function benchHandoff({ seconds, turns, tell }: HandoffOptions): Promise<HandoffReport> {
  const database = await openBenchDatabase();
  const running: ServerUnderTest[] = [];
  const folders: string[] = [];
  const start = async (script: string, env: Record<string, string>) => {
    const server = await startServer(script, env);
    running.push(server);
    return server;
  };
  try {
    const contestant = async (name: Name) => {
      const target = await start('handoff/target.ts', {});
      const targetUrl = `http://127.0.0.1:${target.port}`;
      const project = await projectFor(targetUrl);
      folders.push(project);
      const server = await start(scripts[name], {
        BENCH_DATABASE_URL: database.urls[databases[name]],
        BENCH_DATA_FOLDER: database.dataFolder,
        BENCH_PROJECT: project,
        BENCH_TARGET_URL: targetUrl,
      });
      server.pause();
      return { name, targetUrl, project, server, seconds: 0, made: 0 };
    };
    type Contestant = Awaited<ReturnType<typeof contestant>>;
    const contestants = [await contestant('baseline'), await contestant('tuned'), await contestant('ours')];
    const workOff = async (to: Contestant, count: number) => {
      const run = `${to.name}-${to.made}`;
      if (to.name === 'ours') await ourBacklog(database.urls.ours, to.project, run, count);
      else await baselineBacklog(database.urls[databases[to.name]], run, count);
      await database.ask('ours', 'checkpoint');
      const began = performance.now();
      to.server.resume();
      await untilDone(database, to);
      const took = (performance.now() - began) / 1_000;
      to.server.pause();
      to.made += count;
      return took;
    };
    const count = Math.ceil(seconds * backlogPerSecond);
    for (const each of contestants) await workOff(each, Math.min(warmUp, count));
    for (let turn = 0; turn < turns; turn += 1) {
      for (const each of turn % 2 === 0 ? contestants : contestants.toReversed()) {
        const took = await workOff(each, count);
        each.seconds += took;
        tell(`${each.name}: ${Math.round(count / took)} a second`);
      }
    }
    const [baseline, tuned, ours] = contestants as [Contestant, Contestant, Contestant];
    const expected = contestants.reduce((sum, { made }) => sum + made, 0);
    const effects = (await Promise.all(contestants.map(({ targetUrl }) => effectsAt(targetUrl)))).reduce(
      (sum, each) => sum + each,
    );
    if (effects !== expected) throw new Error(`${expected} handoffs had ${effects} effects`);
    const [row] = await database.ask<{ proven: number }>(
      'ours',
      `select count(*)::int as proven from outcome where state = 'confirmed'`,
    );
    if (row?.proven !== ours.made) throw new Error(`${row?.proven} of ${ours.made} handoffs were proven`);
    const rate = (of: Contestant) => Math.round((count * turns) / of.seconds);
    return {
      // What we deliver is proven before anybody calls it delivered.
      ours: { proven_per_s: rate(ours), delivered_per_s: rate(ours) },
      baseline: { proven_per_s: null, delivered_per_s: rate(baseline) },
      baseline_tuned: { proven_per_s: null, delivered_per_s: rate(tuned) },
      ratio: Number((rate(ours) / rate(baseline)).toFixed(2)),
      effects,
      expected,
      seconds,
      turns,
      environment: await environment(database),
    };
  } finally {
    for (const server of running.toReversed()) await server.stop().catch(() => {});
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    await database.stop();
  }
}

async function untilDone(
  { ask }: BenchDatabase,
  { name, server }: { name: Name; server: ServerUnderTest },
): Promise<void> {
  for (;;) {
    server.assertRuns();
    const [row] = await ask<{ open: boolean }>(databases[name], open[name]);
    if (row?.open === false) return;
    await wait(20);
  }
}

async function effectsAt(url: string): Promise<number> {
  return ((await (await fetch(`${url}/effects`)).json()) as { effects: number }).effects;
}

/** The report for a person at a terminal. */
export function handoffBenchText(report: HandoffReport): string {
  const { ours, baseline, baseline_tuned: tuned, ratio, effects, expected, environment: where } = report;
  return `${[
    `ours, proven a second            ${ours.proven_per_s}`,
    `baseline, delivered a second     ${baseline.delivered_per_s}`,
    `baseline, tuned by hand          ${tuned.delivered_per_s}`,
    `ratio                            ${ratio}`,
    `effects, expected                ${effects} ${expected}`,
    '',
    `${where.cores} × ${where.cpu}, Node ${where.node}, PostgreSQL ${where.postgres}, pg-boss ${where.versions['pg-boss']}, load ${where.load_average}`,
  ].join('\n')}\n`;
}
