import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { insertEntries } from '../src/audit/store.ts';
import { connect } from '../src/db/connect.ts';
import { Batch } from '../src/db/rows.ts';
import { decide } from '../src/decide.ts';
import { insertExceptions } from '../src/exceptions/store.ts';
import { insertHandoffs } from '../src/handoff/store.ts';
import { readProjectFiles } from '../src/platform/project-files.ts';
import { noFacts, ofTicket, placeNew, rowsOf } from '../src/ticket/place.ts';
import { insertTickets } from '../src/ticket/store.ts';
import { loadProject } from '../src/workflow/load.ts';
import type { CompiledWorkflow } from '../src/workflow/workflow.ts';
import { openBenchDatabase } from './database.ts';
import { type Environment, environment } from './environment.ts';
import { leadBody } from './lead.ts';
import { startServer } from './servers.ts';

export interface PlanOptions {
  readonly tickets: number;
  /** Hears what is being done. */
  readonly tell: (line: string) => void;
}

/** One run of `signalbox plan` over a window. */
interface Window {
  readonly tickets: number;
  readonly changed: number;
  readonly seconds: number;
  readonly tickets_per_s: number;
  /** Most memory that was resident: the command with its threads, and the server that it reads from. Null off Linux. */
  readonly command_peak_mb: number | null;
  readonly server_peak_mb: number | null;
}

export interface PlanBenchReport {
  readonly small: Window;
  readonly large: Window;
  readonly environment: Environment;
}

const days = 30;
const dayMs = 86_400_000;
const project = fileURLToPath(new URL('project', import.meta.url));

/**
 * Measures `signalbox plan` as a pipeline runs it, against a server of its own: over three days, and over thirty with ten
 * times as many tickets. Throws where a ticket is not counted.
 */
export async function benchPlan({ tickets, tell }: PlanOptions): Promise<PlanBenchReport> {
  const database = await openBenchDatabase();
  const edited = await editedProject();
  try {
    const server = await startServer('ours.ts', {
      BENCH_DATABASE_URL: database.urls.ours,
      BENCH_DATA_FOLDER: database.dataFolder,
    });
    try {
      await record(database.urls.ours, tickets, tell);
      await database.ask('ours', 'vacuum analyze');
      const run = (since: string) => runPlan(edited, database.dataFolder, since);
      const small = await run(`${days / 10}d`);
      tell(`${small.tickets} tickets in ${small.seconds} s`);
      const large = await run(`${days + 1}d`);
      tell(`${large.tickets} tickets in ${large.seconds} s`);
      if (large.tickets !== tickets)
        throw new Error(`${large.tickets} of ${tickets} tickets were decided again`);
      return { small, large, environment: await environment(database) };
    } finally {
      await server.stop();
    }
  } finally {
    await rm(edited, { recursive: true, force: true });
    await database.stop();
  }
}

/** The project as somebody would deploy it: one check is stricter, one team is asked for less. */
async function editedProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-plan-'));
  await cp(project, folder, { recursive: true });
  const path = join(folder, 'workflows/leads.yaml');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('ticket.budget >= 500.0', 'ticket.budget >= 2500.0'));
  return folder;
}

const chunk = 500;

/** Makes tickets as intake would have made them, evenly over the last thirty days: decided, chained, with their handoffs and exceptions. */
async function record(url: string, tickets: number, tell: (line: string) => void): Promise<void> {
  const workflow = loadProject(await readProjectFiles(project)).project?.workflows.get('leads');
  if (workflow === undefined) throw new Error("the bench's project does not compile");
  const { db, close } = await connect(url);
  const began = Date.now() - days * dayMs;
  for (let from = 0; from < tickets; from += chunk) {
    const numbers = Array.from({ length: Math.min(chunk, tickets - from) }, (_, index) => from + index);
    const all = numbers.map((number) =>
      rowsOfLead(workflow, number, new Date(began + Math.floor((number / tickets) * days * dayMs))),
    );
    const batch = new Batch();
    await insertTickets(
      batch,
      all.flatMap(({ tickets: each }) => each),
      all.flatMap(({ payloads }) => payloads),
    );
    await insertEntries(
      batch,
      all.flatMap(({ entries }) => entries),
    );
    await insertHandoffs(
      batch,
      all.flatMap(({ handoffs }) => handoffs),
    );
    await insertExceptions(
      batch,
      all.flatMap(({ exceptions }) => exceptions),
    );
    await db.transaction().execute((tx) => batch.write(tx));
    if ((from / chunk) % 40 === 39) tell(`${from + chunk} of ${tickets} tickets recorded`);
  }
  await close();
}

