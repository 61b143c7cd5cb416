import { describe, expect, test } from 'vitest';
import type { Trigger } from '../decision.ts';
import { limits } from '../limits.ts';
import { type Expression, ExpressionError } from '../workflow/expression.ts';
import type { CompiledTrigger } from '../workflow/workflow.ts';
import { dedupe, identify } from './identity.ts';

const now = new Date('2026-01-01T00:00:00Z');

function workflow(identity: Expression | null): CompiledTrigger {
  return {
    source: 'form',
    contract: { name: 'any', schema: true, validate: () => [] },
    split: null,
    jsonField: null,
    identity,
    duplicates: { withinMs: 60_000 },
    onInvalid: 'exception',
    expectEveryMs: null,
  };
}

function identityOf(body: string, value: unknown, expression: Expression | null) {
  const trigger: Trigger = {
    source: 'form',
    contentType: 'application/json',
    headers: {},
    body: Buffer.from(body),
  };
  return identify(workflow(expression), trigger, value, {}, now);
}

const gives = (value: unknown): Expression => ({ source: 'payload.id', evaluate: () => value });
const fails: Expression = {
  source: 'payload.id',
  evaluate: () => {
    throw new ExpressionError('payload.id is missing');
  },
};
const long = 'x'.repeat(limits.identityCharsMax);

describe('what a trigger is recognised by', () => {
  test.each<
    [expression: Expression | null, identity: string | RegExp, failure: string | null, reason: string]
  >([
    [gives('lead-1'), 'lead-1', null, 'text stands as it is'],
    [gives(42), '42', null, 'a number stands as its JSON text'],
    [gives({ b: 1, a: 2 }), '{"a":2,"b":1}', null, 'a structure stands in canonical form'],
    [gives(long), long, null, 'at the bound it is kept'],
    [gives(`${long}x`), /^sha256:[0-9a-f]{64}$/, null, 'over the bound it stands as its digest'],
    [gives(''), /^sha256:/, 'payload.id is empty', 'nothing to go by: the content, and the failure is told'],
    [gives(null), /^sha256:/, 'payload.id is empty', 'null is nothing'],
    [fails, /^sha256:/, 'payload.id is missing', 'an expression that fails is told'],
    [null, /^sha256:/, null, 'a workflow without identity goes by content'],
  ])('%#', (expression, identity, failure, reason) => {
    const found = identityOf('{"id":1}', { id: 1 }, expression);
    expect(found.claim.identity, reason).toMatch(
      identity instanceof RegExp ? identity : new RegExp(`^${escape(identity)}$`),
    );
    expect(found.failure, reason).toBe(failure);
    expect(found.claim.until).toEqual(new Date(now.getTime() + 60_000));
  });

  test('content is compared as JSON, not as bytes', () => {
    const one = identityOf('{"a":1,"b":2}', { a: 1, b: 2 }, null).claim;
    const other = identityOf('{ "b": 2, "a": 1 }', { b: 2, a: 1 }, null).claim;
    expect(one.digest).toBe(other.digest);
  });

  test('what could not be parsed is recognised by its bytes', () => {
    const one = identityOf('{broken', undefined, gives('never asked'));
    expect(one.claim).toEqual(identityOf('{broken', undefined, null).claim);
    expect(one.claim.identity).not.toBe(identityOf('{broken!', undefined, null).claim.identity);
  });
});

function escape(text: string): string {
  return text.replaceAll(/[{}.+*?^$()|[\]\\]/g, '\\$&');
}

describe('the same identity again', () => {
  const claim = { identity: 'lead-1', digest: 'd1', until: now };
  test.each<
    [holder: { ticketId: string; digest: string | null } | null, verdict: string | null, reason: string]
  >([
    [null, null, 'nobody holds it: a new ticket'],
    [{ ticketId: 't', digest: 'd1' }, 'joined', 'same content joins'],
    [{ ticketId: 't', digest: 'd2' }, 'conflict', 'other content conflicts'],
    [{ ticketId: 't', digest: null }, 'conflict', 'a replay never joins another ticket'],
  ])('%#', (holder, verdict, reason) => {
    expect(dedupe(claim, { holder, rerouteTo: null })?.verdict ?? null, reason).toBe(verdict);
  });
});
