import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The one encoding that writer and verifier share: RFC 8785 canonical JSON, SHA-256, and what goes into each. */

export const genesis = Buffer.alloc(32);

/** RFC 8785 canonical JSON text. Throws on what JSON cannot hold (undefined, NaN, lone surrogates). */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('nothing to encode');
  return text;
}

export function sha256(...parts: (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
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
