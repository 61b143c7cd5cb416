import type { ExceptionPolicy } from '../../../exceptions/exception.ts';
import type { HandoffRow } from '../../../handoff/store.ts';
import { limits } from '../../../limits.ts';
import type { Reading } from '../../../outcome/next-probe.ts';
import { earliest } from '../../../platform/instant.ts';
import { type Finding, findingKey } from '../../finding/finding.ts';
import type { ListedRow } from '../tables.ts';

/** What a comparison took of a source's list because it never came. */
export interface Drops {
  readonly source: string;
  readonly policy: ExceptionPolicy;
  readonly kind: 'list' | 'file';
  readonly taken: readonly Pick<ListedRow, 'identity' | 'ticket_id' | 'made_at' | 'since'>[];
  /** All of them; `taken` names the first. */
  readonly count: number;
}

export function dropKey(source: string): string {
  return findingKey('silent_drop', source);
}

/** The finding of triggers that never came. Pure. */
export function dropFinding({ source, policy, kind, taken, count }: Drops): Finding {
  const since = earliest(...taken.map(({ made_at: madeAt, since: seen }) => madeAt ?? seen));
  const named = taken.slice(0, limits.reconciliationNamedMax);
  const triggers = count === 1 ? '1 trigger' : `${count} triggers`;
  const sentence = `${triggers} of ${source} never came, the oldest of ${since?.toISOString() ?? 'an unknown time'}`;
  return {
    mode: 'silent_drop',
    key: dropKey(source),
    ticketId: null,
    source,
    policy,
    summary: `${sentence}: found in its ${kind}, and taken`,
    detail: {
      source,
      missing: count,
      since: since?.toISOString() ?? null,
      identities: named.map(({ identity }) => identity),
      tickets: named.flatMap(({ ticket_id: ticket }) => ticket ?? []),
    },
  };
}

/** A record that is not as it was when it was confirmed. */
export interface Stale {
  readonly handoff: Pick<HandoffRow, 'ticket_id' | 'seq' | 'handoff' | 'destination' | 'plan'>;
  readonly reading: Reading;
  readonly confirmedAt: Date;
  readonly readAt: Date;
}

export function staleKey({ ticket_id: ticket, seq }: Pick<HandoffRow, 'ticket_id' | 'seq'>): string {
  return findingKey('sync_stale', ticket, seq);
}

/** The finding of a stale record: its sentence names fields, its particulars both values. Pure. */
export function staleFinding({ handoff, reading, confirmedAt, readAt }: Stale): Finding {
  const { destination } = handoff;
  const wrong = reading.compared.filter(({ equal }) => !equal);
  const fields = wrong.map(({ field }) => field).join(', ');
  const what =
    reading.verdict === 'missing'
      ? `has no such record any more`
      : `no longer holds what it did${fields === '' ? '' : `: ${fields}`}`;
  return {
    mode: 'sync_stale',
    key: staleKey(handoff),
    ticketId: handoff.ticket_id,
    source: null,
    policy: handoff.plan.exceptions,
    summary: `${destination} ${what} (${handoff.handoff}, confirmed ${confirmedAt.toISOString()})`,
    detail: {
      destination,
      handoff: handoff.handoff,
      handoff_seq: handoff.seq,
      verdict: reading.verdict,
      compared: wrong,
      confirmed_at: confirmedAt.toISOString(),
      read_at: readAt.toISOString(),
    },
  };
}
