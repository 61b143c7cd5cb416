import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Command } from 'commander';
import type { ComparisonJson, InsideJson, ReconciliationReportJson } from '../api/reconciliations.ts';
import { AppError, exitCode } from '../errors.ts';
import { addressOf, ask, clientFor, problemFrom } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { delimiterOf, formatOf } from './import-rows.ts';
import { paintFor, say, sayJson } from './output.ts';
import { accountText, comparisonsText, reportText } from './reconcile-text.ts';

interface Options extends CommonOptions {
  readonly file?: string;
  readonly dryRun?: true;
  readonly trust?: true;
  readonly since?: string;
  readonly delimiter?: string;
  readonly types?: true;
}

/** `signalbox reconcile`: what others hold, compared with what we hold. */
export function reconcileCommand(root: Command): void {
  addCommand(root, 'reconcile [source]', {
    summary: 'Shows what is compared with what others hold; with a source, compares its own list now',
    examples: [
      ['signalbox reconcile', 'what is compared, when it last succeeded, what differed'],
      ['signalbox reconcile crm', 'reads its list now, and takes what never came'],
      ['signalbox reconcile crm --dry-run', 'what it would find; nothing is stored'],
      ['signalbox reconcile crm --file leads.csv --types', 'the same with a file of what it holds'],
      ['signalbox reconcile crm --since 2026-03-01', 'from then on, instead of its lookback'],
    ],
  })
    .option('--file <file>', 'its list as a file: CSV or NDJSON, also packed (.gz)')
    .option('--dry-run', 'tell, and store nothing')
    .option('--trust', 'take what is missing though nothing of the list is among our tickets')
    .option('--since <time>', 'compare from here on, instead of the window')
    .option('--delimiter <character>', 'CSV: between cells (default: a comma, in .tsv a tab)')
    .option('--types', 'CSV: numbers, true, false and null are what they say; empty cells are left out')
    .action(async (source: string | undefined, options: Options) => {
      if (source === undefined) return await showAll(options);
      const report = options.file === undefined ? await list(source, options) : await file(source, options);
      if (report.end === 'failed') process.exitCode = exitCode('unavailable');
      else if (differs(report)) process.exitCode = 1;
      if (options.json) sayJson(report);
      else say(reportText(report, paintFor(process.stdout)));
    });
}

interface Overview {
  readonly reconciliations: readonly ComparisonJson[];
  readonly inside: InsideJson;
}

async function showAll(options: Options): Promise<void> {
  const client = clientFor(await addressOf(projectRoot(options), process.env));
  const all = await client.get<Overview>('/api/reconciliations');
  const wrong = all.reconciliations.some((each) => each.failures > 0 || differs(each));
  if (wrong || !all.inside.adds_up || all.inside.error !== null) process.exitCode = 1;
  if (options.json) return sayJson(all);
  const paint = paintFor(process.stdout);
  say(`${comparisonsText(all.reconciliations, paint)}\n\n${accountText(all.inside, paint)}`);
}

function differs(of: Pick<ComparisonJson, 'missing' | 'differing' | 'unidentified'>): boolean {
  return of.missing + of.differing + of.unidentified > 0;
}

/** A long list takes several requests. */
async function list(source: string, options: Options): Promise<ReconciliationReportJson> {
  const client = clientFor(await addressOf(projectRoot(options), process.env));
  const path = `/api/reconciliations/${encodeURIComponent(source)}`;
  const asked = {
    dry_run: options.dryRun === true,
    trust: options.trust === true,
    ...(options.since !== undefined && { since: moment(options.since) }),
  };
  for (;;) {
    const report = await client.post<ReconciliationReportJson>(path, asked);
    if (report.end !== 'more' || report.dry_run) return report;
  }
}

function moment(text: string): string {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new AppError('bad_request', `${text} is not a time.`, { help: 'Write it as 2026-03-01T00:00:00Z.' });
}

async function file(source: string, options: Options): Promise<ReconciliationReportJson> {
  const { file: path = '' } = options;
  const address = await addressOf(projectRoot(options), process.env);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError('not_found', `The file ${path} cannot be read (${cause.code}).`, { cause });
  });
  const query = new URLSearchParams({
    dry_run: String(options.dryRun === true),
    trust: String(options.trust === true),
    types: String(options.types === true),
    delimiter: options.delimiter ?? delimiterOf(path),
  });
  const response = await ask(`${address.url}/api/reconciliations/${encodeURIComponent(source)}?${query}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${address.key}`,
      'content-type': formatOf(path) === 'csv' ? 'text/csv' : 'application/x-ndjson',
    },
    body: path.endsWith('.gz') ? gunzipSync(bytes) : bytes,
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemFrom(response.status, body, address.url);
  return body as ReconciliationReportJson;
}
