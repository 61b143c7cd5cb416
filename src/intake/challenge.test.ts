import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { answerChallenge, challengeOf, isChallenge } from './challenge.ts';
import { challengePresets } from './presets.ts';
import type { SignedRequest } from './request.ts';

const asked: SignedRequest = {
  method: 'POST',
  url: '/in/form',
  headers: { 'content-type': 'application/json' },
  body: Buffer.alloc(0),
  address: null,
};
const json = (value: unknown): SignedRequest => ({ ...asked, body: Buffer.from(JSON.stringify(value)) });
const get = (query: string): SignedRequest => ({ ...asked, method: 'GET', url: `/in/form?${query}` });
const { slack, meta, zoom, microsoft } = {
  slack: challengeOf(challengePresets.slack as never),
  meta: challengeOf(challengePresets.meta as never),
  zoom: challengeOf(challengePresets.zoom as never),
  microsoft: challengeOf(challengePresets.microsoft as never),
};
const verifyToken = 'hub.mode=subscribe&hub.verify_token=s3cret&hub.challenge=';
const hmac = createHmac('sha256', 's3cret').update('tok_1=').digest('hex');

describe('what is a handshake', () => {
  test.each([
    [slack, json({ type: 'url_verification', challenge: 'a' }), true, 'as Slack asks'],
    [slack, json({ type: 'event_callback' }), false, 'a trigger'],
    [slack, { ...asked, body: Buffer.from('{') }, false, 'not JSON'],
    [slack, get('type=url_verification'), false, 'another method'],
    [meta, get(`${verifyToken}1`), true, 'as Meta asks'],
    [meta, get('hub.mode=unsubscribe'), false, 'another mode'],
    [zoom, json({ event: 'endpoint.url_validation' }), true, 'as Zoom asks'],
    [microsoft, { ...asked, url: '/in/form?validationToken=a' }, true, 'as Graph asks'],
    [microsoft, json({ value: [] }), false, 'a notification'],
  ] as const)('%#: %s %s: $2, $3', (challenge, request, verdict, _why) => {
    expect(isChallenge(challenge, request)).toBe(verdict);
  });
});

describe('what is answered', () => {
  const text = 'text/plain; charset=utf-8';
  test.each([
    [slack, json({ challenge: 'é<script>' }), 'application/json', '{"challenge":"é<script>"}'],
    [meta, get(`${verifyToken}11%3C5`), text, '11<5'],
    [
      zoom,
      json({ payload: { plainToken: 'tok_1=' } }),
      'application/json',
      `{"plainToken":"tok_1=","encryptedToken":"${hmac}"}`,
    ],
    [microsoft, { ...asked, url: '/in/form?validationToken=a+b%3A%20c' }, text, 'a b: c'],
    [challengeOf({ method: 'HEAD' }), asked, text, ''],
    [
      challengeOf({ json: { type: 1, deep: ['{{', { a: null }] } }),
      asked,
      'application/json',
      '{"type":1,"deep":["{",{"a":null}]}',
    ],
  ] as const)('%#: %s %s: %s %s', (challenge, request, contentType, body) => {
    expect(answerChallenge(challenge, request, ['s3cret'])).toEqual({
      kind: 'answered',
      contentType,
      headers: {},
      body,
    });
  });

  const hook = { ...asked, headers: { ...asked.headers, 'x-hook-secret': 'abc' } };
  const echoing = challengeOf({ headers: { 'x-hook-secret': '{header:x-hook-secret}' } });
  test('in a header, as it came', () => {
    expect(answerChallenge(echoing, hook, ['s3cret'])).toMatchObject({ headers: { 'x-hook-secret': 'abc' } });
  });

  test('in a header, signed', () => {
    const proving = challengeOf({
      signature: { signs: '{header:x-hook-secret}' },
      headers: { 'x-hook-secret': '{signature}' },
    });
    const right = createHmac('sha256', 's3cret').update('abc').digest('hex');
    expect(answerChallenge(proving, hook, ['s3cret'])).toMatchObject({ headers: { 'x-hook-secret': right } });
  });

  test.each([
    ['a b', 'a space'],
    ['a\r\nset-cookie: x', 'another line'],
    ['é', 'what a header cannot hold'],
    [`${'a'.repeat(limits.challengeCharsMax)}a`, 'one character too long'],
    ['', 'nothing to answer'],
  ])('not in a header: %j, %s', (value) => {
    const request = { ...asked, headers: { ...asked.headers, 'x-hook-secret': value } };
    expect(answerChallenge(echoing, request, ['s3cret'])).toMatchObject({ reason: 'malformed_challenge' });
  });

  const long = 'a'.repeat(limits.challengeCharsMax);
  test.each([
    [meta, get('hub.verify_token=other&hub.challenge=1'), 'wrong_token', 'another token'],
    [meta, get('hub.challenge=1'), 'wrong_token', 'none'],
    [meta, get('hub.verify_token=s3cret'), 'malformed_challenge', 'nothing to answer'],
    [meta, get(`${verifyToken}${long}a`), 'malformed_challenge', 'one character too long'],
    [
      zoom,
      json({ payload: { plainToken: `v0:1:{"forged":true}` } }),
      'malformed_challenge',
      'a trigger to be signed',
    ],
    [zoom, json({ payload: {} }), 'malformed_challenge', 'nothing to sign'],
    [slack, json({}), 'malformed_challenge', 'no challenge'],
  ] as const)('%#: %s %s: %s, %s', (challenge, request, reason, _why) => {
    expect(answerChallenge(challenge, request, ['s3cret'])).toMatchObject({ kind: 'refused', reason });
  });

  test('as long as it may be, and with any of several tokens', () => {
    expect(answerChallenge(meta, get(`${verifyToken}${long}`), ['old', 's3cret'])).toMatchObject({
      body: long,
    });
    expect(answerChallenge(meta, get(`${verifyToken}1`), ['', ''])).toMatchObject({ reason: 'wrong_token' });
  });

  test('no garbage makes it throw, or say more than it may', () => {
    const query = fc.oneof(
      fc.string(),
      fc.string().map((text) => `${verifyToken}${text}`),
    );
    fc.assert(
      fc.property(fc.constantFrom(slack, meta, zoom, microsoft), query, fc.json(), (challenge, url, body) => {
        const request = { ...asked, url: `/in/form?${url}`, body: Buffer.from(body) };
        isChallenge(challenge, request);
        const answer = answerChallenge(challenge, request, ['s3cret']);
        expect(answer.kind === 'answered' ? answer.body.length : 0).toBeLessThanOrEqual(
          limits.challengeCharsMax,
        );
      }),
    );
  });
});
