import { hash } from 'node:crypto';
import { escapeToken, resolvePointer } from '../contract/pointer.ts';
import { encoded, type SignatureEncoding, unpadded } from './encoded.ts';
import { type Reading, scalarText } from './request.ts';
import { type TemplatePart, templateParts } from './template.ts';

/** What one claim of a token, or one field of a body, must be. */
export interface Expected {
  /** Its name; a JSON pointer where it begins with a slash. */
  readonly at: string;
  readonly is: /** One of these, as texts; of a list, one element. */
    | { readonly oneOf: readonly string[] }
    | { readonly present: true }
    /** The digest of a part of the request. */
    | {
        readonly digest: 'sha256' | 'sha512';
        readonly of: readonly TemplatePart[];
        readonly encoding: SignatureEncoding;
      };
}

const digests = ['sha256', 'sha512'] as const;

/** The forms of what is expected; null: it has none of them. */
export function expectedIs(value: unknown): Expected['is'] | null {
  if (isScalar(value)) return { oneOf: [String(value)] };
  if (Array.isArray(value)) return value.every(isScalar) ? { oneOf: value.map(String) } : null;
  if (typeof value !== 'object' || value === null) return null;
  const { present, encoding = 'hex', ...rest } = value as Readonly<Record<string, unknown>>;
  const [[algorithm, of] = [], ...more] = Object.entries(rest);
  if (present === true && algorithm === undefined && !('encoding' in value)) return { present };
  const digest = digests.find((name) => name === algorithm);
  const written = encodings.find((name) => name === encoding);
  if (present !== undefined || digest === undefined || written === undefined || more.length > 0) return null;
  return typeof of === 'string' ? { digest, of: templateParts(of), encoding: written } : null;
}

const encodings = ['hex', 'hex-upper', 'base64', 'base64url'] as const;

/** All that is expected. What has no form (it has been reported) is expected to be nothing that there is. */
export function expectedOf(text: Readonly<Record<string, unknown>> | undefined): readonly Expected[] {
  return Object.entries(text ?? {}).map(([at, value]) => ({ at, is: expectedIs(value) ?? { oneOf: [] } }));
}

/** The first that is not as it must be; null where all are. `url`: the address that counts as called. */
export function unexpected(
  all: readonly Expected[],
  document: unknown,
  reading: Reading,
  url: string,
): Expected | null {
  return all.find(({ at, is }) => !isAsExpected(is, valueAt(document, at), reading, url)) ?? null;
}

/** What stands under a name, or at a pointer. Own members only. */
export function valueAt(document: unknown, at: string): unknown {
  return resolvePointer(document, at.startsWith('/') ? at : `/${escapeToken(at)}`);
}

/** What the sender would put there. */
export function expectedText(is: Expected['is'], reading: Reading, url: string): string {
  if ('oneOf' in is) return is.oneOf[0] ?? '';
  if ('present' in is) return '1';
  return encoded(hash(is.digest, reading.fill(is.of, { url, secret: '' }), 'buffer'), is.encoding);
}

function isAsExpected(is: Expected['is'], value: unknown, reading: Reading, url: string): boolean {
  if ('present' in is) return value !== undefined && value !== null && value !== '';
  if ('digest' in is) {
    return (
      typeof value === 'string' &&
      unpadded(value, is.encoding) === unpadded(expectedText(is, reading, url), is.encoding)
    );
  }
  const values = Array.isArray(value) ? value : [value];
  return values.some((each) => isScalar(each) && is.oneOf.includes(scalarText(each)));
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
