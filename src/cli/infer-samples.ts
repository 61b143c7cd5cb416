import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resolvePointer } from '../contract/pointer.ts';
import { AppError } from '../errors.ts';
import type { Sample } from '../infer/samples.ts';
import { plainHeaders } from '../intake/headers.ts';
import { parseJson } from '../intake/parse.ts';
import { parsePayload } from '../intake/payload.ts';
import { limits } from '../limits.ts';
import type { Address } from './client.ts';
import { openFile, recordsOf } from './import-records.ts';
import { recordedTriggers } from './recorded-triggers.ts';

/** How files are read. */
export interface SampleForm {
  /** Each file is a body as its sender posts it, of this type; null: files are JSON or NDJSON. */
  readonly contentType: string | null;
  /** Headers of all samples, lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON pointers into each record of a file: where its payload and its headers stand. */
  readonly at: string;
  readonly headersAt: string | null;
}

/** What was read: a sample, or what could not be one. */
export type Read =
  | { readonly kind: 'sample'; readonly sample: Sample; readonly ofList: boolean }
  | { readonly kind: 'skipped'; readonly where: string; readonly why: string };

/** The samples in files and folders; `-` is standard input. Throws AppError where there is no such file. */
export async function* samplesIn(paths: readonly string[], form: SampleForm): AsyncGenerator<Read> {
  for (const path of paths) {
    for (const file of await filesOf(path, form)) {
      yield* form.contentType === null ? samplesOf(file, form) : rawSample(file, form.contentType, form);
    }
  }
}

/** The recorded triggers of a source, as they came in. */
export async function* recordedSamples(
  address: Address,
  source: string,
  limit?: number,
): AsyncGenerator<Read> {
  for await (const trigger of recordedTriggers(address, { source, limit })) {
    if (trigger.body === null) continue;
    const { content_type: contentType, headers, ticket } = trigger;
    yield* fromBody(Buffer.from(trigger.body, 'base64'), `ticket ${ticket}`, contentType, headers);
  }
}

async function filesOf(path: string, { contentType }: SampleForm): Promise<string[]> {
  const isFolder = path !== '-' && (await stat(path).catch(() => null))?.isDirectory() === true;
  if (!isFolder) return [path];
  const names = await readdir(path, { recursive: true });
  const files = names
    .filter((name) => contentType !== null || /\.(json|ndjson|jsonl)(\.gz)?$/.test(name))
    .sort();
  const paths = files.map((name) => join(path, name));
  const are = await Promise.all(paths.map(async (each) => (await stat(each)).isFile()));
  const found = paths.filter((_, index) => are[index]);
  if (found.length > 0) return found;
  throw new AppError('not_found', `The folder ${path} holds no samples.`, {
    help: 'Samples are files that end in .json, .ndjson or .jsonl; other bodies need --content-type.',
  });
}

async function* rawSample(file: string, contentType: string, { headers }: SampleForm): AsyncGenerator<Read> {
  yield* fromBody(await wholeFile(file), file, contentType, headers);
}

function* fromBody(
  body: Buffer,
  where: string,
  contentType: string,
  headers: Sample['headers'],
): Generator<Read> {
  const parsed = parsePayload({ contentType, headers, body }, null);
  if (!parsed.ok) yield { kind: 'skipped', where, why: parsed.problem };
  else yield* split(parsed.value, headers);
}

/** A list of objects is several samples. */
function* split(payload: unknown, headers: Sample['headers']): Generator<Read> {
  const ofList = Array.isArray(payload) && payload.length > 0 && payload.every((each) => isObject(each));
  for (const each of ofList ? payload : [payload])
    yield { kind: 'sample', sample: { payload: each, headers }, ofList };
}

/** A file of JSON, or with a record a line. */
async function* samplesOf(file: string, form: SampleForm): AsyncGenerator<Read> {
  if (!/\.(ndjson|jsonl)(\.gz)?$/.test(file)) {
    const bytes = await wholeFile(file);
    const whole = parseJson(bytes);
    if (whole.ok) return yield* fromRecords(whole.value, file, form);
    const first = parseJson(bytes.subarray(0, bytes.indexOf(lineFeed)));
    if (!first.ok) return yield { kind: 'skipped', where: file, why: whole.problem };
    return yield* lines(arrayOf(bytes), file, form);
  }
  yield* lines(await openFile(file), file, form);
}

const lineFeed = 0x0a;

async function* arrayOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* lines(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  form: SampleForm,
): AsyncGenerator<Read> {
  for await (const { line, raw } of recordsOf(bytes, { quoted: false, bytesMax: limits.bodyBytesMax })) {
    const where = `${file}:${line}`;
    if (raw === null) yield { kind: 'skipped', where, why: 'The line is longer than a body may be.' };
    else if (raw.toString('latin1').trim() !== '') {
      const parsed = parseJson(raw);
      if (parsed.ok) yield* fromRecords(parsed.value, where, form);
      else yield { kind: 'skipped', where, why: parsed.problem };
    }
  }
}

/** The payload in a record, and its headers where the record has them. */
function* fromRecords(
  record: unknown,
  where: string,
  { at, headersAt, headers }: SampleForm,
): Generator<Read> {
  // A file with a list of records: what is asked for stands in each of them.
  if (at !== '' && Array.isArray(record)) {
    for (const each of record) yield* fromRecords(each, where, { at, headersAt, headers, contentType: null });
    return;
  }
  const payload = resolvePointer(record, at);
  if (payload === undefined) return yield { kind: 'skipped', where, why: `There is nothing at ${at}.` };
  const own = headersAt === null ? undefined : resolvePointer(record, headersAt);
  yield* split(payload, {
    ...headers,
    ...(isObject(own) ? plainHeaders(own as Record<string, string>) : {}),
  });
}

async function wholeFile(file: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of await openFile(file)) {
    bytes += chunk.length;
    if (bytes > limits.fileBytesMax) {
      throw new AppError('too_large', `${file} is larger than ${limits.fileBytesMax} bytes.`, {
        help: 'Write one payload a line and name the file .ndjson: that may be of any size.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
