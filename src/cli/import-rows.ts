import { CsvError, parse } from 'csv-parse/sync';
import { AppError } from '../errors.ts';
import { parseJson } from '../intake/parse.ts';
import { limits } from '../limits.ts';
import { openFile, type RawRecord, recordsOf } from './import-records.ts';

export const formats = ['ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];

/** One trigger of a file, or why there is none in its line. */
export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  /** As it stands in the file; null: too long to be kept. */
  readonly raw: Buffer | null;
  /** What is posted: JSON. */
  readonly body: string | null;
  /** One sentence; null where `body` is there. */
  readonly problem: string | null;
}

export interface ReadOptions {
  readonly format: Format;
  /** CSV: between cells, one character. */
  readonly delimiter: string;
  /** CSV: numbers, true, false and null become what they say; an empty cell is left out. */
  readonly types: boolean;
}

/** What a file is by its name: `.csv`, `.tsv` (with `.gz`), else NDJSON. What was rejected of one is as the file itself. */
export function formatOf(file: string): Format {
  return /\.(csv|tsv)(\.gz)?(\.rejected)*$/i.test(file) ? 'csv' : 'ndjson';
}

/** What stands between the cells of a file where nobody says so. */
export function delimiterOf(file: string): string {
  return /\.tsv(\.gz)?(\.rejected)*$/i.test(file) ? '\t' : ',';
}

/** What is needed to read a file again from the middle: `header` stands before what is rejected. */
export interface OpenFile {
  readonly header: Buffer | null;
  readonly rows: AsyncIterable<Row>;
}

/** The rows of a file, one after the other as they are asked for; blank lines are none. */
export async function readRows(file: string, options: ReadOptions): Promise<OpenFile> {
  return await rowsIn(await openFile(file), options);
}

/** The rows in the bytes of a file. */
export async function rowsIn(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<OpenFile> {
  const records = notBlank(
    recordsOf(bytes, { quoted: options.format === 'csv', bytesMax: limits.bodyBytesMax }),
  );
  if (options.format === 'ndjson') return { header: null, rows: mapped(records, ndjsonRow) };
  const first = await records.next();
  if (first.done === true) return { header: null, rows: records as AsyncIterable<never> };
  const header = first.value.raw;
  const names = header === null ? [] : headerOf(header, options.delimiter);
  return { header, rows: mapped(records, (record) => csvRow(record, names, options)) };
}

async function* notBlank(records: AsyncIterable<RawRecord>): AsyncGenerator<RawRecord> {
  for await (const record of records) {
    if (record.raw === null || record.raw.some((byte) => byte > 0x20)) yield record;
  }
}

async function* mapped<T>(
  records: AsyncIterable<RawRecord>,
  map: (record: RawRecord) => T,
): AsyncGenerator<T> {
  for await (const record of records) yield map(record);
}

const tooLong = `The line is longer than ${limits.bodyBytesMax} bytes; it is not copied, see the file itself.`;

function ndjsonRow({ line, raw }: RawRecord): Row {
  if (raw === null) return { line, raw, body: null, problem: tooLong };
  const parsed = parseJson(raw);
  if (!parsed.ok) return { line, raw, body: null, problem: parsed.problem };
  const body = raw
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim();
  return { line, raw, body, problem: null };
}

/** The names of the cells. Throws AppError('bad_request') where two cells could not be told apart. */
function headerOf(raw: Buffer, delimiter: string): string[] {
  const names = cellsOf(raw, delimiter);
  if (typeof names === 'string') throw badHeader(names);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw badHeader(`the name "${twice}" stands twice`);
  if (names.includes('')) throw badHeader(`cell ${names.indexOf('') + 1} has no name`);
  return names;
}

function badHeader(problem: string): AppError {
  return new AppError('bad_request', `The first line of the file names its cells, and ${problem}.`, {
    help: 'Correct it, or say how the file is written with --delimiter or --format.',
  });
}

function csvRow({ line, raw }: RawRecord, names: readonly string[], { delimiter, types }: ReadOptions): Row {
  if (raw === null) return { line, raw, body: null, problem: tooLong };
  const cells = cellsOf(raw, delimiter);
  if (typeof cells === 'string') return { line, raw, body: null, problem: sentence(cells) };
  if (cells.length !== names.length) {
    const problem = `There are ${cells.length} cells, and the first line names ${names.length}.`;
    return { line, raw, body: null, problem };
  }
  const members = names.map((name, index): [string, unknown] => [name, cells[index] ?? '']);
  const object = types ? members.map(typed).filter(([, value]) => value !== undefined) : members;
  return { line, raw, body: JSON.stringify(Object.fromEntries(object)), problem: null };
}

/** The cells of one record, or what is wrong with it. */
function cellsOf(raw: Buffer, delimiter: string): string[] | string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw).replace(/\r$/, '');
    const [cells = []] = parse(text, { delimiter, relax_column_count: true, record_delimiter: '\n' });
    return cells;
  } catch (error) {
    if (error instanceof CsvError) return problems[error.code] ?? error.message;
    if (error instanceof TypeError) return 'it is not UTF-8';
    throw error;
  }
}

const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'something stands between a closing quotation mark and the end of its cell',
  INVALID_OPENING_QUOTE: 'a quotation mark stands in the middle of a cell',
};

function sentence(problem: string): string {
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}

/** Only what is written as JSON writes it, and comes out as it went in: `007` and `1e400` stay text. */
function typed([name, cell]: [string, unknown]): [string, unknown] {
  const text = String(cell);
  if (text === '') return [name, undefined];
  const literal = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text);
  const value: unknown = literal ? JSON.parse(text) : text;
  const exact = typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return [name, exact ? value : text];
}
