import { randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { findAccount, insertAct } from '../store.ts';
import { insertToken, takeToken } from '../token/store.ts';
import { digestOf, tokenText } from '../token.ts';
import { type AccountShell, type OpenedSession, type Origin, openSession } from '../worker.ts';
import { deletePasskey, findPasskey, insertPasskey, listPasskeys, usePasskey } from './store.ts';

/** Loaded when the first passkey is used: it takes a third of a second, which no start has to wait for. */
const webauthn = () => import('@simplewebauthn/server');

/** EdDSA, ES256 and RS256, which every device has one of. Named, since the library looks for experimental ones otherwise. */
const algorithms = [-8, -7, -257];

/** The page that asks: passkeys are bound to its host name, which may not be an address. */
export interface Page {
  readonly origin: string;
}

export function takesPasskeys(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return !/^(\d+(\.\d+){3}|\[.*\])$/.test(name);
}

/** Begins to add a passkey: what the browser is asked to make, and the token under which it comes back. */
export async function startPasskey(
  shell: AccountShell,
  person: string,
  page: Page,
): Promise<{ step: string; options: PublicKeyCredentialCreationOptionsJSON }> {
  const known = await listPasskeys(shell.db, person);
  if (known.length >= limits.passkeysMax) {
    throw new AppError('conflict', `There are ${limits.passkeysMax} passkeys already.`, {
      help: 'Remove one first.',
    });
  }
  const { generateRegistrationOptions } = await webauthn();
  const { name, people } = shell.project();
  const options = await generateRegistrationOptions({
    rpName: `Signalbox ${name}`,
    rpID: rpId(page),
    userName: person,
    userID: new Uint8Array(Buffer.from(person)),
    userDisplayName: people.get(person)?.name ?? person,
    excludeCredentials: known.map(({ id }) => ({ id })),
    supportedAlgorithmIDs: algorithms,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return { step: await keepChallenge(shell, person, options.challenge), options };
}

export async function addPasskey(
  shell: AccountShell,
  person: string,
  passkey: { readonly step: string; readonly name: string; readonly response: unknown },
  page: Page,
): Promise<void> {
  const challenge = await takeChallenge(shell, passkey.step, person);
  const { verifyRegistrationResponse } = await webauthn();
  const verified = await verifyRegistrationResponse({
    response: passkey.response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: page.origin,
    expectedRPID: rpId(page),
    supportedAlgorithmIDs: algorithms,
  }).catch(unverified);
  if (!verified.verified || verified.registrationInfo === undefined) throw notProved();
  const { credential } = verified.registrationInfo;
  const now = shell.clock.now();
  await shell.db.transaction().execute(async (tx) => {
    if ((await findPasskey(tx, credential.id)) !== null) {
      throw new AppError('conflict', 'This passkey is known already.');
    }
    await insertPasskey(tx, {
      id: credential.id,
      person,
      name: passkey.name,
      public_key: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: credential.transports ?? [],
      created_at: now,
    });
    const act = { at: now, actor: `person:${person}`, person, act: 'passkey_added' };
    await insertAct(tx, { ...act, detail: { name: passkey.name } });
  });
}

export async function removePasskey(shell: AccountShell, person: string, id: string): Promise<void> {
  if (!(await deletePasskey(shell.db, person, id)))
    throw new AppError('not_found', 'You have no such passkey.');
  await insertAct(shell.db, {
    at: shell.clock.now(),
    actor: `person:${person}`,
    person,
    act: 'passkey_removed',
  });
}

/** Begins a sign-in by passkey: the browser offers those that it has, so no name is asked for. */
export async function startPasskeySignIn(
  shell: AccountShell,
  page: Page,
): Promise<{ step: string; options: PublicKeyCredentialRequestOptionsJSON }> {
  const { generateAuthenticationOptions } = await webauthn();
  const options = await generateAuthenticationOptions({ rpID: rpId(page), userVerification: 'required' });
  return { step: await keepChallenge(shell, null, options.challenge), options };
}

/** Signs in by a passkey: it is both what somebody has and what they know or are. */
export async function signInByPasskey(
  shell: AccountShell,
  shown: { readonly step: string; readonly response: unknown },
  page: Page,
  origin: Origin,
): Promise<OpenedSession> {
  const challenge = await takeChallenge(shell, shown.step, null);
  const response = shown.response as AuthenticationResponseJSON;
  const id = typeof response?.id === 'string' ? response.id : '';
  const passkey = await findPasskey(shell.db, id);
  const account = passkey === null ? null : await findAccount(shell.db, passkey.person);
  if (passkey === null || account === null || account.closed_at !== null) throw notProved();
  const { verifyAuthenticationResponse } = await webauthn();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: page.origin,
    expectedRPID: rpId(page),
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(passkey.public_key),
      counter: passkey.counter,
      transports: passkey.transports,
    },
  }).catch(unverified);
  if (!verified) throw notProved();
  await usePasskey(shell.db, passkey.id, authenticationInfo.newCounter, shell.clock.now());
  return await openSession(shell, passkey.person, 'passkey', origin);
}

function rpId({ origin }: Page): string {
  const host = URL.canParse(origin) ? new URL(origin).host : '';
  if (host !== '' && takesPasskeys(host)) return new URL(origin).hostname;
  throw new AppError('unprocessable', 'Passkeys need a host name, and an address has none.', {
    help: 'Open the console at http://localhost or at its public name.',
  });
}

async function keepChallenge(shell: AccountShell, person: string | null, challenge: string): Promise<string> {
  const step = tokenText('step', randomBytes(32));
  const now = shell.clock.now();
  const expiresAt = plusMs(now, limits.signInStepMs);
  const data = { challenge };
  await insertToken(shell.db, {
    digest: digestOf(step),
    kind: 'passkey',
    person,
    data,
    created_at: now,
    expires_at: expiresAt,
  });
  return step;
}

async function takeChallenge(shell: AccountShell, step: string, person: string | null): Promise<string> {
  const token = await takeToken(shell.db, 'passkey', digestOf(step), shell.clock.now());
  if (token === null || token.person !== person) throw notProved();
  return (token.data as { challenge: string }).challenge;
}

function unverified(): never {
  throw notProved();
}

function notProved(): AppError {
  return new AppError('unauthenticated', 'This passkey proves nothing here, or it took too long.', {
    help: 'Try again, or sign in another way.',
  });
}
