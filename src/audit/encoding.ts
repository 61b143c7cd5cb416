import { hash } from 'node:crypto';

/** The one encoding that writer and verifier share: RFC 8785 canonical JSON, SHA-256, and what goes into each. */

export const genesis = Buffer.alloc(32);

/**
 * RFC 8785 canonical JSON text. What JSON.stringify leaves out is left out.
 * Throws TypeError on what JSON cannot hold (nothing at all, NaN, infinities, lone surrogates).
 */
export function canonical(value: unknown): string {
  const text = (isInOrder(value) ? plainText(value) : null) ?? encoded(value);
  if (text === undefined) throw new TypeError('nothing to encode');
  return text;
}

/** Whether its members stand in canonical order already, as in what we write ourselves, and its numbers are such. */
function isInOrder(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if ('toJSON' in value) return false;
  if (Array.isArray(value)) return value.every(isInOrder);
  let before = '';
  for (const name in value) {
    if (name < before || !isInOrder(value[name as keyof typeof value])) return false;
    before = name;
  }
  return true;
}

/** The text of what is in order; null where a lone surrogate may have been escaped. */
function plainText(value: unknown): string | null {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined || text.includes('\\ud') ? null : text;
}

/** Undefined for what JSON leaves out. Numbers and texts as ECMAScript writes them, which is what the RFC asks for. */
function encoded(value: unknown): string | undefined {
  if (typeof value === 'string') return encodedText(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return encoded(value.toJSON());
  if (Array.isArray(value)) return `[${value.map((each) => encoded(each) ?? 'null').join(',')}]`;
  let members = '';
  for (const name of inOrder(Object.keys(value))) {
    const text = encoded((value as Readonly<Record<string, unknown>>)[name]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${encodedText(name)}:${text}`;
  }
  return `{${members}}`;
}

/** The order of UTF-16 code units, as the RFC asks, which is the default one. Few need sorting: what we write ourselves stands in it. */
function inOrder(names: string[]): string[] {
  for (let index = 1; index < names.length; index += 1) {
    if ((names[index - 1] as string) > (names[index] as string)) return names.sort();
  }
  return names;
}

function encodedText(text: string): string {
  if (!unlikeItself.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate is no text');
  return JSON.stringify(text);
}

/** What is escaped, and halves of pairs, which must not stand alone. Texts without are most, and are found fast. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unlikeItself = /[\u0000-\u001f"\\\ud800-\udfff]/;

export function sha256(...parts: (Uint8Array | string)[]): Buffer {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return hash('sha256', first, 'buffer');
  return hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part as string))), 'buffer');
}

/** SHA-256 as lower-case hex, made without the bytes between. */
export function sha256Hex(text: Uint8Array | string): string {
  return hash('sha256', text, 'hex');
}

export interface EntryContent {
  readonly ticketId: string;
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly actor: string;
  /** Canonical JSON text. */
  readonly data: string;
}

/** The hash of an entry: over its canonical JSON with the hash of the entry before (32 zero bytes for the first). */
export function entryHash(entry: EntryContent, previous: Uint8Array): Buffer {
  return Buffer.from(entryHashHex(entry, hexOf(previous)), 'hex');
}

/** The same in lower-case hex, which is what the next entry's is made of. */
export function entryHashHex(entry: EntryContent, previousHex: string): string {
  // Keys stand in RFC 8785 order and `data` is canonical already, so this is the canonical form without a second pass.
  return sha256Hex(
    `{"actor":${JSON.stringify(entry.actor)},"at":"${instantText(entry.at)}","data":${entry.data},` +
      `"kind":${JSON.stringify(entry.kind)},"previous":"${previousHex}",` +
      `"seq":${entry.seq},"ticket":"${entry.ticketId}"}`,
  );
}

/** All entries of a group have one time: its text is made once. */
function instantText(at: Date): string {
  const ms = at.getTime();
  if (ms !== lastInstant.ms) lastInstant = { ms, text: at.toISOString() };
  return lastInstant.text;
}

let lastInstant = { ms: Number.NaN, text: '' };

/** The salted digest of a payload that stands in the chain: SHA-256(salt ‖ SHA-256(type ‖ 0 ‖ headers) ‖ SHA-256(body)). */
export function payloadDigest(
  salt: Uint8Array,
  contentType: string,
  headers: string,
  body: Uint8Array,
): Buffer {
  const parts = Buffer.allocUnsafe(salt.length + 64);
  parts.set(salt);
  parts.write(hash('sha256', `${contentType}\0${headers}`, 'binary'), salt.length, 'latin1');
  parts.write(hash('sha256', body, 'binary'), salt.length + 32, 'latin1');
  return sha256(parts);
}

export function hexOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}