/** Nine of ten are as intake is measured with; the tenth is of one of the kinds that stop. */
function rowsOfLead(workflow: CompiledWorkflow, number: number, now: Date) {
  const trigger = {
    source: 'leads',
    contentType: 'application/json',
    headers: { 'content-type': 'application/json', 'user-agent': 'signalbox-bench' },
    body: number % 10 === 0 ? changed(leadBody('plan', number), number / 10) : leadBody('plan', number),
  };
  const decision = ofTicket(decide(workflow, trigger, noFacts, now));
  return rowsOf(
    [placeNew({ workflow, trigger, delivery: null }, decision, now, randomBytes)],
    new Map(),
    now,
    randomBytes,
  );
}

function changed(body: Buffer, kind: number): Buffer {
  const lead = JSON.parse(body.toString()) as Record<string, unknown>;
  const changes = [
    { budget: 100 },
    { project_type: undefined },
    { project_type: 'brand', budget: 900 },
    { utm: {} },
  ];
  return Buffer.from(JSON.stringify({ ...lead, ...changes[kind % changes.length] }));
}

async function runPlan(folder: string, dataFolder: string, since: string): Promise<Window> {
  const { url, key, pid } = JSON.parse(await readFile(join(dataFolder, 'server.json'), 'utf8')) as {
    url: string;
    key: string;
    pid?: number;
  };
  await forgetPeak(pid);
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const began = performance.now();
  const child = execFile(process.execPath, [main, 'plan', '--json', '--since', since, '--project', folder], {
    env: { ...process.env, SIGNALBOX_URL: url, SIGNALBOX_KEY: key },
    maxBuffer: 64 * 1_048_576,
  });
  let output = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  child.stderr?.pipe(process.stderr);
  let peak: number | null = null;
  const look = setInterval(async () => {
    peak = (await peakMb(child.pid)) ?? peak;
  }, 100);
  const [code] = await once(child, 'close');
  clearInterval(look);
  if (code !== 0) throw new Error(`plan ended with ${code}`);
  const seconds = (performance.now() - began) / 1_000;
  const { tickets, counts } = JSON.parse(output) as { tickets: number; counts: { changed: number } };
  return {
    tickets,
    changed: counts.changed,
    seconds: Math.round(seconds * 100) / 100,
    tickets_per_s: Math.round(tickets / seconds),
    command_peak_mb: peak,
    server_peak_mb: await peakMb(pid),
  };
}

/** Of a process on Linux; null elsewhere, and where it has ended. */
async function peakMb(pid: number | undefined): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kb === undefined ? null : Math.round(Number(kb) / 1_024);
}

async function forgetPeak(pid: number | undefined): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => {});
}

/** The report for a person at a terminal. */
export function planBenchText({
  small,
  large,
  environment: { cores, cpu, node, postgres, load_average },
}: PlanBenchReport): string {
  const row = (label: string, cells: readonly (string | number | null)[]) =>
    `${label.padEnd(26)}${cells.map((cell) => String(cell ?? '-').padStart(14)).join('')}`;
  return `${[
    row('window', ['3 days', '30 days']),
    row('tickets decided again', [small.tickets, large.tickets]),
    row('of which would change', [small.changed, large.changed]),
    row('seconds', [small.seconds, large.seconds]),
    row('tickets a second', [small.tickets_per_s, large.tickets_per_s]),
    row('peak MB, the command', [small.command_peak_mb, large.command_peak_mb]),
    row('peak MB, the server', [small.server_peak_mb, large.server_peak_mb]),
    '',
    `${cores} × ${cpu}, Node ${node}, PostgreSQL ${postgres}, load ${load_average}`,
  ].join('\n')}\n`;
}
