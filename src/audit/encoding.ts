import { hash } from 'node:crypto';

/** The one encoding that writer and verifier share: RFC 8785 canonical JSON, SHA-256, and what goes into each. */

export const genesis = Buffer.alloc(32);

/**
 * RFC 8785 canonical JSON text. What JSON.stringify leaves out is left out.
 * Throws TypeError on what JSON cannot hold (nothing at all, NaN, infinities, lone surrogates).
 */
export function canonical(value: unknown): string {
  const text = encoded(value);
  if (text === undefined) throw new TypeError('nothing to encode');
  return text;
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
  // The default order is that of UTF-16 code units, as the RFC asks.
  for (const name of Object.keys(value).sort()) {
    const text = encoded((value as Readonly<Record<string, unknown>>)[name]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${encodedText(name)}:${text}`;
  }
  return `{${members}}`;
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
  // Keys stand in RFC 8785 order and `data` is canonical already, so this is the canonical form without a second pass.
  const text =
    `{"actor":${JSON.stringify(entry.actor)},"at":"${entry.at.toISOString()}","data":${entry.data},` +
    `"kind":${JSON.stringify(entry.kind)},"previous":"${Buffer.from(previous).toString('hex')}",` +
    `"seq":${entry.seq},"ticket":"${entry.ticketId}"}`;
  return sha256(text);
}

/** The salted digest of a payload that stands in the chain: SHA-256(salt ‖ SHA-256(type ‖ 0 ‖ headers) ‖ SHA-256(body)). */
export function payloadDigest(
  salt: Uint8Array,
  contentType: string,
  headers: string,
  body: Uint8Array,
): Buffer {
  return sha256(salt, sha256(contentType, '\0', headers), sha256(body));
}
