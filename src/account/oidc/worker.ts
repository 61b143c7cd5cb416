import { randomBytes } from 'node:crypto';
import type { Configuration } from 'openid-client';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import type { Oidc } from '../../workflow/project.ts';
import { personNamed } from '../account.ts';
import { findAccount, findAccountBySubject, insertAccount, insertAct, updateAccount } from '../store.ts';
import { insertToken, takeToken } from '../token/store.ts';
import { digestOf, tokenText } from '../token.ts';
import { type OpenedSession, type Origin, openSession } from '../worker.ts';

export type OidcShell = Pick<Shell, 'db' | 'clock' | 'project' | 'secrets' | 'log'>;

const client = () => import('openid-client');

/**
 * Begins single sign-on: where the browser goes, and the token that stays in it, so that only who began can end it.
 * The provider sends it back to `<url>/sign-in`, and the page there hands in what came with it: no GET signs anybody in.
 */
export async function startOidc(shell: OidcShell, url: string): Promise<{ step: string; location: string }> {
  const oidc = settingsOf(shell);
  const {
    buildAuthorizationUrl,
    calculatePKCECodeChallenge,
    randomNonce,
    randomPKCECodeVerifier,
    randomState,
  } = await client();
  const config = await configurationOf(shell, oidc);
  const checks = { verifier: randomPKCECodeVerifier(), state: randomState(), nonce: randomNonce(), url };
  const location = buildAuthorizationUrl(config, {
    redirect_uri: `${url}/sign-in`,
    scope: oidc.scopes.join(' '),
    code_challenge: await calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
    state: checks.state,
    nonce: checks.nonce,
  });
  const step = tokenText('step', randomBytes(32));
  const now = shell.clock.now();
  await insertToken(shell.db, {
    digest: digestOf(step),
    kind: 'oidc',
    person: null,
    data: checks,
    created_at: now,
    expires_at: plusMs(now, limits.signInStepMs),
  });
  return { step, location: location.href };
}

/** Ends single sign-on with the query that the provider sent the browser back with. */
export async function signInByOidc(
  shell: OidcShell,
  shown: { readonly step: string; readonly query: string },
  origin: Origin,
): Promise<OpenedSession> {
  const oidc = settingsOf(shell);
  const token = await takeToken(shell.db, 'oidc', digestOf(shown.step), shell.clock.now());
  if (token === null) throw notProved('It was begun in another browser, or took too long.');
  const checks = token.data as { verifier: string; state: string; nonce: string; url: string };
  const { authorizationCodeGrant } = await client();
  const current = new URL(`${checks.url}/sign-in?${shown.query.replace(/^\?/, '')}`);
  const config = await configurationOf(shell, oidc);
  const claims = await authorizationCodeGrant(config, current, {
    pkceCodeVerifier: checks.verifier,
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    idTokenExpected: true,
  }).then(
    (tokens) => tokens.claims(),
    (error: unknown) => {
      shell.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'single sign-on failed',
      );
      throw notProved('The provider did not confirm it.');
    },
  );
  if (claims === undefined) throw notProved('The provider did not say who it is.');
  const email = claims.email_verified === true && typeof claims.email === 'string' ? claims.email : null;
  const person = await personOf(shell, oidc, `${claims.iss} ${claims.sub}`, email);
  return await openSession(shell, person, 'oidc', origin);
}

/** The person of a subject: the one whom it has signed in before, or the one whose e-mail the provider confirms. */
async function personOf(
  shell: OidcShell,
  oidc: Oidc,
  subject: string,
  email: string | null,
): Promise<string> {
  const now = shell.clock.now();
  return await shell.db.transaction().execute(async (tx) => {
    const known = await findAccountBySubject(tx, subject);
    if (known !== null) {
      if (known.closed_at !== null) throw unknown();
      return known.person;
    }
    const person = email === null || !email.includes('@') ? null : personNamed(shell.project(), email);
    if (person === null) throw unknown();
    const account = await findAccount(tx, person.key);
    if (account === null && oidc.roles.length === 0) throw unknown();
    if (account?.closed_at != null) throw unknown();
    // Whoever has another subject already is not taken over by a second one that has the same address.
    if (account?.oidc_subject != null) throw unknown();
    const about = { at: now, actor: `person:${person.key}`, person: person.key };
    if (account === null) {
      await insertAccount(tx, person.key, [...oidc.roles], now);
      await insertAct(tx, { ...about, act: 'account_made', detail: { roles: oidc.roles, by: 'oidc' } });
    }
    await updateAccount(tx, person.key, { oidc_subject: subject });
    await insertAct(tx, { ...about, act: 'oidc_linked' });
    return person.key;
  });
}

const configurations = new Map<string, Promise<Configuration>>();

/** What the provider says of itself, asked once; again where it could not be had. */
async function configurationOf(shell: OidcShell, oidc: Oidc): Promise<Configuration> {
  const secret = oidc.secret === null ? null : (shell.secrets(oidc.secret)[0] ?? null);
  const key = JSON.stringify([oidc.issuer, oidc.clientId, digestOf(secret ?? '').toString('hex')]);
  const known = configurations.get(key);
  if (known !== undefined) return await known;
  const asked = discover(oidc, secret);
  configurations.clear();
  configurations.set(key, asked);
  return await asked.catch((error: unknown) => {
    configurations.delete(key);
    shell.log.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      'the provider of single sign-on does not answer',
    );
    throw new AppError('unavailable', `${oidc.name} does not answer as an OpenID provider.`, {
      help: `Check sign_in.oidc.issuer: ${oidc.issuer}/.well-known/openid-configuration should open. Sign in another way meanwhile.`,
    });
  });
}

async function discover({ issuer, clientId }: Oidc, secret: string | null): Promise<Configuration> {
  const { allowInsecureRequests, ClientSecretPost, discovery, None } = await client();
  const authentication = secret === null ? None() : ClientSecretPost(secret);
  // Who writes http there has a provider on this machine, or knows what they do.
  const options = issuer.startsWith('http:') ? { execute: [allowInsecureRequests] } : {};
  return await discovery(new URL(issuer), clientId, {}, authentication, {
    ...options,
    timeout: limits.attemptTimeoutMs / 1_000,
  });
}

function settingsOf(shell: OidcShell): Oidc {
  const { oidc } = shell.project().signIn;
  if (oidc !== null) return oidc;
  throw new AppError('not_found', 'This project has no single sign-on.', {
    help: 'sign_in.oidc in signalbox.yaml sets it up.',
  });
}

function unknown(): AppError {
  return new AppError(
    'forbidden',
    'The provider confirms who you are, and nobody here has an account with that.',
    {
      help: 'Your e-mail has to stand in signalbox.yaml, and an administrator invites you.',
    },
  );
}

function notProved(why: string): AppError {
  return new AppError('unauthenticated', `Single sign-on did not succeed. ${why}`, { help: 'Begin again.' });
}
