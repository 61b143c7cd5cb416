import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { limits } from '../../limits.ts';
import { isPublic, PrivateAddressError, publicLookup } from './address.ts';

/** One request as it goes over the wire. */
export interface Wire {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Addresses that are not public are refused unless true. */
  readonly allowPrivate: boolean;
  /** Authorities (PEM) that are trusted besides the known ones. */
  readonly ca: readonly string[];
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
  /** From the call until a connection is had, and from there to the last byte. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** An answer as it came, its text perhaps cut off. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly tooLong: boolean;
}

/** `sent`: a connection stood and the request was about to be written when it broke. */
export type Exchanged =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly error: unknown; readonly sent: boolean };

/**
 * Sends one request and reads its answer. Never throws for what the other side does. Redirects are not followed, an
 * answer is read up to limits.responseBytesMax, certificates are verified, and addresses that are not public are refused
 * at the moment of connecting unless they are allowed: the address that was checked is the one connected to.
 */
export async function exchange(wire: Wire): Promise<Exchanged> {
  const { signal, timeoutMs } = wire;
  const running = new Exchange(wire);
  // A timer of its own: signals that are joined cost more than all else here.
  const timer = setTimeout(() => running.abort(new PartTimeout('whole', timeoutMs)), timeoutMs);
  // Those before it may have had all connections for as long as they took.
  running.started = () => timer.refresh();
  const abort = () => {
    if (!(running.sent && signal?.reason instanceof NotWanted)) running.abort(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  try {
    return { ok: true, answer: await running.run() };
  } catch (error) {
    return { ok: false, error, sent: running.sent };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Why a request is not made any more. One that has left is heard to its end: what it did there is to be known. */
export class NotWanted extends Error {
  override readonly name = 'NotWanted';
}

/** A part of an exchange took longer than it may. */
class PartTimeout extends Error {
  override readonly name = 'TimeoutError';
  readonly part: 'whole' | 'headers' | 'body';
  readonly ms: number;

  constructor(part: PartTimeout['part'], ms: number) {
    super(`${part} took more than ${ms} ms`);
    this.part = part;
    this.ms = ms;
  }
}

/** One request on the wire: knows whether it began to leave, and stops reading where an answer is too long. */
class Exchange implements Dispatcher.DispatchHandler {
  sent = false;
  /** Called when it begins to leave. */
  started = () => {};
  readonly #wire: Wire;
  #controller: Dispatcher.DispatchController | null = null;
  #aborted: Error | null = null;
  #timer: NodeJS.Timeout | undefined;
  #status = 0;
  #headers: Answer['headers'] = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #done = Promise.withResolvers<Answer>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  run(): Promise<Answer> {
    const { method, url, headers, body } = this.#wire;
    agentFor(this.#wire).dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: method as Dispatcher.HttpMethod,
        headers,
        body,
      },
      this,
    );
    return this.#done.promise.finally(() => clearTimeout(this.#timer));
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
    this.started();
    this.#waitFor('headers', this.#wire.headersMs);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    // 103 and its like announce; the answer comes after them.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#waitFor('body', this.#wire.bodyMs);
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

  #waitFor(part: 'headers' | 'body', ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.abort(new PartTimeout(part, ms)), ms);
  }

  #answer(tooLong: boolean): Answer {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return { status: this.#status, headers: this.#headers, text, tooLong };
  }
}

type Reaching = Pick<Wire, 'allowPrivate' | 'ca' | 'connectMs'>;

/** One for each way of reaching: its connections are shared by all destinations that are reached so. */
const agents = new Map<string, Agent>();

function agentFor({ allowPrivate, ca, connectMs }: Reaching): Agent {
  const name = `${allowPrivate} ${connectMs} ${ca.length === 0 ? '' : createHash('sha256').update(ca.join('\n')).digest('hex')}`;
  const known = agents.get(name);
  if (known !== undefined) return known;
  for (const [oldest, agent] of agents) {
    if (agents.size < limits.agentsMax) break;
    agents.delete(oldest);
    agent.close().catch(() => {});
  }
  const made = agentOf({ allowPrivate, ca, connectMs });
  agents.set(name, made);
  return made;
}

function agentOf({ allowPrivate, ca, connectMs }: Reaching): Agent {
  const connect = buildConnector({
    allowH2: false,
    timeout: connectMs,
    ...(ca.length > 0 && { ca: trusted(ca) }),
    ...(!allowPrivate && { lookup: publicLookup }),
  });
  return new Agent({
    connections: limits.connectionsPerDestination,
    pipelining: 1,
    // The exchange keeps its own time.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      // undici asks the resolver only for names; an address that stands in the url itself is checked here.
      const host = options.hostname.replace(/^\[|\]$/g, '');
      if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) callback(new PrivateAddressError(host), null);
      else connect(options, callback);
    },
  });
}

/** The authorities that Node knows, and these. */
export function trusted(ca: readonly string[]): string[] {
  return [...rootCertificates, ...ca];
}
