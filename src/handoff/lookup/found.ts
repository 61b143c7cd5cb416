import { ExpressionError } from '../../workflow/expression.ts';
import type { AttemptOutcome, FindPlan } from '../handoff.ts';

/** What a look for the effect of an attempt without an answer came to; `outcome` is what then stands for the attempt. */
export interface Found {
  readonly verdict: 'found' | 'not_found' | 'unreadable';
  readonly outcome: AttemptOutcome;
}

/**
 * Judges what a search answered. Pure. 404 and 410, and a condition that does not hold, say that it is not there; what
 * cannot be read says nothing, and then nothing may be repeated. `evaluate` throws ExpressionError.
 */
export function judgeSearch(
  destination: string,
  { operation, that, record }: Pick<FindPlan, 'operation' | 'that' | 'record'>,
  read: AttemptOutcome,
  evaluate: (text: string, result: unknown) => unknown,
): Found {
  if (read.status === 404 || read.status === 410) return nothing(destination, operation, read);
  if (read.result !== 'accepted') return unreadable(destination, operation, read, read.detail);
  // Some answer a search that found nothing without a body.
  if (read.body === undefined && read.status === 204) return nothing(destination, operation, read);
  if (read.body === undefined) {
    return unreadable(destination, operation, read, `${destination} answered ${read.status} without JSON`);
  }
  try {
    if (that !== null && evaluate(that, read.body) !== true) return nothing(destination, operation, read);
    const body = record === null ? read.body : evaluate(record, read.body);
    if (body === null) return nothing(destination, operation, read);
    const detail = `${destination} has it already: found by ${operation}, and not sent again`;
    return { verdict: 'found', outcome: { ...read, detail, body, found: true } };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return unreadable(destination, operation, read, 'what it answered is not as `find` expects it');
  }
}

/** The question cannot even be put. */
export function unaskable(destination: string, operation: string, why: string): Found {
  const detail = `Not sent again: whether ${destination} has it already cannot be asked by ${operation}: ${why}`;
  return { verdict: 'unreadable', outcome: notRepeated(detail, null, null) };
}

/** It may have been done, the destination knows no key, and there is no question to put: a person has to look. */
export function unfindable(destination: string): AttemptOutcome {
  const detail = `Not sent again: ${destination} may have it already, recognises no key, and the handoff does not say how to look for it (find)`;
  return { result: 'rejected', status: null, detail, excerpt: null, retryAfter: null };
}

function nothing(destination: string, operation: string, { status }: AttemptOutcome): Found {
  return {
    verdict: 'not_found',
    outcome: notRepeated(`${destination} does not have it by ${operation}`, status, null),
  };
}

function unreadable(destination: string, operation: string, read: AttemptOutcome, why: string): Found {
  const detail = `Not sent again: whether ${destination} has it already could not be read by ${operation} (${why})`;
  return { verdict: 'unreadable', outcome: notRepeated(detail, null, read.retryAfter) };
}

/** Still unknown: the attempt before may have done it. */
function notRepeated(detail: string, status: number | null, retryAfter: string | null): AttemptOutcome {
  return { result: 'unknown', status, detail, excerpt: null, retryAfter };
}
