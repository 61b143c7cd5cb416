import type { FastifyReply } from 'fastify';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Sender, Source } from '../../workflow/project.ts';
import { createBuckets, perMinute, policyName, rateLimitHeaders } from '../rate-limit.ts';

/**
 * Each source as the project has it now draws from two buckets: one for its own requests, one for those of strangers.
 * What is handed in for it with an API key draws from its own too. So who cannot prove that it is the source uses up nothing of what the source may send. A reload fills both.
 */
const own = createBuckets<Source>();
const strangers = createBuckets<Sender>();

const strangersLimit = perMinute(limits.strangersPerMinute);

/** Lets an authentic request of a source pass, and tells how many more may come. Throws AppError('too_many_requests'). */
export function admit(source: Source, reply: FastifyReply, now: Date): void {
  const { rateLimit } = source;
  if (rateLimit === null) return;
  const verdict = own.draw(source, rateLimit, now);
  reply.headers(rateLimitHeaders(rateLimit, verdict));
  if (verdict.allowed) return;
  throw new AppError('too_many_requests', 'This source sends more than it may; this was not accepted.', {
    help: 'Send it again after the time in Retry-After.',
    details: { 'violated-policies': [policyName] },
  });
}

/**
 * Counts a request that did not prove that it is of the source. Throws AppError('too_many_requests') where so many came
 * that one more is neither told why nor logged.
 */
export function countStranger(source: Sender, now: Date): void {
  const { allowed, waitSeconds } = strangers.draw(source, strangersLimit, now);
  if (allowed) return;
  throw new AppError('too_many_requests', 'Too many requests that do not prove their source.', {
    help: 'Check the secret and how it signs, then send it again after the time in Retry-After.',
    details: { retry_after_seconds: waitSeconds },
  });
}
