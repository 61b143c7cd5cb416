import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Texts that prove themselves: what they say, and a MAC over it (HMAC-SHA-256) that only who holds a key can make. They
 * are handed out in addresses, so they hold nothing that may not be read. `purpose` keeps one kind from passing as another.
 */

/** A token of base64url, a dot, and base64url. The first key signs. Pure. */
export function sealed(keys: readonly string[], purpose: string, claims: readonly unknown[]): string {
  const [key] = keys;
  if (key === undefined || key === '') throw new Error('there is no key to sign links with');
  const said = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${said}.${macOf(key, purpose, said).toString('base64url')}`;
}

/** What a token says; null where none of the keys has made it. Compared in constant time. Pure. */
export function unsealed(keys: readonly string[], purpose: string, token: string): readonly unknown[] | null {
  const [, said = '', mac = ''] = /^([A-Za-z0-9_-]{1,800})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  const shown = Buffer.from(mac, 'base64url');
  if (shown.length !== 32) return null;
  const made = keys.some((key) => key !== '' && timingSafeEqual(macOf(key, purpose, said), shown));
  if (!made) return null;
  const claims: unknown = JSON.parse(Buffer.from(said, 'base64url').toString());
  return Array.isArray(claims) ? claims : null;
}

/** A path as the log has it: where it is a capability, without it. Pure. */
export function withoutCapability(path: string): string {
  return path.replace(/^(\/approve|\/in\/outcome)\/(?![a-z0-9-]*$).*$/, '$1/…');
}

function macOf(key: string, purpose: string, said: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0${said}`).digest();
}
