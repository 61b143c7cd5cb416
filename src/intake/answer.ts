import { AppError } from '../errors.ts';
import type { Received, Submitted } from './submitted.ts';

/** What a sender is answered, but for what accepts nothing. */
export interface Answer {
  readonly status: 200 | 202;
  /** Of the one ticket. */
  readonly location?: string;
  readonly body: unknown;
}

/**
 * The answer to a delivery that has been committed: 202 where it made a ticket, 200 where nothing is new.
 * A delivery that was split has one result a trigger, in its order; it may hold none.
 * Throws AppError: `unprocessable` for the one trigger that was refused, `unavailable` where nothing was taken.
 */
export function answerTo(received: Received): Answer {
  return received.split ? answerToAll(received.submitted) : answerToOne(received.submitted);
}

/** Whether this was the answer to the same request before. */
export function wasRepeated(received: Received): boolean {
  return [received.submitted].flat().some((each) => each.kind !== 'busy' && each.repeated === true);
}

function answerToOne(submitted: Submitted): Answer {
  if (submitted.kind === 'rejected') {
    throw new AppError(
      'unprocessable',
      'The payload breaks its contract and was refused; the ticket records it.',
      {
        help: 'Mend what the violations name and send it again.',
        details: { ticket: submitted.ticketId, violations: submitted.violations },
      },
    );
  }
  const body = resultOf(submitted);
  return {
    status: submitted.kind === 'joined' ? 200 : 202,
    location: `/api/tickets/${body.ticket}`,
    body,
  };
}

function answerToAll(submitted: readonly Submitted[]): Answer {
  const tickets = submitted.map(resultOf);
  const status = submitted.every(({ kind }) => kind === 'joined') ? 200 : 202;
  const nothing = { note: 'The delivery holds no triggers: nothing was stored.' };
  return { status, body: { tickets, ...(tickets.length === 0 && nothing) } };
}

function resultOf(submitted: Submitted) {
  switch (submitted.kind) {
    case 'accepted': {
      const { ticketId: ticket, state, decision } = submitted;
      return { ticket, state, decision };
    }
    case 'joined':
      return { ticket: submitted.ticketId, decision: { kind: 'joined' as const } };
    case 'rejected': {
      const { ticketId: ticket, violations } = submitted;
      return { ticket, state: 'rejected' as const, decision: { kind: 'rejected' as const, violations } };
    }
    case 'busy':
      throw new AppError('unavailable', 'Too many triggers are waiting; this one was not accepted.', {
        help: 'Send it again after the time in Retry-After.',
        details: { retry_after_seconds: submitted.retryAfterSeconds },
      });
  }
}
