import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { schemeOf } from '../../src/intake/schemes.ts';
import type { SchemeText } from '../../src/workflow/verify-schema.ts';

/** Tokens made by a few lines of node:crypto that share nothing with the product. */

export const now = new Date('2026-11-23T10:00:00.000Z');
export const seconds = now.getTime() / 1000;
export const body = '{"id":"evt_1","amount":12.5}';

export const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  ed25519: generateKeyPairSync('ed25519'),
};

export const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }).toString();
export const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of these claims. `key`: a private key, or the text of a shared secret. */
export function token(alg: string, key: KeyObject | string, claims: unknown, header: object = {}): string {
  const signed = `${part({ alg, typ: 'JWT', ...header })}.${part(claims)}`;
  return `${signed}.${signature(alg, key, signed)}`;
}

function signature(alg: string, key: KeyObject | string, signed: string): string {
  if (typeof key === 'string') {
    return createHmac(`sha${alg.slice(2)}`, key)
      .update(signed)
      .digest('base64url');
  }
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return sign(/EdDSA|Ed25519/.test(alg) ? null : 'sha256', Buffer.from(signed), {
    key,
    dsaEncoding: 'ieee-p1363',
    ...(alg.startsWith('PS') && pss),
  }).toString('base64url');
}

export function verifyOf(text: SchemeText) {
  return { scheme: 'custom', secrets: [], signature: schemeOf(text) } as const;
}

export interface Clocked {
  at: Date;
  readonly lines: string[];
  readonly clock: { now(): Date };
  readonly log: Logger;
}

/** A clock that the test sets, and a log that it reads. */
export function clocked(): Clocked {
  const lines: string[] = [];
  const shell: Clocked = {
    at: now,
    lines,
    clock: { now: () => shell.at },
    log: pino({ level: 'debug' }, { write: (line) => lines.push(line) }),
  };
  return shell;
}

export function postOf(
  headers: Readonly<Record<string, string>>,
  text = body,
  url = 'https://hooks.example.com/in/x',
) {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(text),
    address: null,
  };
}
