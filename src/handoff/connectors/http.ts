import { randomUUID } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Destination } from '../../workflow/project.ts';
import { encodeBody } from '../body.ts';
import type { AttemptOutcome, HandoffRequest } from '../handoff.ts';
import { knowsKeys } from '../reach.ts';
import { type Unproved, withCredential, withoutSecrets } from './credentials.ts';
import { exchange } from './exchange.ts';
import { answered, broken, notSent } from './outcome.ts';
import { createTokens } from './tokens.ts';

export interface Sending {
  readonly destination: Destination;
  readonly request: HandoffRequest;
  /** Null for a reading, which has no effect to repeat. */
  readonly idempotencyKey: string | null;
  /** The credential's value in use; null where the destination asks for none. */
  readonly secret: string | null;
  /** Authorities (PEM) that are trusted besides the known ones. */
  readonly ca?: readonly string[];
  /** From connecting to the last byte. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends one HTTP request to a destination and says what came of it. Never throws for what the other side does.
 * `not_sent` is certain: no byte of the request left; whatever broke later is `unknown`. No credential reaches the
 * outcome, also where the answer repeats it. A token that is refused is fetched anew, once.
 */
export async function sendHttp(sending: Sending): Promise<AttemptOutcome> {
  const { destination, secret } = sending;
  const { auth } = destination;
  if (auth.scheme !== 'oauth2' || secret === null) return await send(sending, secret);
  const ask = (request: HandoffRequest, url: URL) => askForToken(sending, request, url);
  const token = await tokens.take(destination.key, auth, secret, ask);
  if (!token.ok) return token.outcome;
  const outcome = await send(sending, token.value);
  if (outcome.status !== 401) return outcome;
  const fresh = await tokens.take(destination.key, auth, secret, ask, token.value);
  return fresh.ok ? await send(sending, fresh.value) : fresh.outcome;
}

const tokens = createTokens(Date.now);

const userAgent = 'Signalbox/0.1 (+handoff)';

async function send(sending: Sending, secret: string | null): Promise<AttemptOutcome> {
  const { destination, request, idempotencyKey } = sending;
  const base = addressOf(destination, secret);
  if (base === null)
    return notSent(`The credential of ${destination.key} is no address: its secret must be the whole URL`, {
      final: true,
    });
  const body = encodeBody(request);
  const unproved: Unproved = {
    method: request.method,
    url: joined(base, request.path),
    headers: {
      ...request.headers,
      accept: 'application/json',
      'user-agent': userAgent,
      ...(body !== null && { 'content-type': body.contentType }),
      ...(idempotencyKey !== null &&
        knowsKeys(destination) && { [destination.idempotencyHeader.toLowerCase()]: idempotencyKey }),
    },
    body: body?.text ?? '',
  };
  try {
    const id = idempotencyKey ?? `read_${randomUUID()}`;
    const proved =
      secret === null
        ? unproved
        : withCredential(unproved, destination.auth, secret, { id, now: new Date() });
    return await sendProved(sending, { ...proved, body: body?.text ?? null }, secretsIn(destination, secret));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return notSent(`The credential of ${destination.key} cannot be used: ${error.message}`, { final: true });
  }
}

async function sendProved(
  sending: Sending,
  request: Omit<Unproved, 'body'> & { readonly body: string | null },
  secrets: readonly string[],
): Promise<AttemptOutcome> {
  const { destination, timeoutMs, ca = [], signal } = sending;
  const result = await exchange({
    ...request,
    allowPrivate: destination.allowPrivate,
    ca,
    ...destination.timeouts,
    timeoutMs,
    ...(signal && { signal }),
  });
  if (!result.ok)
    return broken(destination.key, request.url.host, result.error, { sent: result.sent, timeoutMs });
  return answered(destination.key, { ...result.answer, text: withoutSecrets(result.answer.text, secrets) });
}

/** The token endpoint is reached as the destination is. Its answer is waited for by others too: nobody's signal breaks it off. */
async function askForToken(
  { signal: _, ...sending }: Sending,
  request: HandoffRequest,
  url: URL,
): Promise<AttemptOutcome> {
  const body = encodeBody(request);
  const headers = {
    ...request.headers,
    accept: 'application/json',
    'user-agent': userAgent,
    'content-type': body?.contentType ?? '',
  };
  // What it answers is the secret itself: only its parts go further.
  return await sendProved(sending, { method: request.method, url, headers, body: body?.text ?? null }, []);
}

function addressOf(destination: Destination, secret: string | null): URL | null {
  const address = destination.auth.scheme === 'url' ? (secret ?? '') : destination.url;
  const known = bases.get(address);
  if (known !== undefined) return known;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (bases.size >= limits.agentsMax) bases.delete(bases.keys().next().value ?? '');
  bases.set(address, url);
  return url;
}

/** By their texts: parsed once, and not changed. */
const bases = new Map<string, URL>();

/** The operation's path behind the base address; a query of the base stays before the operation's own. */
function joined(base: URL, path: string): URL {
  if (path === '') return base;
  const [place = '', ...query] = path.split('?');
  const search = [base.search.slice(1), query.join('?')].filter((each) => each !== '').join('&');
  return new URL(
    `${base.origin}${base.pathname.replace(/\/$/, '')}${place}${search === '' ? '' : `?${search}`}`,
  );
}

function secretsIn({ auth }: Destination, secret: string | null): readonly string[] {
  if (secret === null) return [];
  if (auth.scheme === 'basic') return [secret, Buffer.from(`${auth.username}:${secret}`).toString('base64')];
  return [secret];
}
