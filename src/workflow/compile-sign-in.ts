import { roles } from '../account/account.ts';
import { limits } from '../limits.ts';
import { durationAt } from './compile-parts.ts';
import { secretAt } from './compile-verify.ts';
import type { Place } from './place.ts';
import type { Oidc, SignIn } from './project.ts';

/** `sign_in:` of the project file, with what counts where it says nothing. */
export function compileSignIn(place: Place, serverUrl: string | null): SignIn {
  const idle = place.get('idle');
  const idleMs = durationAt(idle, limits.sessionIdleMs);
  if (idleMs > limits.sessionMs) {
    idle.report({
      code: 'SB113',
      message: 'a session ends after 30d in any case',
      help: 'write at most `30d`',
    });
  }
  return {
    url: place.get('url').text().replace(/\/+$/, '') || serverUrl,
    idleMs,
    secret: place.get('secret').value === undefined ? null : secretAt(place.get('secret')),
    oidc: place.get('oidc').value === undefined ? null : compileOidc(place.get('oidc')),
  };
}

function compileOidc(place: Place): Oidc {
  const texts = (key: string) =>
    place
      .get(key)
      .elements()
      .map((each) => each.text());
  const scopes = texts('scopes');
  const named = new Set(texts('roles'));
  return {
    name: place.get('name').text(),
    issuer: place.get('issuer').text(),
    clientId: place.get('client_id').text(),
    secret: place.get('secret').value === undefined ? null : secretAt(place.get('secret')),
    scopes: scopes.length === 0 ? ['openid', 'email', 'profile'] : scopes,
    roles: roles.filter((role) => named.has(role)),
  };
}
