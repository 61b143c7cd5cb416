import type { Decision } from '../decision.ts';
import type { Rehearsed } from '../intake/rehearsal/rehearsal.ts';
import type { Committed } from '../intake/submitted.ts';
import { limits } from '../limits.ts';
import type { PollEnd } from './poll.ts';

/** What one poll found and what became of it. */
export interface PollReport {
  readonly source: string;
  /** Nothing was committed, and the cursor has not moved. */
  readonly dryRun: boolean;
  /** taken_over: another node has gone on with it meanwhile. */
  readonly end: PollEnd['kind'] | 'taken_over';
  /** One sentence where it failed. */
  readonly error: string | null;
  readonly pages: number;
  readonly found: number;
  /** In their order; the first limits.pageRowsMax. */
  readonly triggers: readonly Found[];
  /** From where the next poll reads. */
  readonly cursor: unknown;
}

/** One trigger that was found. */
export interface Found {
  /** The first ticket where it is joined; null in a dry run that would make a new one. */
  readonly ticketId: string | null;
  readonly kind: Decision['kind'];
  /** Where it goes, or what keeps it. */
  readonly text: string;
}

/** Gathers what one poll finds, page by page. */
export interface Tally {
  readonly pages: number;
  readonly found: number;
  readonly triggers: readonly Found[];
}

export const emptyTally: Tally = { pages: 0, found: 0, triggers: [] };

/** A tally with one more page. Pure. */
export function tallied(tally: Tally, page: readonly Found[]): Tally {
  return {
    pages: tally.pages + 1,
    found: tally.found + page.length,
    triggers: [...tally.triggers, ...page].slice(0, limits.pageRowsMax),
  };
}

/** What became of a trigger. Pure. */
export function found(committed: Committed): Found {
  const { kind, ticketId } = committed;
  switch (kind) {
    case 'joined':
      return { ticketId, kind, text: joinedText };
    case 'rejected':
      return { ticketId, kind, text: committed.violations[0]?.message ?? '' };
    case 'accepted': {
      const { decision } = committed;
      return { ticketId, kind: decision.kind, text: decision.exception?.summary ?? decision.route ?? '' };
    }
  }
}

/** What would become of a trigger. Pure. */
export function foreseen({ decision, would_be: wouldBe }: Rehearsed): Found {
  const { kind, ticket } = decision;
  if (wouldBe === null) return { ticketId: ticket, kind, text: joinedText };
  const { exception, violations, route } = wouldBe;
  return { ticketId: ticket, kind, text: exception?.summary ?? violations[0]?.message ?? route ?? '' };
}

const joinedText = 'the same thing came before';
