import { canonical, sha256Hex } from '../audit/encoding.ts';
import type { IdentityClaim, Trigger, Version } from '../decision.ts';
import { eventIdentity } from '../intake/cloudevent.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import { type Expression, ExpressionError, type Scope } from '../workflow/expression.ts';
import type { CompiledTrigger } from '../workflow/workflow.ts';
import { versionOf } from './version.ts';

/** What a trigger is recognised by, and what of it could not be found; an identity then is the digest of the content. */
export interface Identified {
  readonly claim: IdentityClaim;
  readonly failure: { readonly of: 'identity' | 'version'; readonly text: string } | null;
}

/** Finds what a trigger is recognised by. `value` is undefined where the body could not be parsed. Pure. */
export function identify(
  workflow: CompiledTrigger,
  trigger: Trigger,
  value: unknown,
  scope: Scope,
  now: Date,
): Identified {
  const digest = sha256Hex(value === undefined ? trigger.body : canonical(value));
  const until = plusMs(now, workflow.duplicates.withinMs);
  // What was not parsed has no fields to ask: exact repeats of it are still known.
  const ask = (expression: Expression | null) => (value === undefined ? null : expression);
  const identity = found(ask(workflow.identity), scope, identityText);
  const event = workflow.identity === null && value !== undefined ? eventIdentity(trigger, value) : null;
  const version = found(ask(workflow.duplicates.version), scope, versionOf);
  return {
    claim: {
      identity: identity.value ?? identityText(event) ?? `sha256:${digest}`,
      digest,
      version: version.value,
      until,
    },
    failure: failed('identity', identity) ?? failed('version', version),
  };
}

/** The identity under which a content holds that conflicts with another ticket: its exact repeats join it. Pure. */
export function conflictClaim(claim: IdentityClaim): IdentityClaim {
  return { ...claim, identity: `conflict:${sha256Hex(canonical([claim.identity, claim.digest]))}` };
}

interface Found<T> {
  readonly value: T | null;
  readonly problem: string | null;
}

function found<T extends string | Version>(
  expression: Expression | null,
  scope: Scope,
  read: (value: unknown) => T | null,
): Found<T> {
  if (expression === null) return { value: null, problem: null };
  try {
    const value = read(expression.evaluate(scope));
    return { value, problem: value === null ? `${expression.source} is empty` : null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { value: null, problem: error.message };
  }
}

function failed(of: 'identity' | 'version', { problem }: Found<unknown>): Identified['failure'] {
  return problem === null ? null : { of, text: problem };
}

/** Text of at most limits.identityCharsMax; longer ones and structures stand as their digest. Null: nothing to go by. */
function identityText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  const text = typeof value === 'string' ? value : canonical(value);
  return text.length <= limits.identityCharsMax ? text : `sha256:${sha256Hex(text)}`;
}
