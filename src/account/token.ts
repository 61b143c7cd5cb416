import { hash } from 'node:crypto';

/** What begins each kind of token, so that one that has leaked is recognised for what it is. */
const prefixes = { session: 'sbs_', link: 'sbl_', step: 'sbt_', key: 'sbk_' } as const;

/** A new token: shown once, kept as its digest. `random`: 32 bytes. Pure. */
export function tokenText(kind: keyof typeof prefixes, random: Uint8Array): string {
  return prefixes[kind] + Buffer.from(random).toString('base64url');
}

export function isKeyText(text: string): boolean {
  return text.startsWith(prefixes.key);
}

/** What is stored of a token. 256 random bits need no salt and no slow hash. Pure. */
export function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
