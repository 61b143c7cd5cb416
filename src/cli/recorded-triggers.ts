import type { RecordedTrigger } from '../ticket/recorded/recorded.ts';
import { type Address, openStream } from './client.ts';

/** Which recorded triggers are asked for; what is not given does not narrow it. Times are ISO 8601. */
export interface RecordedQuery {
  readonly workflow?: string | undefined;
  readonly source?: string | undefined;
  readonly ticket?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The recorded triggers of a server, oldest first, read as they are taken: however many there are, memory is that of a few.
 * Throws AppError: as the server answers, and `unavailable` where the stream breaks off before its end.
 */
export async function* recordedTriggers(
  address: Address,
  query: RecordedQuery,
): AsyncGenerator<RecordedTrigger> {
  for await (const lines of recordedLines(address, query)) {
    for (const line of lines.toString('utf8').split('\n')) {
      if (line !== '') yield JSON.parse(line) as RecordedTrigger;
    }
  }
}

/** The same stream unread: whole lines of NDJSON, some tens of kilobytes at a time. */
export async function* recordedLines(address: Address, query: RecordedQuery): AsyncGenerator<Buffer> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  let begun: Buffer[] = [];
  for await (const chunk of openStream(address, `/api/triggers?${search}`)) {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end === 0) {
      begun.push(chunk);
      continue;
    }
    const whole = chunk.subarray(0, end);
    yield begun.length === 0 ? whole : Buffer.concat([...begun, whole]);
    begun = end < chunk.length ? [chunk.subarray(end)] : [];
  }
}

const lineFeed = 0x0a;
