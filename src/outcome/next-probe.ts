import type { AttemptOutcome } from '../handoff/handoff.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import { type ComparedField, compareFields } from './compare.ts';

/** What one reading of the target says of a handoff. */
export interface Reading {
  /**
   * stands: as it should be. differs: the record is there, but not so. missing: no such record. unreadable: no usable
   * answer. unaskable: the question cannot even be made of the answer to the handoff, now or later.
   */
  readonly verdict: 'stands' | 'differs' | 'missing' | 'unreadable' | 'unaskable';
  /** One sentence for a person. */
  readonly text: string;
  readonly compared: readonly ComparedField[];
}

/** The outcome's rules as `judge` needs them. */
export interface OutcomeRules {
  readonly destination: string;
  /** The body that was sent. */
  readonly sent: unknown;
  readonly same: readonly string[];
  /** Text of the condition; null where there is none. */
  readonly that: string | null;
  /** Evaluates the condition on the record; null where it could not be evaluated. */
  holds(result: unknown): boolean | null;
}

/** Judges what was read back. Pure. */
export function judge(rules: OutcomeRules, read: AttemptOutcome): Reading {
  const { destination } = rules;
  if (read.status === 404 || read.status === 410) {
    return { verdict: 'missing', text: `${destination} has no such record (${read.status})`, compared: [] };
  }
  if (read.result !== 'accepted' || read.body === undefined) {
    const text = read.result === 'accepted' ? `${destination} answered without JSON` : read.detail;
    return { verdict: 'unreadable', text, compared: [] };
  }
  const compared = compareFields(rules.sent, read.body, rules.same);
  const wrong = compared.filter(({ equal }) => !equal);
  const complaints = wrong.map(complaint);
  if (rules.that !== null && rules.holds(read.body) !== true) complaints.push(`${rules.that} does not hold`);
  if (complaints.length === 0)
    return { verdict: 'stands', text: `${destination} holds what was sent`, compared };
  return {
    verdict: 'differs',
    text: `${destination} holds something else: ${complaints.join('; ')}`,
    compared,
  };
}

export type NextProbe =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'again'; readonly at: Date }
  | { readonly kind: 'contradicted' | 'unconfirmed' };

/**
 * Decides what follows one reading. Pure. Delays double from limits.probeFirstMs to limits.probeMaxMs; the last
 * probe is due at `confirmBy` itself, and what it reads is final.
 */
export function nextProbe(reading: Reading, probes: number, confirmBy: Date, now: Date): NextProbe {
  if (reading.verdict === 'stands') return { kind: 'confirmed' };
  if (reading.verdict === 'unaskable') return { kind: 'unconfirmed' };
  if (now >= confirmBy) return { kind: reading.verdict === 'differs' ? 'contradicted' : 'unconfirmed' };
  return { kind: 'again', at: probeAt(probes, confirmBy, now) };
}

/** When the first probe is due after a destination has accepted. Pure. */
export function firstProbeAt(confirmBy: Date, now: Date): Date {
  return probeAt(0, confirmBy, now);
}

function probeAt(probes: number, confirmBy: Date, now: Date): Date {
  const at = plusMs(now, Math.min(limits.probeFirstMs * 2 ** probes, limits.probeMaxMs));
  return at < confirmBy ? at : confirmBy;
}

function complaint(field: ComparedField): string {
  const sent = JSON.stringify(field.sent) ?? 'nothing';
  return `${field.field} is ${JSON.stringify(field.found) ?? 'missing'}, sent was ${sent}`;
}
