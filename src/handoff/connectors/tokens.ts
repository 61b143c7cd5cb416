import { createHash } from 'node:crypto';
import { limits } from '../../limits.ts';
import type { OAuth2 } from '../../workflow/project.ts';
import type { AttemptOutcome, HandoffRequest } from '../handoff.ts';
import { basic } from './credentials.ts';

/** What asks the token endpoint: a form in, an outcome out. */
export type AskForToken = (request: HandoffRequest, url: URL) => Promise<AttemptOutcome>;

export type Token =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly outcome: AttemptOutcome };

interface Kept {
  readonly token: Promise<Token>;
  /** When it is fetched anew, in ms since the epoch; null: it is being fetched. */
  renewAt: number | null;
}

export interface Tokens {
  /** A token that is still good, fetched where there is none. `refused`: the one that the destination has just refused. */
  take(destination: string, auth: OAuth2, secret: string, ask: AskForToken, refused?: string): Promise<Token>;
}

/**
 * Keeps tokens of client credentials in this process. One is fetched anew shortly before it runs out, and once when the
 * destination refuses it; whoever needs one meanwhile waits for the same answer. At most limits.tokensMax are kept.
 */
export function createTokens(now: () => number): Tokens {
  const kept = new Map<string, Kept>();
  return {
    async take(destination, auth, secret, ask, refused) {
      const name = nameOf(destination, auth, secret);
      const known = kept.get(name);
      if (known !== undefined && (known.renewAt === null || now() < known.renewAt)) {
        const token = await known.token;
        if (!token.ok || token.value !== refused) return token;
        // Somebody else may have fetched another since.
        if (kept.get(name) !== known) return await this.take(destination, auth, secret, ask, refused);
      }
      const fetched: Kept = {
        token: fetchToken(destination, auth, secret, ask).then((got) => settle(got)),
        renewAt: null,
      };
      const settle = ({ token, lifetimeMs }: Fetched): Token => {
        if (!token.ok) kept.delete(name);
        else fetched.renewAt = now() + Math.max(lifetimeMs - limits.tokenEarlyMs, lifetimeMs / 2);
        return token;
      };
      kept.delete(name);
      if (kept.size >= limits.tokensMax) kept.delete(kept.keys().next().value ?? '');
      kept.set(name, fetched);
      return await fetched.token;
    },
  };
}

function nameOf(
  destination: string,
  { tokenUrl, clientId, scope, audience, clientAuth }: OAuth2,
  secret: string,
): string {
  const digest = createHash('sha256').update(secret).digest('hex');
  return JSON.stringify([destination, tokenUrl, clientId, scope, audience, clientAuth, digest]);
}

interface Fetched {
  readonly token: Token;
  readonly lifetimeMs: number;
}

async function fetchToken(
  destination: string,
  auth: OAuth2,
  secret: string,
  ask: AskForToken,
): Promise<Fetched> {
  const outcome = await ask(tokenRequest(auth, secret), new URL(auth.tokenUrl));
  const { access_token: value, expires_in: seconds } = membersOf(outcome.body);
  if (outcome.result === 'accepted' && typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) {
    const lifetimeMs = Number(seconds) > 0 ? Number(seconds) * 1000 : limits.tokenLifetimeMs;
    return { token: { ok: true, value }, lifetimeMs };
  }
  return { token: { ok: false, outcome: withoutToken(destination, outcome) }, lifetimeMs: 0 };
}

/** RFC 6749, 4.4.2; client id and secret as 2.3.1 has them. */
function tokenRequest({ clientId, scope, audience, clientAuth }: OAuth2, secret: string): HandoffRequest {
  const inBody = clientAuth === 'body' ? { client_id: clientId, client_secret: secret } : {};
  const credential = basic(encodeURIComponent(clientId), encodeURIComponent(secret));
  return {
    operation: 'the token endpoint',
    method: 'POST',
    path: '',
    headers: clientAuth === 'basic' ? { authorization: credential } : {},
    media: 'application/x-www-form-urlencoded',
    body: {
      grant_type: 'client_credentials',
      ...(scope !== null && { scope }),
      ...(audience !== null && { audience }),
      ...inBody,
    },
  };
}

/** Nothing was sent to the destination. What the token endpoint refuses, it refuses until somebody mends the credential. */
function withoutToken(
  destination: string,
  { result, status, detail, excerpt, retryAfter }: AttemptOutcome,
): AttemptOutcome {
  const told = { result: 'not_sent', status: null, excerpt: null, retryAfter } as const;
  const refused = result === 'rejected' && status !== null && status !== 429 && status !== 408;
  if (!refused) {
    const why = result === 'accepted' ? 'its token endpoint answered without a token' : detail;
    return { ...told, detail: `No token for ${destination}: ${why}` };
  }
  const { error } = membersOf(parsed(excerpt));
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : '';
  return {
    ...told,
    final: true,
    detail: `The credential of ${destination} is refused: its token endpoint answered ${status}${code}`,
  };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
