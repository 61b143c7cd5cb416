import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plusMs } from '../platform/instant.ts';
import { type Bucket, createBuckets, draw, rateLimitHeaders } from './rate-limit.ts';

const start = new Date('2026-03-02T09:00:00.000Z');
const tenASecond = { requests: 10, perMs: 1_000, burst: 20 };
const sixAnHour = { requests: 6, perMs: 3_600_000, burst: 6 };

describe('one request', () => {
  const full: Bucket | null = null;
  const empty = { tokens: 0, at: start };
  const rows: [Bucket | null, typeof tenASecond, number, object, string][] = [
    [full, tenASecond, 0, { allowed: true, remaining: 19, waitSeconds: 1 }, 'nobody has drawn yet: full'],
    [empty, tenASecond, 99, { allowed: false, remaining: 0, waitSeconds: 1 }, 'not yet a whole token'],
    [empty, tenASecond, 100, { allowed: true, remaining: 0 }, 'the first one is there'],
    [empty, tenASecond, 60_000, { allowed: true, remaining: 19 }, 'never more than the burst'],
    [empty, sixAnHour, 0, { allowed: false, remaining: 0, waitSeconds: 600 }, 'one every ten minutes'],
    [empty, sixAnHour, 599_999, { allowed: false, waitSeconds: 1 }, 'a part of a second is a whole one'],
    [{ tokens: 500, at: start }, sixAnHour, 0, { allowed: true, remaining: 5 }, 'the limit was lowered'],
    [{ tokens: 0, at: plusMs(start, 9e6) }, sixAnHour, 0, { allowed: false }, 'the clock was set back'],
  ];
  test.each(rows)('%o %o after %i ms: %o (%s)', (bucket, limit, afterMs, expected) => {
    expect(draw(bucket, limit, plusMs(start, afterMs))).toMatchObject(expected);
  });
});

test('a clock that was set back holds nobody up for longer than the wait that was told', () => {
  const ahead = draw({ tokens: 0, at: plusMs(start, 9e6) }, sixAnHour, start);
  expect(draw(ahead.bucket, sixAnHour, plusMs(start, ahead.waitSeconds * 1_000)).allowed).toBe(true);
});

test('in any time, at most the burst and what has been gained since; and who waits as told is taken', () => {
  const limit = fc.record({
    requests: fc.integer({ min: 1, max: 1_000 }),
    perMs: fc.integer({ min: 1, max: 100 }).map((seconds) => seconds * 1_000),
    burst: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(limit, fc.array(fc.nat(3_000), { minLength: 1, maxLength: 200 }), (rate, pauses) => {
      let bucket: Bucket | null = null;
      let now = start;
      let taken = 0;
      for (const pauseMs of pauses) {
        now = plusMs(now, pauseMs);
        const verdict = draw(bucket, rate, now);
        bucket = verdict.bucket;
        if (verdict.allowed) taken += 1;
        else expect(draw(bucket, rate, plusMs(now, verdict.waitSeconds * 1_000)).allowed).toBe(true);
        const gained = ((now.getTime() - start.getTime()) * rate.requests) / rate.perMs;
        expect(taken).toBeLessThanOrEqual(rate.burst + gained + 1e-6);
        expect(verdict.remaining).toBeLessThanOrEqual(rate.burst);
      }
    }),
  );
});

describe('what the sender is told', () => {
  test('of a request that was taken', () => {
    expect(rateLimitHeaders(tenASecond, draw(null, tenASecond, start))).toEqual({
      'ratelimit-policy': '"source";q=10;w=1;signalbox-burst=20',
      ratelimit: '"source";r=19;t=1',
    });
  });

  test('of one that was not: Retry-After is not before the end of the effective window', () => {
    expect(rateLimitHeaders(sixAnHour, draw({ tokens: 0, at: start }, sixAnHour, start))).toEqual({
      'ratelimit-policy': '"source";q=6;w=3600',
      ratelimit: '"source";r=0;t=600',
      'retry-after': '600',
    });
  });
});

test('each has a bucket of its own', () => {
  const buckets = createBuckets<object>();
  const [one, other] = [{}, {}];
  const single = { requests: 1, perMs: 60_000, burst: 1 };
  expect(buckets.draw(one, single, start).allowed).toBe(true);
  expect(buckets.draw(one, single, start).allowed).toBe(false);
  expect(buckets.draw(other, single, start).allowed).toBe(true);
});
