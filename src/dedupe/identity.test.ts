import { describe, expect, test } from 'vitest';
import type { Trigger } from '../decision.ts';
import { limits } from '../limits.ts';
import { type Expression, ExpressionError } from '../workflow/expression.ts';
import type { CompiledTrigger, Duplicates } from '../workflow/workflow.ts';
import { conflictClaim, identify } from './identity.ts';

const now = new Date('2026-01-01T00:00:00Z');

function workflow(identity: Expression | null, duplicates: Partial<Duplicates> = {}): CompiledTrigger {
  return {
    source: 'form',
    contract: { name: 'any', schema: true, validate: () => [] },
    split: null,
    jsonField: null,
    identity,
    duplicates: { withinMs: 60_000, otherContent: 'exception', version: null, ...duplicates },
    onInvalid: 'exception',
    expectEveryMs: null,
    falseAlarmEveryMs: null,
  };
}

function identityOf(
  body: string,
  value: unknown,
  expression: Expression | null,
  duplicates: Partial<Duplicates> = {},
) {
  const trigger: Trigger = {
    source: 'form',
    contentType: 'application/json',
    headers: {},
    body: Buffer.from(body),
  };
  return identify(workflow(expression, duplicates), trigger, value, {}, now);
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
      identity instanceof RegExp ? identity : new RegExp(`^${escaped(identity)}$`),
    );
    expect(found.failure, reason).toEqual(failure === null ? null : { of: 'identity', text: failure });
    expect(found.claim.until).toEqual(new Date(now.getTime() + 60_000));
  });

  const eventText = 'application/cloudevents+json';
  test.each<
    [contentType: string, headers: Record<string, string>, value: object, identity: RegExp, reason: string]
  >([
    [eventText, {}, { source: '/shop', id: '17' }, /^\/shop 17$/, 'an event by its source and id'],
    [
      eventText,
      {},
      { source: '/shop', id: long },
      /^sha256:[0-9a-f]{64}$/,
      'by their digest where they are long',
    ],
    [
      'application/json',
      { 'ce-specversion': '1.0', 'ce-source': '/shop', 'ce-id': 'a%20b' },
      {},
      /^\/shop a b$/,
      'its attributes are headers',
    ],
    [
      'application/json',
      { 'ce-specversion': '1.0', 'ce-source': '/shop', 'ce-id': 'a%00b' },
      {},
      /^\/shop a%00b$/,
      'PostgreSQL keeps no U+0000',
    ],
  ])(
    'an event without an identity of its workflow: %s %o %o',
    (contentType, headers, value, identity, reason) => {
      const trigger: Trigger = { source: 'form', contentType, headers, body: Buffer.from('{}') };
      expect(identify(workflow(null), trigger, value, {}, now).claim.identity, reason).toMatch(identity);
    },
  );

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

function escaped(text: string): string {
  return text.replaceAll(/[{}.+*?^$()|[\]\\]/g, '\\$&');
}

test('a version is kept as it is, and told where there is none', () => {
  const newest = (version: Expression) => ({ otherContent: 'newest', version }) as const;
  const at = (expression: Expression) =>
    identityOf('{"id":1}', { id: 1 }, gives('lead-1'), newest(expression));
  expect(at(gives(7)).claim.version).toBe(7);
  expect(at(gives('2026-01-01T00:00:00Z')).claim.version).toBe('2026-01-01T00:00:00Z');
  expect(at(fails)).toMatchObject({
    claim: { identity: 'lead-1', version: null },
    failure: { of: 'version', text: 'payload.id is missing' },
  });
});

test('what conflicts is recognised by identity and content together', () => {
  const claim = identityOf('{"id":1}', { id: 1 }, gives('lead-1')).claim;
  expect(conflictClaim(claim).identity).toMatch(/^conflict:[0-9a-f]{64}$/);
  const others = [
    { ...claim, identity: 'lead-2' },
    { ...claim, digest: 'other' },
  ];
  for (const other of others) expect(conflictClaim(other).identity).not.toBe(conflictClaim(claim).identity);
});
