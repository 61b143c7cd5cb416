import type { Entry, Handoff, Story } from '../../api/shapes.ts';

/** A ticket's story over the ladder: each rung with what came of it. Pure. */

export const rungNames = [
  'intake',
  'contract',
  'dedupe',
  'transform',
  'checks',
  'routing',
  'approval',
  'handoff',
  'outcome',
  'done',
] as const;

export type RungName = (typeof rungNames)[number];

export interface Rung {
  readonly name: RungName;
  /** passed: gone through; stopped: it ended here; waiting: it is here now; ahead: not reached; none: not asked for. */
  readonly standing: 'passed' | 'stopped' | 'waiting' | 'ahead' | 'none';
  /** One sentence each. */
  readonly said: readonly string[];
  readonly at: string | null;
  readonly handoffs: readonly Handoff[];
}

interface Reason {
  readonly rung: string;
  readonly text: string;
}

export function ladderOf({ ticket, entries, handoffs }: Story): Rung[] {
  const decided = entries.findLast(({ kind }) => kind === 'decided');
  const reasons = reasonsOf(decided);
  const promised = new Set(
    entries
      .slice(decided === undefined ? 0 : entries.indexOf(decided))
      .filter(({ kind }) => kind === 'handoff_promised')
      .map(({ data }) => data.handoff_seq),
  );
  // What an earlier decision did may still have to be taken back.
  const current = handoffs.filter(
    ({ seq, undoes, settled_at }) => promised.has(seq) || (undoes !== null && settled_at === null),
  );
  const lastRung = reasons.at(-1)?.rung;
  const stopped = decided?.data.decision !== 'routed';
  const received = entries.find(({ kind }) => kind === 'received');
  const done = ticket.state === 'done';

  return rungNames.map((name): Rung => {
    const rung = { name, said: [], at: decided?.at ?? null, handoffs: [] };
    if (name === 'intake') {
      return { ...rung, standing: 'passed', said: intakeText(ticket, received), at: ticket.received_at };
    }
    if (name === 'approval') return { ...rung, ...approvalOf(current) };
    if (name === 'handoff') return { ...rung, ...handoffOf(current, stopped) };
    if (name === 'outcome') return { ...rung, ...outcomeOf(current) };
    if (name === 'done') return { ...rung, standing: done ? 'passed' : 'ahead', at: ticket.settled_at };
    const said = reasons.filter((reason) => reason.rung === name).map(({ text }) => text);
    if (said.length > 0) {
      return { ...rung, said, standing: stopped && name === lastRung ? 'stopped' : 'passed' };
    }
    const last = rungNames.indexOf(lastRung as RungName);
    return { ...rung, standing: rungNames.indexOf(name) < last ? 'passed' : 'ahead' };
  });
}

function reasonsOf(entry: Entry | undefined): readonly Reason[] {
  const reasons = entry?.data.reasons;
  return Array.isArray(reasons) ? (reasons as Reason[]) : [];
}

function intakeText(ticket: Story['ticket'], received: Entry | undefined): string[] {
  const bytes = received?.data.bytes;
  const size = typeof bytes === 'number' ? `, ${bytes.toLocaleString('en')} bytes` : '';
  const again = ticket.joined === 0 ? [] : [`The same came ${ticket.joined} more times and was joined`];
  return [`From ${ticket.source}${size}`, ...again];
}

type Part = Pick<Rung, 'standing' | 'said'> & Partial<Pick<Rung, 'handoffs' | 'at'>>;

function approvalOf(handoffs: readonly Handoff[]): Part {
  const asked = handoffs.filter(({ approval }) => approval !== null);
  if (asked.length === 0) return { standing: 'none', said: [] };
  const said = asked.map(({ handoff, approval }) => {
    if (approval?.decided_at == null) return `${handoff} waits for ${approval?.by}`;
    const why = approval.reason ? `: ${approval.reason}` : '';
    return `${handoff} ${approval.state} by ${approval.decided_by}${why}`;
  });
  const states = new Set(asked.map(({ approval }) => approval?.state));
  if (states.has('refused') || states.has('overdue')) return { standing: 'stopped', said };
  return { standing: states.has('waiting') ? 'waiting' : 'passed', said };
}

const failed = new Set(['failed', 'cancelled']);
const accepted = new Set(['confirming', 'confirmed', 'confirmed_by_person', 'unconfirmed', 'contradicted']);

function handoffOf(handoffs: readonly Handoff[], stopped: boolean): Part {
  if (handoffs.length === 0) return { standing: stopped ? 'ahead' : 'none', said: [] };
  const states = handoffs.map(({ state }) => state);
  const standing = states.some((state) => failed.has(state))
    ? 'stopped'
    : states.every((state) => accepted.has(state))
      ? 'passed'
      : states.includes('awaiting_approval')
        ? 'ahead'
        : 'waiting';
  const said = handoffs.map(({ handoff, destination }) => `${handoff} at ${destination}`);
  return { standing, said, handoffs, at: handoffs[0]?.created_at ?? null };
}

function outcomeOf(handoffs: readonly Handoff[]): Part {
  const begun = handoffs.filter(({ accepted_at, outcome }) => accepted_at !== null || outcome !== null);
  if (begun.length === 0) return { standing: 'ahead', said: [] };
  const said = begun.map(({ handoff, outcome, probes }) =>
    outcome === null
      ? `${handoff}: looked ${probes} times`
      : `${handoff} ${outcome.state.replaceAll('_', ' ')}`,
  );
  const states = begun.map(({ outcome }) => outcome?.state ?? 'waiting');
  if (states.some((state) => state === 'contradicted' || state === 'unconfirmed'))
    return { standing: 'stopped', said };
  return { standing: states.includes('waiting') ? 'waiting' : 'passed', said };
}

/** Who had the ticket or its exceptions, and from when. */
export interface Ownership {
  readonly at: string;
  readonly who: string;
  readonly why: string;
}

export function ownersOf({ ticket, entries }: Pick<Story, 'ticket' | 'entries'>): Ownership[] {
  const transfer = entries.find(({ kind }) => kind === 'ownership_transferred');
  let owner = transfer === undefined ? ticket.owner : String(transfer.data.from);
  const owners: Ownership[] = [{ at: ticket.received_at, who: owner, why: 'owner' }];
  for (const { kind, at, data, actor } of entries) {
    const who = (name: string) => String(data[name]);
    if (kind === 'exception_opened') owners.push({ at, who: who('responsible'), why: 'exception opened' });
    if (kind === 'exception_escalated') owners.push({ at, who: who('to'), why: `escalated: ${who('why')}` });
    if (kind === 'exception_claimed') owners.push({ at, who: actor, why: 'claimed' });
    if (kind === 'exception_resolved') owners.push({ at, who: owner, why: 'resolved' });
    if (kind === 'ownership_transferred') {
      owner = who('to');
      owners.push({ at, who: owner, why: 'owner' });
    }
  }
  return owners;
}
