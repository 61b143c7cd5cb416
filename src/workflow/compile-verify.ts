import { isIPv4, isIPv6 } from 'node:net';
import { placeOf } from '../intake/place.ts';
import { isPresetName, presets, type SchemeName, schemeNames } from '../intake/presets.ts';
import { isCarried, kindOf, overridden, schemeOf } from '../intake/schemes.ts';
import { hasVariable, parseTemplate, type TemplatePart, type VariableName } from '../intake/template.ts';
import { challengeKeys } from './challenge-schema.ts';
import { checkExpected } from './compile-expected.ts';
import { checkKeys } from './compile-keys.ts';
import { misfit, placeCount, reportAbsent, reportMisfits, reportPlaces } from './misfit.ts';
import { isMapping, type Place } from './place.ts';
import type { SecretRef, Verify } from './project.ts';
import { type SchemeText, schemeKeys, shortKeys } from './verify-schema.ts';

/** The `verify:` section of a source. `publicUrl` null: nobody has said which address its sender calls. */
export function compileVerify(place: Place, publicUrl: string | null): Verify {
  const scheme = schemeNames.find((name) => name === place.get('scheme').value);
  if (scheme === undefined) return { scheme: 'none' };
  reportMisfits(place, scheme, keysOf(scheme), [...schemeKeys, ...shortKeys, ...secretKeys]);
  if (scheme === 'none') return { scheme };
  const written = writtenScheme(place, scheme);
  const secrets = needsSecret(written) ? secretsAt(place, scheme) : [];
  checkParts(place, scheme, written, publicUrl);
  return { scheme, secrets, signature: schemeOf(written) };
}

export const secretKeys = ['secret', 'secrets'];

/** Whose keys are fetched needs no secret, unless to ask for them. */
function needsSecret({ keys }: SchemeText): boolean {
  return keys === undefined || (keys.json !== undefined && JSON.stringify(keys.json).includes('{secret}'));
}

/** Which keys a scheme takes besides `scheme`. */
function keysOf(scheme: SchemeName | 'none'): readonly string[] {
  if (scheme === 'none') return [];
  return [...secretKeys, ...schemeKeys, ...(scheme === 'hmac' ? shortKeys : [])];
}

/** All of the scheme: the preset, with what stands here in place of its parts. */
function writtenScheme(place: Place, scheme: SchemeName): SchemeText {
  const own = partsAt(place, schemeKeys) as SchemeText;
  if (scheme === 'hmac') return overridden(shortScheme(place), { ...own, algorithm: hmacOf(own.algorithm) });
  return isPresetName(scheme) ? overridden(presets[scheme], own) : own;
}

/** `scheme: hmac` in its short form. */
function shortScheme(place: Place): SchemeText {
  const encoding = place.get('encoding').value === 'base64' ? 'base64' : 'hex';
  const header = place.get('header').text();
  const timestamp = place.get('timestamp_header').text();
  const separator = place.get('separator');
  const between = (separator.value === undefined ? '.' : separator.text()).replace(/[{}]/g, '$&$&');
  return {
    signature: { ...(header !== '' && { header }), encoding, prefix: place.get('prefix').text() },
    ...(timestamp !== '' && { timestamp: { header: timestamp }, signs: `{timestamp}${between}{body}` }),
  };
}

function hmacOf(algorithm: string | undefined): SchemeText['algorithm'] {
  const name = algorithm ?? 'sha256';
  return (name.startsWith('sha') ? `hmac-${name}` : name) as SchemeText['algorithm'];
}

/** What stands under these keys, as it is written, without what has another shape: the schema has reported that. */
export function partsAt(place: Place, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const parts = place.entries().filter(([key]) => keys.includes(key));
  const sound = parts.map(([key, part]) => [key, soundPart(key, part.value)] as const);
  return Object.fromEntries(sound.filter(([key, value]) => shapes[key] === shapeOf(value)));
}

const shapes: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...schemeKeys, ...challengeKeys].map((key) => [key, 'string'])),
  ...Object.fromEntries(
    [
      'key',
      'timestamp',
      'id',
      'body_digest',
      'signed_headers',
      'signed_fields',
      'signature',
      'claims',
      'expect',
      'keys',
      'token',
      'visit',
      'headers',
      'json',
    ].map((key) => [key, 'object']),
  ),
  trusted_proxies: 'list',
  when: 'list',
  signed: 'boolean',
};

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

function soundPart(key: string, value: unknown): unknown {
  if (asWritten.includes(key)) return isMapping(value) ? value : undefined;
  if (isMapping(value)) return soundMembers(value);
  if (!Array.isArray(value))
    return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
  return key === 'when' ? value.filter(isMapping).map(soundMembers) : value.map(String);
}

