import { canonical } from './canonical.ts';

export interface ChainedEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

/** The first entry that is not as it was written; null: the chain is whole. */
export interface Broken {
  readonly seq: number;
  readonly why: 'missing' | 'hash';
}

/**
 * Computes the hash of every entry of a ticket anew, in this browser, each over its content and the hash before it.
 * Needs a secure context (https or localhost), where browsers have SHA-256.
 */
export async function verifyChain(
  ticketId: string,
  entries: readonly ChainedEntry[],
): Promise<Broken | null> {
  let previous = '0'.repeat(64);
  for (const [index, entry] of entries.entries()) {
    const { seq, at, kind, actor, data, hash } = entry;
    if (seq !== index + 1) return { seq: index + 1, why: 'missing' };
    const content = canonical({ actor, at, data, kind, previous, seq, ticket: ticketId });
    if ((await sha256Hex(content)) !== hash) return { seq, why: 'hash' };
    previous = hash;
  }
  return null;
}

export function canVerify(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** SHA-256 of a text, hex. Needs a secure context. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
