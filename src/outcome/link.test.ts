import { expect, test } from 'vitest';
import type { HandoffRequest } from '../handoff/handoff.ts';
import { addressMark, asksForCallback, filledRequest, keyMark, withoutAddress } from './link.ts';
import type { CallbackPlan } from './plan.ts';

const outcome: CallbackPlan = {
  kind: 'callback',
  from: null,
  match: null,
  key: null,
  mark: 'urn:signalbox:outcome:4aaf',
  that: null,
  same: [],
  withinMs: 1,
};
const [url, key] = ['https://box.example/in/outcome/a$&b.c', 'sb_1_create_r1'];
const request: HandoffRequest = {
  operation: 'create',
  method: 'POST',
  path: `/records?back=${encodeURIComponent(addressMark(outcome))}`,
  headers: { 'x-reference': keyMark(outcome) },
  body: { to: [`<${addressMark(outcome)}>`], ref: { key: keyMark(outcome), n: 1, none: null } },
};

test('address and key stand where their marks were, wherever that is, and nowhere else', () => {
  expect(filledRequest({ request, outcome }, { url, key })).toEqual({
    ...request,
    path: `/records?back=${encodeURIComponent(url)}`,
    headers: { 'x-reference': key },
    body: { to: [`<${url}>`], ref: { key, n: 1, none: null } },
  });
  expect(asksForCallback({ request, outcome })).toBe(true);
  expect(
    asksForCallback({ request: { ...request, path: '/', body: { key: keyMark(outcome) } }, outcome }),
  ).toBe(false);
});

test('an answer that repeats the address is kept without it', () => {
  const answer = { excerpt: `{"to":"${url}"}`, body: { to: url, other: [1] } };
  expect(JSON.stringify(withoutAddress(answer, { outcome }, url))).not.toContain('a$&b.c');
  expect(withoutAddress({ excerpt: null }, { outcome }, url)).toEqual({ excerpt: null });
});
