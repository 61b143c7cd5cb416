import { createPrivateKey, hash, sign as signWith } from 'node:crypto';
import { tokensOf } from '../contract/pointer.ts';
import { AppError } from '../errors.ts';
import type { Verify } from '../workflow/project.ts';
import { encoded } from './encoded.ts';
import type { FetchedKeys } from './fetched-keys.ts';
import { keyOf } from './keys.ts';
import type { Place } from './place.ts';
import { isForm, readingOf, type SignedRequest } from './request.ts';
import { isShared, kindOf, type SignatureScheme } from './schemes.ts';
import { signedToken } from './sign-token.ts';
import { digestOf, encodedProof } from './signature.ts';
import { hasVariable } from './template.ts';
import { timeText } from './timestamp.ts';

/**
 * A request as its sender would send it: with id, time, digest and signature, each where the scheme wants it.
 *
 * `secret` is the shared secret, or for a public-key scheme the private key as PEM. `id` names the request where the
 * scheme has ids. A JSON body that takes parts of them up is written anew.
 * Throws AppError('invalid_project') for a secret that cannot be used.
 */
export function signedAs(
  verify: Verify,
  request: SignedRequest,
  secret: string,
  now: Date,
  id: string,
): SignedRequest {
  if (verify.scheme === 'none') return request;
  if (secret === '' && verify.signature.keys === null)
    throw new AppError('invalid_project', 'The secret to sign with is empty.');
  const { signature: scheme } = verify;
  if (scheme.keys !== null) throw keysElsewhere(scheme.keys.kind);
  if (kindOf(scheme.algorithm) === 'jwt') return withToken(scheme, request, secret, now, id);
  const time = scheme.timestamp === null ? '' : timeText(now, scheme.timestamp.unit);
  const listed = (scheme.timestamp?.place.from === 'header' ? scheme.timestamp.place : contentType).name;

  const values: [Place | null | undefined, string][] = [
    [scheme.id, id],
    [scheme.timestamp?.place, time],
    [scheme.signedHeaders?.place, listed],
  ];
  let prepared = values.reduce((each, [place, value]) => withValue(each, place, value), request);
  if (scheme.bodyDigest !== null && !(hasVariable(scheme.signs, 'form') && isForm(request))) {
    const { place, algorithm, encoding, prefix } = scheme.bodyDigest;
    const digest = encoded(hash(algorithm, prepared.body, 'buffer'), encoding);
    prepared = withValue(prepared, place, `${prefix}${digest}`);
  }
  const pairs = values.flatMap(([place, value]) =>
    place?.from === 'element' ? [`${place.name}=${value}`] : [],
  );
  const [place] = scheme.signature.places;
  if (place === undefined) return prepared;
  // The pairs beside the signature may be signed themselves.
  const readable = withValue(prepared, place, pairs.join(scheme.signature.separator ?? ''));
  const proof = `${scheme.signature.prefix}${proofFor(scheme, readable, secret)}`;
  return withValue(prepared, place, [...pairs, proof].join(scheme.signature.separator ?? ''));
}

function keysElsewhere(kind: FetchedKeys['kind']): AppError {
  const where = kind === 'certificate' ? 'a certificate that the request names' : 'keys that are fetched';
  return new AppError('invalid_project', `This source proves itself by ${where}: only its sender can sign.`, {
    help: 'To try it out, use the sender’s own test button; or write a pair of your own for a while: its public key as `secret` instead of `keys`, and give the private one.',
  });
}

function withToken(
  scheme: SignatureScheme,
  request: SignedRequest,
  secret: string,
  now: Date,
  id: string,
): SignedRequest {
  const [place] = scheme.signature.places;
  const prepared = scheme.id === null ? request : withValue(request, scheme.id, id);
  const key = isShared(scheme.algorithm) ? keyOf(scheme, secret) : null;
  if (isShared(scheme.algorithm) && key === null) throw notWritten(scheme);
  const making = { request: prepared, reading: readingOf(prepared, scheme), now, id };
  const token = signedOrRefused(() => signedToken(scheme, making, { key, pem: secret }));
  return withValue(prepared, place, `${scheme.signature.prefix}${token}`);
}

const contentType: Place = { from: 'header', name: 'content-type' };

function proofFor(scheme: SignatureScheme, request: SignedRequest, secret: string): string {
  const reading = readingOf(request, scheme);
  const fill = (key: Uint8Array | string) => reading.fill(scheme.signs, { url: request.url, secret: key });
  if (kindOf(scheme.algorithm) === 'public-key') {
    return encoded(signedPrivately(scheme, fill(''), secret), scheme.signature.encoding);
  }
  const key = keyOf(scheme, secret);
  if (key?.secret == null) throw notWritten(scheme);
  return encodedProof(scheme, key, fill(key.secret));
}

function notWritten({ key }: SignatureScheme): AppError {
  return new AppError('invalid_project', `The secret to sign with is not written as ${key.encoding}.`);
}

function signedPrivately({ algorithm, signature }: SignatureScheme, signed: Buffer, pem: string): Buffer {
  const dsaEncoding = signature.format === 'raw' ? 'ieee-p1363' : 'der';
  return signedOrRefused(() =>
    signWith(digestOf(algorithm), signed, { key: createPrivateKey(pem), dsaEncoding }),
  );
}

function signedOrRefused<T>(sign: () => T): T {
  try {
    return sign();
  } catch (error) {
    throw new AppError(
      'invalid_project',
      'This source signs with a private key, and only its sender has that.',
      {
        help: 'To try it out, make a pair of your own, put its public key where the secret is, and give the private one (PEM).',
        cause: error,
      },
    );
  }
}

/** The request with a text at a place; a place in the signature's own list is not its matter. */
function withValue(request: SignedRequest, place: Place | null | undefined, value: string): SignedRequest {
  if (place == null || place.from === 'element') return request;
  const { from, name } = place;
  if (from === 'claim') return request;
  if (from === 'body') return { ...request, body: Buffer.from(value) };
  if (from === 'header') return { ...request, headers: { ...request.headers, [name]: value } };
  if (from === 'query') {
    const pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
    const rest = request.url.split('?').slice(1).join('?');
    const others = rest
      .split('&')
      .filter((each) => each !== '' && !each.startsWith(`${encodeURIComponent(name)}=`));
    return { ...request, url: `${request.url.split('?', 1)[0]}?${[...others, pair].join('&')}` };
  }
  const text = Buffer.from(request.body).toString();
  if (from === 'field') return { ...request, body: Buffer.from(withField(text, name, value)) };
  const form = new URLSearchParams(text);
  form.set(name, value);
  return { ...request, body: Buffer.from(form.toString()) };
}

function withField(text: string, pointer: string, value: string): string {
  const path = tokensOf(pointer);
  const last = path.pop() ?? '';
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'bad_request',
      `This source carries its signature in the body, and the payload is not JSON.`,
      {
        cause: error,
      },
    );
  }
  let at = document;
  for (const key of path) {
    if (!isContainer(at)) break;
    if (!isContainer(at[key])) at[key] = {};
    at = at[key];
  }
  if (isContainer(at)) at[last] = value;
  return JSON.stringify(document);
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
