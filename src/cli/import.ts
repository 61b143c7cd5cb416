import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AppError } from '../errors.ts';
import { parseDuration } from '../workflow/duration.ts';
import { addressOf } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { createProgress } from './import-progress.ts';
import {
  delimiterOf,
  type Format,
  formatOf,
  formats,
  type OpenFile,
  type Row,
  readRows,
} from './import-rows.ts';
import { settleRows } from './import-run.ts';
import { createSender, type Sent } from './import-send.ts';
import {
  digestWith,
  openRejects,
  type Rejects,
  readState,
  removeState,
  type State,
  serverId,
  writeState,
} from './import-state.ts';
import { emptyTally, tallied, tallyText } from './import-tally.ts';
import { paintFor, say, sayJson } from './output.ts';

interface Options extends CommonOptions {
  readonly source: string;
  readonly as?: string;
  readonly format?: Format;
  readonly delimiter?: string;
  readonly types?: true;
  readonly from?: number;
  readonly restart?: true;
  readonly dryRun?: true;
  readonly rejected?: string;
  readonly concurrency: number;
  readonly patience: number;
}

/** `signalbox import`: a file of triggers through the same path as if their source had sent them. */
export function importCommand(root: Command): void {
  addCommand(root, 'import <file>', {
    summary: 'Hands in the triggers of a file (NDJSON or CSV), each once, however often it is run',
    examples: [
      ['signalbox import leads.ndjson --source form', 'a line a trigger'],
      [
        'signalbox import leads.csv.gz --source form',
        'a row a trigger: an object of texts, named by the first row',
      ],
      ['signalbox import leads.csv --source form --dry-run', 'what would become of them; nothing is stored'],
      ['zcat *.gz | signalbox import - --source form', 'reads standard input'],
    ],
  })
    .requiredOption('-s, --source <source>', 'the source that they are of')
    .option('--as <person>', 'who hands them in, for the record: person:dana')
    .addOption(new Option('--format <format>', 'default: by the name of the file').choices(formats))
    .option('--delimiter <character>', 'CSV: between cells (default: a comma, in .tsv a tab)', delimiterFrom)
    .option('--types', 'CSV: numbers, true, false and null are what they say; empty cells are left out')
    .option('--from <line>', 'begin at this line of the file', countFrom)
    .option('--restart', 'forget how far an earlier run had come; what it committed is not committed again')
    .option('--dry-run', 'decide each, store nothing')
    .option('--rejected <file>', 'where rows go that are not taken (default: <file>.rejected)')
    .option('--concurrency <count>', 'rows under way at once, 1 to 256', concurrencyFrom, 32)
    .option('--patience <duration>', 'how long the server may say nothing at all', patienceFrom, 60_000)
    .action(async (file: string, options: Options) => await importFile(file, options));
}

async function importFile(file: string, options: Options): Promise<void> {
  const address = await addressOf(projectRoot(options), process.env);
  const places = placesOf(file, options);
  const format = options.format ?? formatOf(file);
  const delimiter = options.delimiter ?? delimiterOf(file);
  const opened = await readRows(file, { format, delimiter, types: options.types === true });
  const sender = createSender({
    address,
    actor: options.as ?? process.env.SIGNALBOX_ACTOR,
    source: options.source,
    dryRun: options.dryRun === true,
    patienceMs: options.patience,
  });
  const run = await beginRun(file, options, places, opened, serverId(address.key));
  const stop = stopSignal();
  const progress = createProgress(process.stderr);
  const from = run.state.tally.rows;
  try {
    const { concurrency } = options;
    for await (const { row, sent } of settleRows(run.rows, sender.send, { concurrency, stop })) {
      await run.settle(row, sent);
      if (sent.kind === 'refused') progress.say(`line ${row.line}: ${sent.reason}`);
      progress.show(run.state.tally, run.state.tally.rows - from);
    }
    progress.end();
    await run.end(!stop.aborted);
  } catch (error) {
    progress.end();
    await run.end(false);
    if (run.resumes)
      progress.say(`Settled up to line ${run.state.line}; the same command goes on from there.`);
    throw error;
  }
  tell(run, options, stop.aborted, places.rejected);
}

interface Places {
  /** Null: standard input cannot be gone on with. */
  readonly state: string | null;
  readonly rejected: string;
}

function placesOf(file: string, { rejected, source, dryRun }: Options): Places {
  const stem = file === '-' ? `${source}.import` : file;
  return {
    state: file === '-' || dryRun ? null : `${stem}.import-state`,
    rejected: rejected ?? `${stem}.rejected`,
  };
}

/** An import under way: what is settled of it, and what is still to be sent. */
interface Run {
  readonly rows: AsyncIterable<Row>;
  readonly resumes: boolean;
  readonly rejections: readonly { readonly line: number; readonly reason: string }[];
  readonly state: State;
  settle(row: Row, sent: Sent): Promise<void>;
  /** `complete`: there is nothing to go on with. */
  end(complete: boolean): Promise<void>;
}

