import { sealed, unsealed } from '../capability.ts';
import type { AttemptOutcome, HandoffRequest } from '../handoff/handoff.ts';
import { percentEncoded } from '../platform/percent.ts';
import type { CallbackPlan, OutcomePlan } from './plan.ts';

/**
 * A request that asks for a callback holds marks where the address to call and the handoff's key belong: neither is
 * known when it is decided, and the address is a capability that must stand in no row. They are put in when it is sent.
 */

const purpose = 'outcome';

/**
 * The token by which a callback names its handoff and proves that it was asked for. Pure. It is made of the idempotency
 * key: a target that has seen the key refuses a request that differs, so that each attempt hands over the same address.
 */
export function callbackToken(keys: readonly string[], idempotencyKey: string): string {
  return sealed(keys, purpose, [idempotencyKey]);
}

/** The idempotency key of a token's handoff; null where it is none of ours. Pure. */
export function callbackOf(keys: readonly string[], token: string): string | null {
  const [key] = unsealed(keys, purpose, token) ?? [];
  return typeof key === 'string' ? key : null;
}

export function addressMark({ mark }: Pick<CallbackPlan, 'mark'>): string {
  return `${mark}:url`;
}

export function keyMark({ mark }: Pick<CallbackPlan, 'mark'>): string {
  return `${mark}:key`;
}

/** What is put where the marks stand. */
export interface Callback {
  readonly url: string;
  readonly key: string;
}

/** Whether a request holds the address that the target is to call. Pure. */
export function asksForCallback({ request, outcome }: Marked): boolean {
  return outcome.kind === 'callback' && JSON.stringify(request).includes(addressMark(outcome));
}

interface Marked {
  readonly request: HandoffRequest;
  readonly outcome: OutcomePlan;
}

/** The request as it is sent. Pure. */
export function filledRequest({ request, outcome }: Marked, callback: Callback): HandoffRequest {
  if (outcome.kind !== 'callback') return request;
  const puts = [
    [addressMark(outcome), callback.url],
    [keyMark(outcome), callback.key],
  ] as const;
  const put = (text: string) =>
    puts.reduce((left, [mark, value]) => left.replaceAll(mark, () => value), text);
  const escaped = (text: string) =>
    puts.reduce(
      (left, [mark, value]) => left.replaceAll(percentEncoded(mark), () => percentEncoded(value)),
      text,
    );
  const headers = Object.entries(request.headers).map(([name, value]) => [name, put(value)]);
  return {
    ...request,
    path: escaped(request.path),
    headers: Object.fromEntries(headers) as HandoffRequest['headers'],
    ...(request.body !== undefined && { body: inTexts(request.body, put) }),
  };
}

/** An answer without the address, where it repeats it: a capability stands in no row. Pure. */
export function withoutAddress<A extends Pick<AttemptOutcome, 'excerpt' | 'body'>>(
  answer: A,
  { outcome }: Pick<Marked, 'outcome'>,
  url: string,
): A {
  if (outcome.kind !== 'callback' || url === '') return answer;
  const put = (text: string) => text.replaceAll(url, () => addressMark(outcome));
  return {
    ...answer,
    excerpt: answer.excerpt === null ? null : put(answer.excerpt),
    ...(answer.body !== undefined && { body: inTexts(answer.body, put) }),
  };
}

function inTexts(value: unknown, put: (text: string) => string): unknown {
  if (typeof value === 'string') return put(value);
  if (Array.isArray(value)) return value.map((element) => inTexts(element, put));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inTexts(member, put)]));
}
