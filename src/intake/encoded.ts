import type { SchemeText } from '../workflow/verify-schema.ts';

/** How bytes are written as text. */
export type SignatureEncoding = NonNullable<NonNullable<SchemeText['signature']>['encoding']>;

export const encodings: Readonly<
  Record<SignatureEncoding, { readonly shape: RegExp; readonly name: string }>
> = {
  hex: { shape: /^(?:[0-9a-f]{2})+$/, name: 'lower-case hex' },
  'hex-upper': { shape: /^(?:[0-9A-F]{2})+$/, name: 'upper-case hex' },
  base64: { shape: /^[A-Za-z0-9+/_-]*={0,2}$/, name: 'base64' },
  base64url: { shape: /^[A-Za-z0-9+/_-]*={0,2}$/, name: 'base64url' },
  text: { shape: /^.+$/s, name: 'text' },
};

export function encoded(bytes: Buffer, encoding: SignatureEncoding): string {
  if (encoding === 'hex-upper') return bytes.toString('hex').toUpperCase();
  return bytes.toString(encoding === 'text' ? 'utf8' : encoding);
}

/** Null where another text has the same bytes: one signature has one form, so that no bit of it is free. */
export function decoded(text: string, encoding: SignatureEncoding): Buffer | null {
  const bytes = Buffer.from(text, encoding === 'hex-upper' ? 'hex' : encoding === 'text' ? 'utf8' : encoding);
  return encoded(bytes, encoding) === unpadded(text, encoding) ? bytes : null;
}

/** Padding counts for nothing where it may be left away. */
export function unpadded(text: string, encoding: SignatureEncoding): string {
  return encoding === 'base64url' ? text.replace(/=+$/, '') : text;
}
