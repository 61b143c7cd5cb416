import { hostPattern } from '../intake/fetched-keys.ts';
import { type Algorithm, isShared, kindOf } from '../intake/schemes.ts';
import { secretKeys } from './compile-verify.ts';
import { misfit, reportAbsent, reportPlaces } from './misfit.ts';
import type { Place } from './place.ts';
import type { SchemeText } from './verify-schema.ts';

/** Reports where keys are to be fetched, and cannot be, or would be anybody's. */
export function checkKeys(place: Place, written: SchemeText): void {
  const { keys, algorithm = 'hmac-sha256' } = written;
  if (keys === undefined) return;
  const at = place.get(place.get('keys').value === undefined ? 'scheme' : 'keys');
  if (isShared(algorithm)) {
    misfit(
      at,
      `\`keys\` are public ones, and \`algorithm: ${algorithm}\` has a shared secret`,
      'write the algorithm of the vendor’s page, such as `jwt-rs256`, or `secret` instead of `keys`',
    );
    return;
  }
  if ((keys.url === undefined) === (keys.certificate === undefined)) {
    misfit(at, '`keys` says one place where they are fetched', 'write `url`, or `certificate` with `host`');
    return;
  }
  reportUnused(place, keys);
  if (keys.certificate !== undefined) checkCertificate(place, keys, algorithm);
  else checkKeySet(place, written, keys, at);
}

function checkKeySet(
  place: Place,
  { algorithm = 'hmac-sha256', claims }: SchemeText,
  keys: NonNullable<SchemeText['keys']>,
  at: Place,
): void {
  if (kindOf(algorithm) !== 'jwt') {
    misfit(
      at,
      '`url` is the address of the keys of tokens',
      'write `algorithm: jwt-…`, or give the key as `secret`',
    );
  }
  if (keys.url?.startsWith('http:') && keys.allow_private !== true) {
    misfit(
      place.get('keys').get('url'),
      'keys that come over plain http could be anybody’s',
      'write `https`, or `allow_private: true` where they are on a private network',
      'value',
    );
  }
  if (keys.json === undefined && Object.keys(claims ?? {}).length === 0) {
    place.get('scheme').report({
      code: 'SB116',
      severity: 'warning',
      message: 'any token that is signed with these keys is taken, whoever it was made for',
      help: 'say by `claims` what it must hold: `{ iss: …, aud: … }`',
    });
  }
}

function checkCertificate(place: Place, keys: NonNullable<SchemeText['keys']>, algorithm: Algorithm): void {
  const own = place.get('keys');
  reportPlaces(own.get('certificate'), keys.certificate);
  if (kindOf(algorithm) === 'jwt') {
    misfit(own, 'the keys of tokens come from a key set', 'write `url`', 'value');
  }
  if (keys.host === undefined) {
    misfit(
      own,
      'a certificate from any host proves nothing',
      'add `host`: a regular expression for the whole name, such as `api\\.example\\.com`',
    );
  } else checkHost(own.get('host'), keys.host);
}

/** Reports a pattern that cannot be read. `written`: as it counts. */
export function checkHost(place: Place, written: string): void {
  try {
    hostPattern(written);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    misfit(
      place,
      `this is no regular expression: ${why}`,
      'it has no look-around and no back-references',
      'value',
    );
  }
}

function reportUnused(place: Place, keys: NonNullable<SchemeText['keys']>): void {
  const own = place.get('keys');
  const unused = keys.certificate !== undefined ? ['json', 'key', 'withdrawn'] : ['host'];
  if (keys.json === undefined) unused.push('key', 'withdrawn');
  for (const key of new Set(unused)) {
    const part = own.get(key);
    if (part.value !== undefined)
      misfit(part, `\`${key}\` has no meaning here`, 'docs/reference/signatures.md says what goes together');
  }
  if (keys.json !== undefined) {
    if (keys.key === undefined)
      reportAbsent(own, 'key', place.get('scheme').text(), 'where it stands in the answer');
    if (JSON.stringify(keys.json).includes('{username}') && place.get('username').value === undefined)
      reportAbsent(place, 'username', place.get('scheme').text(), 'your name at the system that is asked');
    return;
  }
  for (const key of secretKeys.filter((each) => place.get(each).value !== undefined)) {
    misfit(
      place.get(key),
      `\`${key}\` is not used: the keys are fetched`,
      'leave it out, or leave `keys` out',
    );
  }
}