const rejectionsTold = 100;
const stateEveryMs = 500;

async function beginRun(
  file: string,
  options: Options,
  places: Places,
  { header, rows }: OpenFile,
  server: string,
): Promise<Run> {
  const { source } = options;
  const fresh: State = { source, server, line: 0, digest: '', rejectedBytes: 0, tally: emptyTally };
  const before = places.state === null || options.restart ? null : await readState(places.state);
  const goesOn =
    before !== null && before.source === source && before.server === server && options.from === undefined;
  let state = goesOn ? before : fresh;
  if (goesOn) process.stderr.write(`Going on after line ${state.line} of ${basename(file)}.\n`);
  const rejects = options.dryRun
    ? noRejects
    : await openRejects(places.rejected, options.from === undefined ? state.rejectedBytes : null, header);
  const rejections: { line: number; reason: string }[] = [];
  let written = performance.now();

  const save = async () => {
    written = performance.now();
    if (places.state !== null) await writeState(places.state, state);
  };
  return {
    rows: goesOn ? after(rows, state, file) : fromLine(rows, options.from ?? 1),
    resumes: places.state !== null,
    rejections,
    get state() {
      return state;
    },
    async settle(row, sent) {
      if (sent.kind === 'refused') {
        if (rejections.length < rejectionsTold) rejections.push({ line: row.line, reason: sent.reason });
        if (row.raw !== null) await rejects.write(row.raw);
      }
      state = {
        ...state,
        line: row.line,
        digest: digestWith(state.digest, row),
        rejectedBytes: rejects.bytes(),
        tally: tallied(state.tally, sent),
      };
      if (performance.now() - written > stateEveryMs) await save();
    },
    async end(complete) {
      await rejects.close();
      if (!complete) await save();
      else if (places.state !== null) await removeState(places.state);
    },
  };
}

const noRejects: Rejects = { bytes: () => 0, write: async () => {}, close: async () => {} };

async function* fromLine(rows: AsyncIterable<Row>, from: number): AsyncGenerator<Row> {
  for await (const row of rows) if (row.line >= from) yield row;
}

/** The rows that are not settled yet. Throws AppError('conflict') where those that are have changed since. */
async function* after(rows: AsyncIterable<Row>, state: State, file: string): AsyncGenerator<Row> {
  let digest = '';
  let checked = state.line === 0;
  for await (const row of rows) {
    if (row.line <= state.line) {
      digest = digestWith(digest, row);
      continue;
    }
    if (!checked && digest !== state.digest) throw changed(file, state.line);
    checked = true;
    yield row;
  }
  if (!checked && digest !== state.digest) throw changed(file, state.line);
}

function changed(file: string, line: number): AppError {
  return new AppError('conflict', `${file} has changed before line ${line}, up to which it was imported.`, {
    help: 'Give --restart to begin anew (what was committed is not committed again), or --from <line>.',
  });
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}

function tell(run: Run, { json, dryRun }: Options, stopped: boolean, rejectedFile: string): void {
  const { tally, line } = run.state;
  if (stopped) process.exitCode = 130;
  else if (tally.rejected > 0) process.exitCode = 1;
  const written = tally.rejected > 0 && dryRun !== true ? rejectedFile : null;
  if (json) {
    sayJson({
      ...tally,
      line,
      dry_run: dryRun === true,
      complete: !stopped,
      rejections: run.rejections,
      rejected_file: written,
    });
    return;
  }
  const paint = paintFor(process.stdout);
  const mark = stopped || tally.rejected > 0 ? paint('warn', '!') : paint('good', '✔');
  say(`${mark} ${tallyText(tally, null)}${endText(stopped, dryRun === true, line)}`);
  if (written !== null)
    say(`  What was rejected stands in ${written}: correct it there and import that file.`);
}

function endText(stopped: boolean, dryRun: boolean, line: number): string {
  if (stopped) return `. Stopped after line ${line}; the same command goes on from there.`;
  return dryRun ? '. A dry run: nothing was stored.' : '';
}

function delimiterFrom(text: string): string {
  const character = text === '\\t' ? '\t' : text;
  if (character.length === 1 && !/["\r\n]/.test(character)) return character;
  throw new InvalidArgumentError('It is one character: `;` or `\\t`, say.');
}

function countFrom(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError('It is a whole number from 1.');
}

function concurrencyFrom(text: string): number {
  const count = countFrom(text);
  if (count <= 256) return count;
  throw new InvalidArgumentError('It is a whole number from 1 to 256.');
}

function patienceFrom(text: string): number {
  const duration = parseDuration(text);
  if ('ms' in duration) return duration.ms;
  throw new InvalidArgumentError(`${text}: ${duration.problem}.`);
}
