import { canonical } from '../../audit/encoding.ts';
import type { Listed } from './listed.ts';
import type { Window } from './window.ts';

/** A ticket that has an identity of the list. */
export interface HeldTicket {
  readonly id: string;
  readonly identity: string;
  readonly digest: string;
  readonly fields: unknown;
  readonly updatedAt: Date;
}

/** held: here, as it is there. differs: here, with other content. missing: it never came. */
export type Verdict = 'held' | 'differs' | 'missing';

/** A listed one with what we have of it. */
export interface Compared extends Listed {
  readonly verdict: Verdict;
  /** The newest ticket of its identity; null where there is none. */
  readonly ticketId: string | null;
}

/**
 * Holds what is listed against our tickets of the same identities. Pure. Content is the same where its digest is, or
 * where it comes to the same fields of the ticket: lists often tell more of a thing than webhooks do.
 * `askedAt`: when the list was asked. An identity that stands twice (the list moved between two pages) counts once, as last read.
 */
export function compare(
  listed: readonly Listed[],
  tickets: readonly HeldTicket[],
  askedAt: Date,
): Compared[] {
  const byIdentity = Map.groupBy(tickets, ({ identity }) => identity);
  const once = new Map(listed.map((each) => [each.identity, each]));
  return [...once.values()].map((each) => {
    const held = byIdentity.get(each.identity) ?? [];
    const newest = held.reduce<HeldTicket | null>((a, b) => (a === null || b.id > a.id ? b : a), null);
    return { ...each, verdict: verdictOf(each, held, askedAt), ticketId: newest?.id ?? null };
  });
}

/** Where a ticket was at work after the list was asked nobody can say which of the two is the older. */
function verdictOf(listed: Listed, held: readonly HeldTicket[], askedAt: Date): Verdict {
  if (held.length === 0) return 'missing';
  const settled = held.every(({ updatedAt }) => updatedAt < askedAt);
  return settled && !held.some((one) => isSame(listed, one)) ? 'differs' : 'held';
}

function isSame({ digest, fields }: Listed, ticket: HeldTicket): boolean {
  if (digest === ticket.digest) return true;
  return fields !== null && Object.keys(fields).length > 0 && text(fields) === text(ticket.fields);
}

/** Foreign text may hold lone surrogates, which canonical JSON refuses: those compare by their plain JSON. */
function text(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return JSON.stringify(value);
  }
}

/** Without what was made before the window and is not here: that is none of its business. Pure. */
export function withinWindow(compared: readonly Compared[], window: Window | null): Compared[] {
  return compared.filter(
    ({ verdict, madeAt }) =>
      verdict !== 'missing' || window === null || madeAt === null || madeAt >= window.from,
  );
}
