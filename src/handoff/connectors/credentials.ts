import { verifyBy } from '../../intake/presets.ts';
import { signedAs } from '../../intake/sign.ts';
import { percentEncoded } from '../../platform/percent.ts';
import type { Destination } from '../../workflow/project.ts';

/** A request before it is proved whose it is. */
export interface Unproved {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Adds a destination's credential to a request. Pure. `secret`: its value in use, of `oauth2` the token.
 * `id` names the attempt's handoff where a signature has an id. Throws AppError('invalid_project') for a secret that
 * cannot be used.
 */
export function withCredential(
  request: Unproved,
  auth: Destination['auth'],
  secret: string,
  { id, now }: { readonly id: string; readonly now: Date },
): Unproved {
  const withHeader = (name: string, value: string) => ({
    ...request,
    headers: { ...request.headers, [name]: value },
  });
  switch (auth.scheme) {
    case 'bearer':
    case 'oauth2':
      return withHeader('authorization', `Bearer ${secret}`);
    case 'basic':
      return withHeader('authorization', basic(auth.username, secret));
    case 'header':
      return withHeader(auth.header.toLowerCase(), secret);
    case 'query': {
      const url = new URL(request.url);
      url.searchParams.set(auth.parameter, secret);
      return { ...request, url };
    }
    case 'signed': {
      const { method, url, headers, body } = request;
      const unsigned = { method, url: url.href, headers, body: Buffer.from(body), address: null };
      return { ...request, headers: signedAs(standardWebhooks, unsigned, secret, now, id).headers };
    }
    case 'url':
    case 'none':
      return request;
  }
}

const standardWebhooks = verifyBy('standard-webhooks', []);

export function basic(username: string, secret: string): string {
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
}

/**
 * A text that the other side wrote, without the credentials that were sent to it: an answer that repeats them would
 * store them. Pure. Short ones stay: they would tear up every text.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const written = secrets
    .filter((secret) => secret.length >= 6)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      percentEncoded(secret),
      new URLSearchParams([['', secret]]).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
    ]);
  return [...new Set(written)].reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}
