import type { RateLimit } from '../workflow/project.ts';

/**
 * A token bucket: what its holder may still do. It holds `burst` tokens at most, gains `requests` of them every `perMs`,
 * and gives one for each request. Kept by each node for itself, and forgotten when it stops.
 */
export interface Bucket {
  /** Whole and part tokens, as of `at`. */
  readonly tokens: number;
  readonly at: Date;
}

/** What a bucket says to one request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Whole tokens left after this request. */
  readonly remaining: number;
  /** Until there is one token more than that; in whole seconds, for HTTP knows no others, and never 0. */
  readonly waitSeconds: number;
  readonly bucket: Bucket;
}

/** Takes one token where there is one. Null: a bucket that nobody has drawn from is full. Pure. */
export function draw(bucket: Bucket | null, limit: RateLimit, now: Date): Verdict {
  const perToken = limit.perMs / limit.requests;
  // A clock that was set back gives nothing, and a smaller burst since the last request takes away.
  const passedMs = bucket === null ? 0 : Math.max(0, now.getTime() - bucket.at.getTime());
  const tokens = Math.min(limit.burst, (bucket?.tokens ?? limit.burst) + passedMs / perToken);
  const allowed = tokens >= 1;
  const left = allowed ? tokens - 1 : tokens;
  const remaining = Math.floor(left);
  const waitMs = (remaining + 1 - left) * perToken;
  return {
    allowed,
    remaining,
    waitSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
    bucket: { tokens: left, at: now },
  };
}

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-11, and Retry-After where the request was refused.
 * `t` is the time within which no more than `r` requests will be taken, so Retry-After is the same time.
 */
export function rateLimitHeaders(limit: RateLimit, verdict: Verdict): Record<string, string> {
  const { allowed, remaining, waitSeconds } = verdict;
  const burst = limit.burst === limit.requests ? '' : `;signalbox-burst=${limit.burst}`;
  return {
    'ratelimit-policy': `"${policyName}";q=${limit.requests};w=${limit.perMs / 1_000}${burst}`,
    ratelimit: `"${policyName}";r=${remaining};t=${waitSeconds}`,
    ...(allowed ? {} : { 'retry-after': String(waitSeconds) }),
  };
}

/** So many a minute, all of them at once where nothing came before. */
export function perMinute(requests: number): RateLimit {
  return { requests, perMs: 60_000, burst: requests };
}

/** What `violated-policies` of a refusal names. */
export const policyName = 'source';

/** The buckets of those who draw, one each; of one who is gone, nothing is kept. */
export interface Buckets<K extends object> {
  draw(from: K, limit: RateLimit, now: Date): Verdict;
}

export function createBuckets<K extends object>(): Buckets<K> {
  const buckets = new WeakMap<K, Bucket>();
  return {
    draw(from, limit, now) {
      const verdict = draw(buckets.get(from) ?? null, limit, now);
      buckets.set(from, verdict.bucket);
      return verdict;
    },
  };
}
