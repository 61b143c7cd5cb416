import { limits } from '../../limits.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { jsonIn } from '../json.ts';
import type { Answer } from './exchange.ts';

/**
 * Reads an answer. Pure. 2xx: accepted. 4xx and redirects: rejected. 5xx, and what was cut off: unknown, for the
 * other side may have done the work before it failed.
 */
export function answered(destination: string, answer: Answer): AttemptOutcome {
  const { status, text, tooLong } = answer;
  const retryAfter = header(answer, 'retry-after');
  const told = { status, excerpt: text.slice(0, limits.responseExcerptChars), retryAfter };
  if (tooLong) {
    const detail = `${destination} answered ${status} with more than ${limits.responseBytesMax} bytes`;
    return { result: 'unknown', detail, ...told };
  }
  if (status >= 200 && status < 300) {
    return { result: 'accepted', detail: `${destination} answered ${status}`, ...told, ...jsonIn(text) };
  }
  if (status >= 300 && status < 400) {
    const detail = `${destination} answered ${status}, a redirect, and redirects are not followed: its url may have changed`;
    return { result: 'rejected', detail, ...told };
  }
  return {
    result: status < 500 ? 'rejected' : 'unknown',
    detail: `${destination} answered ${status}`,
    ...told,
  };
}

/** Says what broke before an answer was complete. Pure. `sent`: the request had begun to leave. */
export function broken(
  destination: string,
  host: string,
  error: unknown,
  { sent, timeoutMs }: { sent: boolean; timeoutMs: number },
): AttemptOutcome {
  // A private address is our own refusal: asking again changes nothing until somebody changes the project.
  const refusedByUs = causeOf(error).name === 'PrivateAddressError';
  return {
    result: refusedByUs ? 'rejected' : sent ? 'unknown' : 'not_sent',
    status: null,
    detail: sentence(destination, host, error, sent, timeoutMs),
    excerpt: null,
    retryAfter: null,
  };
}

function sentence(
  destination: string,
  host: string,
  error: unknown,
  sent: boolean,
  timeoutMs: number,
): string {
  const { name, code } = causeOf(error);
  if (name === 'PrivateAddressError') {
    return `${destination} is at an address that is not public (${host}), and allow_private is not set`;
  }
  if (name === 'TimeoutError') {
    const ms = error instanceof Error && 'ms' in error ? Number(error.ms) : timeoutMs;
    if (!sent) return `${destination} did not take the connection at ${host} within ${ms} ms`;
    const isBody = error instanceof Error && 'part' in error && error.part === 'body';
    return `${destination} did not ${isBody ? 'finish its answer' : 'answer'} within ${ms} ms`;
  }
  switch (code) {
    case 'ECONNREFUSED':
      return `${destination} refused the connection at ${host}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${destination} was not found: the name of ${host} does not resolve`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return `${destination} did not take the connection at ${host}`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${destination} broke the connection at ${host}${sent ? ' before its answer was complete' : ''}`;
    default:
      if (/CERT|SSL|TLS/.test(code))
        return `${destination} has no certificate that can be trusted at ${host} (${code})`;
      return `${destination} could not be reached at ${host} (${code || name})`;
  }
}

/** The innermost thing that says what happened: undici and Node wrap causes, and several tried addresses are an AggregateError. */
function causeOf(error: unknown): { name: string; code: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return { name: 'Error', code: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' && error.cause instanceof Error ? causeOf(error.cause) : { name: error.name, code };
}

function header(answer: Answer, name: string): string | null {
  const value = answer.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Certain: nothing left. `final`: and it will not until somebody has mended something. */
export function notSent(
  detail: string,
  { final = false }: { readonly final?: boolean } = {},
): AttemptOutcome {
  return { ...silent('not_sent', detail), ...(final && { final }) };
}

/** An outcome without an answer of HTTP: what a connector says in its own words. `text`: the other side's, kept with the attempt. */
export function silent(result: AttemptOutcome['result'], detail: string, text?: string): AttemptOutcome {
  return {
    result,
    status: null,
    detail,
    excerpt: text === undefined ? null : text.slice(0, limits.responseExcerptChars),
    retryAfter: null,
  };
}

/** Taken, with what stands for its answer. */
export function taken(detail: string, body: unknown): AttemptOutcome {
  const text = JSON.stringify(body) ?? '';
  return { ...silent('accepted', detail, text), body };
}
