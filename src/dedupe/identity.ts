import { canonical, sha256 } from '../audit/encoding.ts';
import type { Facts, IdentityClaim, Reason, Trigger } from '../decision.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Scope } from '../workflow/expression.ts';
import { ExpressionError } from '../workflow/expression.ts';
import type { CompiledTrigger } from '../workflow/workflow.ts';

/** An identity, or why there is none; `claim` then stands on the digest of the bytes, so that exact repeats are still known. */
export interface Identified {
  readonly claim: IdentityClaim;
  readonly failure: string | null;
}

/** Finds what a trigger is recognised by. `value` is undefined where the body could not be parsed. Pure. */
export function identify(
  workflow: CompiledTrigger,
  trigger: Trigger,
  value: unknown,
  scope: Scope,
  now: Date,
): Identified {
  const digest = (value === undefined ? sha256(trigger.body) : sha256(canonical(value))).toString('hex');
  const until = plusMs(now, workflow.duplicates.withinMs);
  const fallback = { identity: `sha256:${digest}`, digest, until };
  if (workflow.identity === null || value === undefined) return { claim: fallback, failure: null };
  try {
    const identity = identityText(workflow.identity.evaluate(scope));
    return identity === null
      ? { claim: fallback, failure: `${workflow.identity.source} is empty` }
      : { claim: { identity, digest, until }, failure: null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { claim: fallback, failure: error.message };
  }
}

/** Text of at most limits.identityCharsMax; longer ones and structures stand as their digest. Null: nothing to go by. */
function identityText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  const text = typeof value === 'string' ? value : canonical(value);
  return text.length <= limits.identityCharsMax ? text : `sha256:${sha256(text).toString('hex')}`;
}

/** Same identity: the same content joins the holder, other content is a conflict. Null: nobody holds it. Pure. */
export function dedupe(
  claim: IdentityClaim,
  facts: Facts,
): { verdict: 'joined' | 'conflict'; ticketId: string; reason: Reason } | null {
  if (facts.holder === null) return null;
  const { ticketId, digest } = facts.holder;
  return digest === claim.digest
    ? {
        verdict: 'joined',
        ticketId,
        reason: {
          rung: 'dedupe',
          code: 'duplicate',
          text: `Same identity and content as ticket ${ticketId}: joined to it`,
        },
      }
    : {
        verdict: 'conflict',
        ticketId,
        reason: {
          rung: 'dedupe',
          code: 'conflicting_duplicate',
          text: `Ticket ${ticketId} has the same identity with other content`,
        },
      };
}
