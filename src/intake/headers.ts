import { limits } from '../limits.ts';

/** Says in a trigger's record how many headers were too much; a sender's own header of this name is not kept. */
export const droppedHeader = 'signalbox-headers-dropped';

type Headers = Readonly<Record<string, string>>;

/** Names the coding that a trigger's body was sent in; a sender's own header of this name is not kept. */
export const encodedHeader = 'signalbox-content-encoding';

/** A request's headers as one text a name: lower-case, repeated ones joined by a comma. */
export function plainHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Headers {
  const plain: [name: string, value: string][] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) {
      plain.push([name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]);
    }
  }
  // Defined and not assigned: `__proto__` is a name like any other.
  return Object.fromEntries(plain);
}

/**
 * The headers that are kept with a trigger: no credentials, signatures or cookies (nor `secretHeaders`, which the
 * source's scheme names), none that belong to the connection, and at most `limits.headerBytesMax` bytes of names and
 * values. The largest go first; `droppedHeader` counts them.
 */
export function keptHeaders(headers: Headers, secretHeaders: readonly string[]): Headers {
  const connection = (headers.connection ?? '').toLowerCase().split(/[ \t]*,[ \t]*/);
  const kept: Entry[] = [];
  let total = 0;
  for (const name in headers) {
    if (ofConnection.has(name) || isSecret(name) || secretHeaders.includes(name)) continue;
    if (connection.includes(name)) continue;
    const entry: Entry = [name, headers[name] as string];
    kept.push(entry);
    total += bytesOf(entry);
  }
  return Object.fromEntries(total <= limits.headerBytesMax ? kept : fitting(kept));
}

// Too much is left out rather than too little: what a workflow needs of a secret belongs into `verify`.
const secret =
  /authorization|cookie|signature|hmac|secret|token|passw|credential|session|api[-_]?key|access[-_]?key|auth[-_]?key/;

/** Senders use few names, and the same ones again and again. */
function isSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  if (judged.size >= limits.headerNamesKept) judged.clear();
  const judgement = secret.test(name);
  judged.set(name, judgement);
  return judgement;
}

const judged = new Map<string, boolean>();

/** RFC 9110, section 7.6.1, and what only steers this exchange. */
const ofConnection = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // Ours, whoever sends it.
  droppedHeader,
  encodedHeader,
]);

type Entry = [name: string, value: string];

/** The smallest headers, with the note of how many there were more. The order of their arrival plays no part. */
function fitting(entries: readonly Entry[]): Entry[] {
  const smallestFirst = entries.toSorted(
    (one, other) => bytesOf(one) - bytesOf(other) || (one[0] < other[0] ? -1 : 1),
  );
  let free = limits.headerBytesMax - noteBytes;
  const kept = smallestFirst.filter((entry) => {
    free -= bytesOf(entry);
    return free >= 0;
  });
  return [...kept, [droppedHeader, String(entries.length - kept.length)]];
}

/** The note's name and up to ten digits. */
const noteBytes = droppedHeader.length + 10;

function bytesOf([name, value]: Entry): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}

/** A request as the log has it: without its query, which may hold a secret. */
export function loggedRequest({ method, url, ip }: { method: string; url: string; ip: string }) {
  return { method, path: url.split('?', 1)[0], from: ip };
}
