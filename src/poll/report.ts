import type { Decision } from '../decision.ts';
import type { Submitted } from '../intake/submitted.ts';
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
  /** The first ticket where it was joined; null in a dry run, which makes none. */
  readonly ticketId: string | null;
  readonly kind: 'routed' | 'stopped' | 'joined' | 'rejected';
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
export function found(submitted: Exclude<Submitted, { kind: 'busy' }>): Found {
  const { ticketId } = submitted;
  switch (submitted.kind) {
    case 'joined':
      return { ticketId, kind: 'joined', text: 'the same thing came before' };
    case 'rejected':
      return { ticketId, kind: 'rejected', text: submitted.violations[0]?.message ?? '' };
    case 'accepted': {
      const { kind, route, exception } = submitted.decision;
      return { ticketId, kind, text: exception?.summary ?? route ?? '' };
    }
  }
}

/** What would become of a trigger, for all that its payload says. Pure. */
export function foreseen(decision: Decision): Found {
  const { kind } = decision;
  switch (kind) {
    case 'joined':
      return { ticketId: null, kind, text: 'the same thing came before' };
    case 'rejected':
      return { ticketId: null, kind, text: decision.violations[0]?.message ?? '' };
    case 'stopped':
      return { ticketId: null, kind, text: decision.exception.summary };
    case 'routed':
      return { ticketId: null, kind, text: decision.route.to };
  }
}
