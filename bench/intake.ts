import { coreDecisions } from './core.ts';
import { type BenchDatabase, openBenchDatabase, walBytes, writtenRows } from './database.ts';
import { type Environment, environment } from './environment.ts';
import { leadBody, leadRequest } from './lead.ts';
import { type LoadResult, load } from './load.ts';
import { prefill } from './prefill.ts';
import { rowLimit } from './row-limit.ts';
import { type ServerUnderTest, startServer } from './servers.ts';

export interface IntakeOptions {
  /** One turn of one server at one number of connections. */
  readonly seconds: number;
  /** Tickets that are there before it is measured; 0: only an empty database. */
  readonly stored: number;
  readonly turns: number;
  /** Hears what is being done. */
  readonly tell: (line: string) => void;
}

export interface Figures {
  readonly accepted_per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

type ByConnections = Readonly<Record<'10' | '100', Figures>>;

/** The report of a run. With `--stored`, all figures are those with so many tickets stored, and `empty` those before. */
export interface IntakeReport {
  readonly ours: ByConnections;
  readonly baseline: ByConnections;
  readonly ratio_10: number;
  readonly ratio_100: number;
  /** Rows that we write a second at 100 connections, against rows that the same PostgreSQL takes in plain inserts. */
  readonly row_limit_share: number;
  readonly row_limit_per_s: number;
  readonly rows_per_ticket: number;
  readonly row_bytes: number;
  readonly core_decisions_per_s: number;
  /** Write-ahead log. */
  readonly bytes_per_ticket: number;
  readonly acknowledged: number;
  readonly stored: number;
  readonly baseline_acknowledged: number;
  readonly baseline_stored: number;
  readonly prefilled: number;
  /** What is left of the empty database's speed; null without `--stored`. */
  readonly of_empty: { readonly '10': number; readonly '100': number } | null;
  readonly empty: { readonly ours: ByConnections; readonly baseline: ByConnections } | null;
  readonly seconds: number;
  readonly turns: number;
  readonly environment: Environment;
}

type Name = 'ours' | 'baseline';
const names: readonly Name[] = ['baseline', 'ours'];
const connectionCounts = [10, 100] as const;

/** Measures intake: ours and the baseline in turns, on one PostgreSQL. Throws where acknowledged and stored differ. */
export async function benchIntake(options: IntakeOptions): Promise<IntakeReport> {
  const { tell } = options;
  const database = await openBenchDatabase();
  const servers: ServerUnderTest[] = [];
  try {
    tell('core decisions without I/O');
    const core = await coreDecisions(Math.min(2_000, options.seconds * 1_000));
    const start = async (name: Name): Promise<Contestant> => {
      const env = { BENCH_DATABASE_URL: database.urls[name], BENCH_DATA_FOLDER: database.dataFolder };
      const server = await startServer(name === 'ours' ? 'ours.ts' : 'baseline/server.ts', env);
      servers.push(server);
      return { name, server, acknowledged: 0, walBytes: 0, sent: 0 };
    };
    const contestants = [await start('baseline'), await start('ours')];
    for (const { server } of contestants) server.pause();
    tell('both warm up');
    for (const each of contestants)
      await takeTurn(database, each, 100, options.seconds * warmUpTurns * 1_000);

    let measured = await measure(database, contestants, options);
    const rows = await writtenRows(database);
    const tickets = await storedBy('ours', database);
    let empty: typeof measured | null = null;
    if (options.stored > 0) {
      empty = measured;
      for (const name of names) await prefill(name, options.stored, database, tell);
      measured = await measure(database, contestants, options);
    }
    const [baseline, ours] = contestants as [Contestant, Contestant];
    const rowsPerTicket = rows.rows / tickets;
    const rowBytes = rows.bytes / rows.rows;
    tell(`row limit: plain inserts of ${Math.round(rowBytes)} bytes`);
    const limit = await rowLimit(database.urls.plain, Math.round(rowBytes), options.seconds * 1_000);
    for (const server of servers.splice(0)) await server.stop();

    const report: IntakeReport = {
      ...measured,
      ratio_10: ratio(measured, '10'),
      ratio_100: ratio(measured, '100'),
      row_limit_share: round((measured.ours['100'].accepted_per_s * rowsPerTicket) / limit, 3),
      row_limit_per_s: Math.round(limit),
      rows_per_ticket: round(rowsPerTicket, 2),
      row_bytes: Math.round(rowBytes),
      core_decisions_per_s: Math.round(core),
      bytes_per_ticket: Math.round(ours.walBytes / ours.acknowledged),
      acknowledged: ours.acknowledged,
      stored: (await storedBy('ours', database)) - options.stored,
      baseline_acknowledged: baseline.acknowledged,
      baseline_stored: (await storedBy('baseline', database)) - options.stored,
      prefilled: options.stored,
      of_empty: empty && {
        '10': round(measured.ours['10'].accepted_per_s / empty.ours['10'].accepted_per_s, 3),
        '100': round(measured.ours['100'].accepted_per_s / empty.ours['100'].accepted_per_s, 3),
      },
      empty,
      seconds: options.seconds,
      turns: options.turns,
      environment: await environment(database),
    };
    requireCounted(report);
    return report;
  } finally {
    for (const server of servers) await server.stop().catch(() => {});
    await database.stop();
  }
}

interface Contestant {
  readonly name: Name;
  readonly server: ServerUnderTest;
  acknowledged: number;
  walBytes: number;
  /** Numbers the leads. */
  sent: number;
}

async function measure(
  database: BenchDatabase,
  contestants: readonly Contestant[],
  { seconds, turns, tell }: IntakeOptions,
): Promise<Record<Name, ByConnections>> {
  const results = new Map<string, LoadResult[]>();
  for (let turn = 0; turn < turns; turn += 1) {
    for (const connections of connectionCounts) {
      // Who goes first changes from turn to turn.
      for (const contestant of turn % 2 === 0 ? contestants : contestants.toReversed()) {
        const result = await takeTurn(database, contestant, connections, seconds * 1_000);
        const key = `${contestant.name} ${connections}`;
        results.set(key, [...(results.get(key) ?? []), result]);
        tell(`${key} connections: ${Math.round(result.accepted / seconds)} accepted/s`);
      }
    }
  }
  const of = (name: Name) => ({
    '10': figures(results.get(`${name} 10`) ?? []),
    '100': figures(results.get(`${name} 100`) ?? []),
  });
  return { ours: of('ours'), baseline: of('baseline') };
}

/** Of a turn, before it is measured: pools connect again, and statements are prepared. */
const warmUpShare = 0.3;
/** Turns that each runs before any is measured: the compiler has most to do in the first tens of thousands of requests. */
const warmUpTurns = 3;

/** One turn: a checkpoint, so that nobody pays for what another wrote; a warm-up that counts as stored and not as speed; the time itself. */
async function takeTurn(database: BenchDatabase, to: Contestant, connections: number, ms: number) {
  await database.ask('ours', 'checkpoint');
  to.server.resume();
  const wal = await walBytes(database);
  const next = () => leadRequest('/in/leads', leadBody(to.name, to.sent++));
  const send = async (forMs: number) => {
    const result = await load({ port: to.server.port, connections, ms: forMs, next });
    to.acknowledged += result.acknowledged;
    if (Object.keys(result.refused).length > 0) {
      throw new Error(`${to.name} refused triggers: ${JSON.stringify(result.refused)} (by status)`);
    }
    return result;
  };
  await send(ms * warmUpShare);
  const result = await send(ms);
  to.walBytes += (await walBytes(database)) - wal;
  to.server.pause();
  return result;
}

function figures(results: readonly LoadResult[]): Figures {
  const elapsedMs = results.reduce((sum, each) => sum + each.elapsedMs, 0);
  const accepted = results.reduce((sum, each) => sum + each.accepted, 0);
  const latencies = Float64Array.from(results.flatMap((each) => each.latencies)).sort();
  const at = (share: number) => round(latencies[Math.floor(latencies.length * share)] ?? Number.NaN, 2);
  return { accepted_per_s: Math.round(accepted / (elapsedMs / 1_000)), p50_ms: at(0.5), p99_ms: at(0.99) };
}

function ratio(measured: Record<Name, ByConnections>, connections: '10' | '100'): number {
  return round(measured.ours[connections].accepted_per_s / measured.baseline[connections].accepted_per_s, 2);
}

async function storedBy(name: Name, { ask }: BenchDatabase): Promise<number> {
  // Ours opens tickets of its own where it finds something, such as that its workers stood still between turns.
  const table = name === 'ours' ? `ticket where source = 'leads'` : 'lead_ticket';
  const [row] = await ask<{ count: string }>(name, `select count(*) from ${table}`);
  return Number(row?.count);
}

function requireCounted(report: IntakeReport): void {
  const { acknowledged, stored, baseline_acknowledged, baseline_stored } = report;
  if (acknowledged === stored && baseline_acknowledged === baseline_stored) return;
  throw new Error(
    `acknowledged and stored differ: ours ${acknowledged} and ${stored}, baseline ${baseline_acknowledged} and ${baseline_stored}`,
  );
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