/** Mappings whose values may be anything. */
const asWritten = ['json', 'claims', 'expect'];

/** What a mapping holds of the kind that its key takes: all that is not listed here is a text. */
function soundMembers(mapping: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const sound = Object.entries(mapping)
    .filter(([key, value]) => value !== null && shapeOf(value) === (memberShapes[key] ?? 'string'))
    .map(([key, value]) => [key, key === 'certificate' ? soundMembers(value as typeof mapping) : value]);
  return Object.fromEntries(
    sound.map(([key, value]) => [key, Array.isArray(value) ? value.map(String) : value]),
  );
}

const memberShapes: Readonly<Record<string, string>> = {
  once: 'boolean',
  allow_private: 'boolean',
  headers: 'list',
  fields: 'list',
  certificate: 'object',
  json: 'object',
};

/** Reports what is missing, and parts that do not go together. */
function checkParts(place: Place, scheme: SchemeName, written: SchemeText, publicUrl: string | null): void {
  if (scheme === 'custom')
    reportAbsent(place, 'algorithm', scheme, 'how the signature is made, such as `hmac-sha256`');
  if (scheme === 'hmac' && placeCount(written.signature) === 0) {
    reportAbsent(place, 'header', scheme, 'the header that carries the signature');
  } else if (placeCount(written.signature) === 0) {
    reportAbsent(place, 'signature', scheme, 'where it stands, such as `{ header: x-signature }`');
  }
  for (const key of placed) reportPlaces(place.get(key), written[key], key === 'signature');
  const kind = kindOf(written.algorithm ?? 'hmac-sha256');
  const signs = signsAt(place, written);
  reportMeaningless(place, written);
  if (kind === 'digest' && !hasVariable(signs, 'secret')) {
    misfit(
      place.get('algorithm'),
      `\`algorithm: ${written.algorithm}\` without \`{secret}\` proves nothing: everybody can compute it`,
      'put `{secret}` where the vendor puts it: `signs: "{secret}{body}"`; or is it an HMAC: `hmac-sha256`?',
    );
  }
  if (written.algorithm === 'proxy' && written.trusted_proxies === undefined) {
    reportAbsent(place, 'trusted_proxies', 'custom', 'who may say who the client is, such as `[10.0.0.0/8]`');
  }
  for (const proxy of place.get('trusted_proxies').elements()) {
    if (proxy.text() !== '' && !isBlock(proxy.text()))
      misfit(
        proxy,
        `\`${proxy.text()}\` is no address or block`,
        'write `10.0.0.5`, `10.0.0.0/8` or `fd00::/8`',
        'value',
      );
  }
  const carried = isCarried(written.algorithm ?? 'hmac-sha256');
  if (!carried) reportUnknownParts(place, signs, written, publicUrl);
  reportElements(place, carried ? [] : signs, written);
  if (kind !== 'jwt') reportUnsignedTime(place, carried ? [] : signs, written);
  for (const key of ['claims', 'expect'] as const)
    checkExpected(place.get(key), written[key], place, publicUrl);
  checkKeys(place, written);
}

/** Parts that have a meaning with other algorithms. */
function reportMeaningless(place: Place, written: SchemeText): void {
  const { algorithm } = written;
  const kind = kindOf(algorithm ?? 'hmac-sha256');
  const without: readonly string[] =
    kind === 'token'
      ? ['signs', 'signed_fields', 'claims']
      : kind === 'jwt'
        ? ['signs', 'timestamp', 'body_digest', 'signed_headers', 'signed_fields']
        : ['claims'];
  for (const key of without.filter((each) => place.get(each).value !== undefined)) {
    misfit(
      place.get(key),
      `\`${key}\` has no meaning with \`algorithm: ${algorithm}\``,
      meaningless[kind] ?? 'only tokens have claims: leave it out, or is it `jwt-rs256`?',
    );
  }
  if (kind === 'jwt') return;
  for (const [part, key] of [
    ['id', 'claim'],
    ['signature', 'body'],
  ] as const) {
    const at = place.get(part).get(key);
    if (at.value !== undefined)
      misfit(at, `only a token has \`${key}\``, 'write `algorithm: jwt-…` as the token is signed');
  }
}

const meaningless: Readonly<Record<string, string>> = {
  token: 'the request carries the secret itself: leave it out',
  jwt: 'the token is signed, and has times of its own: say by `claims` what binds it to the request, `{ body_hash: { sha256: "{body}" } }`',
};

