import { isIP } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { limits } from '../../limits.ts';
import type { Destination } from '../../workflow/project.ts';
import type { AttemptOutcome, HandoffRequest } from '../handoff.ts';
import { isPublic, PrivateAddressError, publicLookup } from './address.ts';
import { answered, broken } from './outcome.ts';

export interface Sending {
  readonly destination: Destination;
  readonly request: HandoffRequest;
  /** Null for a reading, which has no effect to repeat. */
  readonly idempotencyKey: string | null;
  /** The credential's value in use; null where the destination asks for none. */
  readonly secret: string | null;
  /** From connecting to the last byte. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends one request to a destination and says what came of it. Never throws for what the other side does.
 * `not_sent` is certain: no byte of the request left; whatever broke later is `unknown`. Redirects are not followed,
 * an answer is read up to limits.responseBytesMax, certificates are verified, and addresses that are not public are
 * refused at the moment of connecting unless the destination allows them. No credential reaches the outcome.
 */
export async function sendRequest(sending: Sending): Promise<AttemptOutcome> {
  const { destination, request } = sending;
  const url = new URL(destination.url);
  const timeout = AbortSignal.timeout(sending.timeoutMs);
  const signal = sending.signal === undefined ? timeout : AbortSignal.any([timeout, sending.signal]);
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  const exchange = new Exchange();
  const abort = () => exchange.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const dispatcher = destination.allowPrivate ? anywhere : publicOnly;
    const options: Dispatcher.DispatchOptions = {
      origin: url.origin,
      path: url.pathname.replace(/\/$/, '') + request.path,
      method: request.method as Dispatcher.HttpMethod,
      headers: headersOf(sending, body),
      body,
    };
    const answer = await exchange.run(dispatcher, options);
    return answered(destination.key, answer);
  } catch (error) {
    return broken(destination.key, url.host, error, { sent: exchange.sent, timeoutMs: sending.timeoutMs });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const userAgent = 'Signalbox/0.1 (+handoff)';

function headersOf({ destination, request, idempotencyKey, secret }: Sending, body: string | null) {
  const headers: Record<string, string> = {
    ...request.headers,
    accept: 'application/json',
    'user-agent': userAgent,
  };
  if (body !== null) headers['content-type'] = 'application/json';
  if (idempotencyKey !== null) headers[destination.idempotencyHeader.toLowerCase()] = idempotencyKey;
  const { auth } = destination;
  if (secret === null || auth.scheme === 'none') return headers;
  switch (auth.scheme) {
    case 'bearer':
      headers.authorization = `Bearer ${secret}`;
      break;
    case 'basic':
      headers.authorization = `Basic ${Buffer.from(`${auth.username}:${secret}`).toString('base64')}`;
      break;
    case 'header':
      headers[auth.header.toLowerCase()] = secret;
      break;
  }
  return headers;
}

/** An answer as it came, its text perhaps cut off. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly tooLong: boolean;
}

/** One request on the wire: knows whether it began to leave, and stops reading where an answer is too long. */
class Exchange implements Dispatcher.DispatchHandler {
  /** Set when a connection stands and the request is about to be written. */
  sent = false;
  #controller: Dispatcher.DispatchController | null = null;
  #aborted: Error | null = null;
  #status = 0;
  #headers: Answer['headers'] = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #done = Promise.withResolvers<Answer>();

  run(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): Promise<Answer> {
    dispatcher.dispatch(options, this);
    return this.#done.promise;
  }

  abort(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error('aborted');
    this.#aborted = error;
    this.#controller?.abort(error);
    this.#done.reject(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: nothing is sent any more.
    if (this.#aborted !== null) {
      controller.abort(this.#aborted);
      return;
    }
    this.#controller = controller;
    this.sent = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= limits.responseBytesMax) {
      this.#chunks.push(chunk);
      return;
    }
    this.#done.resolve(this.#answer(true));
    controller.abort(new Error('the answer is too long'));
  }

  onResponseEnd(): void {
    this.#done.resolve(this.#answer(false));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#done.reject(error);
  }

  #answer(tooLong: boolean): Answer {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return { status: this.#status, headers: this.#headers, text, tooLong };
  }
}

// undici asks the resolver only for names; an address that stands in the url itself is checked here.
const connectPublic = buildConnector({
  lookup: publicLookup,
  allowH2: false,
  timeout: limits.connectTimeoutMs,
});
const publicOnly = new Agent({
  ...agentOptions(),
  connect: (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isPublic(host)) callback(new PrivateAddressError(host), null);
    else connectPublic(options, callback);
  },
});
const anywhere = new Agent({
  ...agentOptions(),
  connect: { allowH2: false, timeout: limits.connectTimeoutMs },
});

/** undici's own timeouts are off: sendRequest sets one for the whole exchange. */
function agentOptions(): Agent.Options {
  return { connections: limits.connectionsPerDestination, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 };
}
