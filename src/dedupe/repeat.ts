import type { Decision, Holder, IdentityClaim, Joined, Reason, Version } from '../decision.ts';
import type { Duplicates } from '../workflow/workflow.ts';
import { compareVersions } from './version.ts';

/** What the same identity again comes to. */
export type Repeat = { readonly ticketId: string; readonly reason: Reason } & (
  | { readonly verdict: 'joined'; readonly outdated: Joined['outdated'] }
  | { readonly verdict: 'revises' | 'conflict' }
);

/** Same content joins the holder; other content is taken, joined or a conflict, as the workflow says. Null: nobody holds it. Pure. */
export function dedupe(
  claim: IdentityClaim,
  { otherContent }: Duplicates,
  holder: Holder | null,
): Repeat | null {
  if (holder === null) return null;
  const { ticketId, digest, fixed } = holder;
  const conflict = (why: string): Repeat => ({
    verdict: 'conflict',
    ticketId,
    reason: because(
      'conflicting_duplicate',
      `Ticket ${ticketId} has the same identity with other content${why}`,
    ),
  });
  if (digest === claim.digest) {
    const text = `Same identity and content as ticket ${ticketId}: joined to it`;
    return { verdict: 'joined', ticketId, outdated: null, reason: because('duplicate', text) };
  }
  if (otherContent === 'exception' || digest === null) return conflict('');
  if (otherContent === 'newest') {
    const { version: held } = holder;
    const { version: came } = claim;
    if (came === null) return conflict(', and no version tells which is newer');
    const newer = held === null ? 1 : compareVersions(came, held);
    if (newer === null) return conflict(`; its version ${held} cannot be compared with ${came}`);
    if (held !== null && newer <= 0) {
      const text = `Ticket ${ticketId} has version ${held} of it, and ${came} is not newer: joined to it`;
      return { verdict: 'joined', ticketId, outdated: { held, came }, reason: because('outdated', text) };
    }
  }
  if (fixed !== null) return conflict(`, which it cannot take any more: ${fixed}`);
  const text = `Newer content of ticket ${ticketId}, which is decided again on it`;
  return { verdict: 'revises', ticketId, reason: because('revises', text) };
}

/** What is remembered of the holder after a decision on a trigger of its identity; itself where that is nothing new. Pure. */
export function remembered(holder: Holder, decision: Decision): Holder {
  const { digest, version } = decision.identity;
  if (decision.kind === 'revised') return { ...holder, digest, version };
  // The same content may come again as a newer version: what lies between the two is then outdated.
  const same = decision.kind === 'joined' && decision.outdated === null;
  return same && isNewer(version, holder.version) ? { ...holder, version } : holder;
}

function isNewer(came: Version | null, held: Version | null): boolean {
  if (came === null || held === null) return came !== null;
  return (compareVersions(came, held) ?? 0) > 0;
}

function because(code: string, text: string): Reason {
  return { rung: 'dedupe', code, text };
}