/** Pairs stand in a list, and a list has something between its elements. */
function reportElements(place: Place, signs: readonly TemplatePart[], written: SchemeText): void {
  const { signature, timestamp, signed_headers: listed } = written;
  const used = timestamp?.element ?? listed?.element ?? (hasVariable(signs, 'element') ? '' : undefined);
  if (used === undefined || signature?.separator !== undefined) return;
  misfit(
    place.get('signature').value === undefined ? place.get('scheme') : place.get('signature'),
    'an `element` is one of a list, and the signature is none',
    'say what stands between its elements: `separator: ","`',
  );
}

/** A time that is not signed can be written anew by whoever sends a request again. */
function reportUnsignedTime(
  place: Place,
  signs: readonly TemplatePart[],
  { timestamp, signed_fields: fields }: SchemeText,
): void {
  if (timestamp === undefined || hasVariable(signs, 'timestamp', 'signed_headers')) return;
  if (timestamp.field !== undefined && fields?.fields?.includes(timestamp.field)) return;
  const inBody = timestamp.field !== undefined || timestamp.form !== undefined;
  if (inBody && hasVariable(signs, 'body', 'body_sha256')) return;
  if (timestamp.form !== undefined && hasVariable(signs, 'form')) return;
  const { from, name } = placeOf(timestamp);
  if (signs.some((part) => 'name' in part && part.name === from && part.of === name)) return;
  place.get('timestamp').report({
    code: 'SB116',
    severity: 'warning',
    message: 'the time is not signed: whoever sends a request again can write another',
    help: 'put `{timestamp}` into `signs` where the vendor signs it, or leave `timestamp` out',
    at: 'key',
  });
}

function signsAt(place: Place, written: SchemeText): readonly TemplatePart[] {
  const parsed = parseTemplate(written.signs ?? '{body}');
  if ('parts' in parsed) return parsed.parts;
  misfit(
    place.get('signs'),
    parsed.problem,
    'docs/reference/signatures.md lists what can be signed',
    'value',
  );
  return [];
}

/** Variables that stand for a part which the scheme does not have. */
function reportUnknownParts(
  place: Place,
  signs: readonly TemplatePart[],
  written: SchemeText,
  publicUrl: string | null,
): void {
  const at = place.get(place.get('signs').value === undefined ? 'scheme' : 'signs');
  const needs: readonly [VariableName, keyof SchemeText][] = [
    ['timestamp', 'timestamp'],
    ['id', 'id'],
    ['signed_headers', 'signed_headers'],
    ['signed_fields', 'signed_fields'],
  ];
  for (const [variable, key] of needs) {
    if (!hasVariable(signs, variable) || placeCount(written[key]) > 0) continue;
    if (variable === 'signed_fields' && written.signed_fields !== undefined) continue;
    misfit(
      at,
      `\`{${variable}}\` is signed, and \`${key}\` does not say where it stands`,
      variable === 'signed_fields'
        ? 'add `signed_fields: { fields: [/a, /b] }`'
        : `add \`${key}: { header: … }\``,
      'value',
    );
  }
  if (hasVariable(signs, 'signature'))
    misfit(at, '`{signature}` cannot sign itself', 'it is for the answer of a `challenge`', 'value');
  if (publicUrl === null && hasVariable(signs, 'url', 'url_decoded', 'path', 'target')) {
    misfit(
      at,
      'the address is signed, and nobody has said which one the sender calls',
      'add `public_url` to the source (the whole address), or to `server` (its beginning: `https://hooks.example.com`)',
      'value',
    );
  }
}

const placed = ['signature', 'timestamp', 'id', 'body_digest', 'signed_headers'] as const;

/** Whether a text is an address or a CIDR block. Pure. */
export function isBlock(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if ((!isIPv4(address) && !isIPv6(address)) || rest.length > 0) return false;
  // A block of all addresses trusts everybody: no width, and a width of 0, are none.
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (isIPv6(address) ? 128 : 32);
}

/** The places of secrets that stand here, which a scheme needs. */
export function secretsAt(place: Place, scheme: string): SecretRef[] {
  const [one, several] = [place.get('secret'), place.get('secrets')];
  if (one.value !== undefined && several.value !== undefined) {
    misfit(several, '`secret` and `secrets` stand side by side', 'put all of them into `secrets`');
  }
  if (several.value === undefined)
    reportAbsent(place, 'secret', scheme, '`{ env: NAME }` or `{ file: path }`');
  const places = several.value === undefined ? [one] : several.elements();
  return places.map((secret) => secretAt(secret));
}

export function secretAt(place: Place): SecretRef {
  const file = place.get('file').text();
  return file === '' ? { env: place.get('env').text() } : { file };
}
