import type { EntryDraft } from '../../audit/chain.ts';
import type { TicketState } from '../../db/schema.ts';
import { nextProbe, patienceOf, type Reading } from '../../outcome/next-probe.ts';
import { confirmation, probedEntry } from '../../outcome/proof.ts';
import type { NewOutcome } from '../../outcome/store.ts';
import { doneEntry } from '../../ticket/place.ts';
import { ticketState } from '../../ticket/state.ts';
import type { Found, FoundTicket } from '../claiming/store.ts';
import type { AttemptOutcome } from '../handoff.ts';
import type { NextAttempt } from '../next-attempt.ts';
import { stepAfter } from '../step.ts';
import type { HandoffRow } from '../store.ts';

/** What has come of the work on a handoff that was claimed. `row`: as it was claimed. */
export interface Worked extends Found {
  /** What came of its attempt; null: it was one more look at its outcome. */
  readonly attempt: {
    readonly outcome: AttemptOutcome;
    readonly next: NextAttempt;
    /** It does not count: its destination is out. */
    readonly excused: boolean;
  } | null;
  /** What was read of its record, and when that was asked for; null: nothing yet. */
  readonly look: Look | null;
}

export interface Look {
  readonly reading: Reading;
  readonly asked: Date;
}

/** What is written of it. */
export interface Move {
  readonly becomes: HandoffRow;
  /** What it adds to the handoff's probes. */
  readonly probes: 0 | 1;
  readonly entries: readonly EntryDraft[];
  readonly state: TicketState;
  /** Set where its outcome is confirmed. */
  readonly proof: NewOutcome | null;
  /** Whether a look at the outcome is under way afterwards, under the lease that it is given. */
  readonly looks: boolean;
}

/**
 * Decides what is written of work that came to something; null where somebody must look closer than a group can. Pure.
 * A record that stands is the proof at once, together with the acceptance; where it does not yet, the next look is planned.
 */
export function moveOf({ row: claimed, ticket, attempt, look }: Worked, now: Date, lease: Date): Move | null {
  if (attempt === null) {
    const next = look && probeOf(claimed, look);
    if (look === null || next?.kind !== 'confirmed' || !isPlain(ticket)) return null;
    // What was answered stays as it is written.
    return proved({ ...claimed, response: null }, ticket, look.reading, [], 0, now);
  }
  const { outcome, next, excused } = attempt;
  if (next.kind === 'failed') return null;
  const row = excused ? { ...claimed, excused: claimed.excused + 1 } : claimed;
  const { change, entry } = stepAfter(row, outcome, next, now);
  const becomes = { ...row, ...change, response: change.response ?? null } as HandoffRow;
  const written = { entries: [entry], state: ticket.state, proof: null };
  if (next.kind === 'retry' || !('operation' in row.plan.outcome))
    return { becomes, probes: 0, ...written, looks: false };
  const looked = { ...becomes, probes: row.probes + 1, due_at: lease };
  const following = look && probeOf(looked, look);
  if (look !== null && following?.kind === 'confirmed' && isPlain(ticket))
    return proved(looked, ticket, look.reading, [entry], 1, now);
  if (look !== null && following?.kind === 'again') {
    const entries = [entry, probedEntry(looked, look.reading)];
    const later = { due_at: following.at, confirm_by: following.confirmBy ?? looked.confirm_by };
    return { becomes: { ...looked, ...later }, probes: 1, ...written, entries, looks: false };
  }
  return { becomes: looked, probes: 1, ...written, looks: true };
}

function probeOf(row: HandoffRow, { reading, asked }: Look) {
  const { confirm_by: confirmBy } = row;
  if (confirmBy === null) return null;
  return nextProbe(reading, row.probes, confirmBy, asked, patienceOf(row, confirmBy));
}

/** Nothing else of the ticket is moved by a proof. */
function isPlain({ settled_at: settledAt, excepted, others }: FoundTicket): boolean {
  return settledAt === null && !excepted && !others.includes('waiting');
}

function proved(
  row: HandoffRow,
  { others }: FoundTicket,
  reading: Reading,
  before: readonly EntryDraft[],
  probes: 0 | 1,
  now: Date,
): Move {
  const { outcome, entry } = confirmation(row, reading);
  const state = ticketState([{ state: 'confirmed' }, ...others.map((each) => ({ state: each }))], []);
  const entries = [...before, entry, ...(state === 'done' ? [doneEntry] : [])];
  const becomes = { ...row, state: 'confirmed', settled_at: now, due_at: null } as const;
  return { becomes, probes, entries, state, proof: outcome, looks: false };
}
