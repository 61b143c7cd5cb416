import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { isShared, kindOf, type SignatureScheme } from './schemes.ts';

/** What a signature is checked with: the bytes of a shared secret, or a public key. */
export type Key =
  /** `mac`: the secret as an HMAC takes it soonest. */
  | { readonly secret: Buffer; readonly mac: KeyObject; readonly public: null }
  | { readonly secret: null; readonly public: KeyObject };

/** The keys in some secrets, in their order; texts that hold none are left out. Those read last of a scheme are kept. */
export function keysOf(scheme: SignatureScheme, secrets: readonly string[]): readonly Key[] {
  const known = lastKeys.get(scheme);
  const same = known?.secrets.length === secrets.length;
  if (same && known.secrets.every((secret, index) => secret === secrets[index])) return known.keys;
  const keys = secrets.map((secret) => keyOf(scheme, secret)).filter((key) => key !== null);
  lastKeys.set(scheme, { secrets, keys });
  return keys;
}

const lastKeys = new WeakMap<
  SignatureScheme,
  { readonly secrets: readonly string[]; readonly keys: readonly Key[] }
>();

/** Reads the key from a secret's text; null where there is none in it. Never throws. */
export function keyOf(scheme: SignatureScheme, text: string): Key | null {
  const written = text.startsWith(scheme.key.prefix) ? text.slice(scheme.key.prefix.length) : text;
  if (written === '') return null;
  if (!isShared(scheme.algorithm)) {
    const key = publicKey(scheme, written);
    return key === null ? null : { secret: null, public: key };
  }
  // A key in PEM is no shared secret: whoever knows a public key could sign with it.
  const isPem = kindOf(scheme.algorithm) === 'jwt' && written.includes('-----BEGIN');
  const secret = isPem || scheme.key.encoding === 'pem' ? null : bytesOf(scheme.key.encoding, written);
  if (secret === null || secret.length === 0) return null;
  const whole = scheme.username === null ? secret : Buffer.from(`${scheme.username}:${secret}`);
  return { secret: whole, mac: createSecretKey(whole), public: null };
}

function publicKey({ algorithm, key: { encoding } }: SignatureScheme, written: string): KeyObject | null {
  try {
    const key =
      encoding === 'pem' ? createPublicKey(written) : publicKeyOf(algorithm, bytesOf(encoding, written));
    return matches(key, algorithm) ? key : null;
  } catch {
    return null;
  }
}

/** From SubjectPublicKeyInfo (DER), or the bare bytes that vendors print: 32 for Ed25519, a point for P-256. */
function publicKeyOf(algorithm: string, bytes: Buffer | null): KeyObject {
  if (bytes === null) throw new TypeError('the key is not written as it should be');
  const bare = bareKeys[typeOf(algorithm)];
  const der = bare?.lengths.includes(bytes.length)
    ? Buffer.concat([bare.header(bytes.length), bytes])
    : bytes;
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

/** The bytes of SubjectPublicKeyInfo before a bare key (RFC 8410, RFC 5480). */
const bareKeys: Readonly<Record<string, { lengths: number[]; header: (length: number) => Buffer }>> = {
  ed25519: { lengths: [32], header: () => Buffer.from('302a300506032b6570032100', 'hex') },
  'ecdsa-p256': {
    lengths: [33, 65],
    header: (length) =>
      length === 65
        ? Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')
        : Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
  },
};

function matches(key: KeyObject, algorithm: string): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  switch (typeOf(algorithm)) {
    case 'ed25519':
      return type === 'ed25519';
    case 'rsa':
      return type === 'rsa' && (details?.modulusLength ?? 0) >= rsaBitsMin;
    default:
      return type === 'ec' && details?.namedCurve === 'prime256v1';
  }
}

function typeOf(algorithm: string): 'ed25519' | 'ecdsa-p256' | 'rsa' {
  if (algorithm === 'ed25519' || algorithm === 'jwt-eddsa') return 'ed25519';
  return /rsa|-[rp]s/.test(algorithm) ? 'rsa' : 'ecdsa-p256';
}

const rsaBitsMin = 2_048;

/** Null where the text is not written so: half a key is no key. */
function bytesOf(encoding: 'text' | 'base64' | 'hex', text: string): Buffer | null {
  if (encoding === 'text') return Buffer.from(text);
  return shapes[encoding].test(text) ? Buffer.from(text, encoding) : null;
}

const shapes = { base64: /^[A-Za-z0-9+/_-]+={0,2}$/, hex: /^(?:[0-9A-Fa-f]{2})+$/ };
