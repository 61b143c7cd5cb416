import { canonical, sha256 } from '../../audit/encoding.ts';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';

/** A request that its sender may repeat: under the same key it is done once, and answered alike each time. */
export interface Once {
  readonly key: string;
  /** SHA-256 (hex) of what is asked: the key stands for this and nothing else. */
  readonly request: string;
}

/**
 * What an `Idempotency-Key` header asks for (draft-ietf-httpapi-idempotency-key-header): a quoted text, as the draft has
 * it, or the bare one that most senders write. Null: there is no header. Throws AppError('bad_request'). Pure.
 */
export function onceOf(header: string | readonly string[] | undefined, asked: unknown): Once | null {
  if (header === undefined) return null;
  const key = typeof header === 'string' ? keyOf(header) : null;
  if (key !== null) return { key, request: sha256(canonical(asked)).toString('hex') };
  throw new AppError('bad_request', 'The Idempotency-Key is not understood.', {
    help: `Send one, of 1 to ${limits.idempotencyKeyCharsMax} printable ASCII characters: a UUID, say.`,
  });
}

function keyOf(header: string): string | null {
  const text = header.trim();
  // RFC 8941: in a quoted text only the quote and the backslash are escaped.
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text) ?? [];
  const key = quoted === undefined ? text : quoted.replaceAll(/\\(["\\])/g, '$1');
  if (quoted === undefined && /[",;]/.test(key)) return null;
  const printable = /^[\x20-\x7e]+$/.test(key);
  return printable && key.length <= limits.idempotencyKeyCharsMax ? key : null;
}

export function keyInProgress(): AppError {
  return new AppError('conflict', 'The first request with this Idempotency-Key is still being answered.', {
    help: 'Wait a moment, then send it again: it gets the first answer.',
  });
}

export function keyReused(): AppError {
  return new AppError('unprocessable', 'This Idempotency-Key stands for another request.', {
    help: 'A key is for one request and its repeats: send another request with a key of its own.',
  });
}
