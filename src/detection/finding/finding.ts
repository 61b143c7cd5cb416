import { type ChainedEntry, chain, type EntryDraft, emptyChain } from '../../audit/chain.ts';
import { canonical, sha256 } from '../../audit/encoding.ts';
import type { ExceptionDraft, ExceptionPolicy, FailureMode } from '../../exceptions/exception.ts';
import { draftException, exceptionOpenedEntry, exceptionRow } from '../../exceptions/open.ts';
import { limits } from '../../limits.ts';
import { ticketId } from '../../platform/ids.ts';
import { plusMs } from '../../platform/instant.ts';

/*
 *            openFinding                    closeFinding: over
 *   (none) ─────────────▶ open, an exception ─────────────────▶ closed, the exception resolved as `over`
 *                          │             ▲
 *             a person     ▼             │ still so (or so again), one resolution SLA later:
 *             settles it  open, told ────┘ another exception
 */

/** Something that nobody reported, as a detector tells it. */
export interface Finding {
  readonly mode: FailureMode;
  /** Names what is so: one finding of a key is open at a time (findingKey). */
  readonly key: string;
  /** The ticket that it is about; null: it is about something else, and gets a ticket of its own. */
  readonly ticketId: string | null;
  /** The source that it concerns, where one is. */
  readonly source: string | null;
  readonly policy: ExceptionPolicy;
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Of what is counted over a time, when it last happened. */
  readonly lastAt?: Date;
}

/** Source and workflow of the tickets that findings get of their own. No project may use the name. */
export const ownSource = 'signalbox';

/** A finding's key: its mode and the names of what it is about. Pure. */
export function findingKey(mode: FailureMode, ...names: readonly (string | number)[]): string {
  const key = [mode, ...names].join('/').toWellFormed().replaceAll('\0', '\u{fffd}');
  if (key.length <= limits.findingKeyCharsMax) return key;
  return `${key.slice(0, 400).toWellFormed()}…${sha256(key).toString('hex')}`;
}

/** The exception of a finding, its policy frozen. Pure. */
export function exceptionOf(finding: Finding): ExceptionDraft {
  const { policy, mode, summary, detail } = finding;
  // A ticket of its own has no other name for what it shares with those before it.
  const named = finding.ticketId === null ? { ...detail, finding: finding.key } : detail;
  return draftException(policy, mode, { summary, detail: named });
}

/** The rows of a finding's own ticket. No payload: nothing was received. Pure. */
export function ticketOf(finding: Finding, now: Date, random: Uint8Array) {
  const draft = exceptionOf(finding);
  const id = ticketId(now, ownSource, finding.key, random);
  const exception = exceptionRow(id, 1, ownSource, draft, now);
  const found: EntryDraft = {
    kind: 'found',
    actor: 'signalbox',
    data: { finding: finding.key, mode: finding.mode },
  };
  const entries = chain(id, emptyChain, [found, exceptionOpenedEntry(exception)], now);
  const head = entries.at(-1) as ChainedEntry;
  const ticket = {
    id,
    source: ownSource,
    delivery_id: null,
    part: null,
    workflow: ownSource,
    workflow_version: ownVersion,
    identity: finding.key,
    digest: sha256(canonical([finding.key, now.toISOString()])).toString('hex'),
    state: 'exception',
    owner: draft.policy.owner,
    alternate: draft.policy.alternate,
    fields: '{}',
    route: null,
    confidence: null,
    revision: 1,
    joined: 0,
    received_at: now,
    updated_at: now,
    settled_at: null,
    head_seq: head.seq,
    head_hash: head.hash,
  };
  return { ticket, exception, entries };
}

/** No workflow decides them. */
const ownVersion = '0'.repeat(64);

/**
 * Whether an open finding is told again: a person has settled it, and one resolution SLA later it is still so, or, of what
 * is counted over a time, has happened again. Pure.
 */
export function isToldAgain(
  exception: { readonly resolvedAt: Date | null; readonly resolveWithinMs: number },
  { lastAt }: Pick<Finding, 'lastAt'>,
  now: Date,
): boolean {
  const { resolvedAt, resolveWithinMs } = exception;
  if (resolvedAt === null || (lastAt !== undefined && lastAt <= resolvedAt)) return false;
  return plusMs(resolvedAt, resolveWithinMs) <= now;
}
