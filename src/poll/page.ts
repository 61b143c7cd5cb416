import type { AttemptOutcome, HandoffRequest } from '../handoff/handoff.ts';
import { retriedStatuses } from '../handoff/next-attempt.ts';
import { fillRequest, type Parameter } from '../handoff/request.ts';
import { limits } from '../limits.ts';
import { type Expression, ExpressionError, type Scope } from '../workflow/expression.ts';
import type { Listing } from '../workflow/project.ts';
import type { PollEnd, Position } from './poll.ts';

type Failed = Extract<PollEnd, { kind: 'failed' }>;

/** What pages are read of; without a `cursor` nothing is gathered over them. */
export type Paged = Listing & { readonly cursor?: Expression };

/** The request of the page that a position stands before. `given`: what expressions see besides. Pure. */
export function pageRequest(
  poll: Paged,
  position: Position,
  given: Scope = {},
): { readonly kind: 'ask'; readonly request: HandoffRequest } | Failed {
  return orFailed('The request cannot be made', () => {
    const { operation, method, path: template } = poll.request;
    const filled = fillRequest(template, parametersOf(poll, position, given));
    if (!filled.ok) throw new ExpressionError(filled.problem);
    const { path, headers } = filled;
    return { kind: 'ask', request: { operation, method, path, headers } };
  });
}

/** One page as read: its triggers, to be committed before the position moves there. */
export interface Page {
  readonly kind: 'page';
  readonly triggers: readonly unknown[];
  /** Where the source has been read to once they are. */
  readonly position: Position;
}

/**
 * Reads an answer: what it holds and where it leads. Pure. It is not held against the destination's document: one
 * record that is not as it should be would stop all others; the workflow's contract judges each by itself.
 */
export function readPage(
  poll: Paged,
  position: Position,
  outcome: AttemptOutcome,
  given: Scope = {},
): Page | Failed {
  if (outcome.result !== 'accepted') return refused(position, outcome);
  if (outcome.body === undefined) return failed(`${poll.from} answered ${outcome.status} without JSON`);
  return orFailed('The answer is not as the source expects it', () => {
    const reachedBefore = position.round === null ? position.cursor : position.round.reached;
    const page = position.round?.page ?? 1;
    const scope = { ...given, response: outcome.body, cursor: reachedBefore, page };
    const triggers = poll.triggers.evaluate(scope);
    if (!Array.isArray(triggers)) throw new ExpressionError(`${poll.triggers.source} is not a list`);
    if (triggers.length > limits.pollPageTriggersMax) {
      const { length } = triggers;
      return failed(
        `The page has ${length} triggers, and ${limits.pollPageTriggersMax} are the most: ask for smaller ones`,
      );
    }
    const after: Scope = triggers.length === 0 ? scope : { ...scope, last: triggers.at(-1) };
    const reached = nextCursor(poll, after, reachedBefore);
    return { kind: 'page', triggers, position: following(poll, position, after, reached) };
  });
}

/** 4xx in the middle of a round: what names the page has perhaps expired. */
function refused({ round }: Position, { result, status, detail, retryAfter }: AttemptOutcome): Failed {
  const gone = result === 'rejected' && status !== null && !retriedStatuses.has(status);
  return { kind: 'failed', text: detail, retryAfter, restart: gone && round !== null };
}

/** An empty page has no `last`, and a cursor of null says nothing: then it stays where it is. */
function nextCursor({ cursor }: Paged, scope: Scope, before: unknown): unknown {
  if (cursor === undefined) return before;
  let next: unknown;
  try {
    next = cursor.evaluate(scope);
  } catch (error) {
    if (error instanceof ExpressionError && !('last' in scope)) return before;
    throw error;
  }
  if (JSON.stringify(next).length > limits.pollCursorCharsMax) {
    throw new ExpressionError(`the cursor is longer than ${limits.pollCursorCharsMax} characters`);
  }
  return next ?? before;
}

function following({ nextPage }: Paged, position: Position, scope: Scope, reached: unknown): Position {
  const ended = { cursor: reached, round: null };
  if (nextPage === null) return ended;
  const more = nextPage.when.evaluate(scope);
  if (typeof more !== 'boolean') throw new ExpressionError(`${nextPage.when.source} is not true or false`);
  if (!more) return ended;
  const parameters = Object.fromEntries(
    nextPage.parameters.map(({ name, value }) => [name, value.evaluate(scope)]),
  );
  const { cursor, round } = position;
  if (JSON.stringify(parameters) === JSON.stringify(round?.parameters)) {
    throw new ExpressionError('the next page is the page that was read');
  }
  return { cursor, round: { reached, page: (round?.page ?? 1) + 1, parameters } };
}

function parametersOf({ request, nextPage }: Paged, { cursor, round }: Position, given: Scope): Parameter[] {
  const scope = { ...given, cursor, page: round?.page ?? 1 };
  const replaced = round?.parameters ?? {};
  const first = request.parameters
    .filter(({ name }) => !Object.hasOwn(replaced, name))
    .map(({ name, in: place, value }) => ({ name, in: place, value: value.evaluate(scope) }));
  const places = new Map(nextPage?.parameters.map(({ name, in: place }) => [name, place]));
  const rest = Object.entries(replaced).map(([name, value]) => ({
    name,
    in: places.get(name) ?? 'query',
    value,
  }));
  return [...first, ...rest];
}

function orFailed<T>(what: string, make: () => T): T | Failed {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return failed(`${what}: ${error.message}`);
  }
}

function failed(text: string): Failed {
  return { kind: 'failed', text, retryAfter: null, restart: false };
}
