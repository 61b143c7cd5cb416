import Type from 'typebox';
import { limits } from '../limits.ts';
import { formatDuration } from './duration.ts';
import { duration, mapping, prose, section } from './schema-terms.ts';
import { expected, fetchedKeys, headerName, literal, place, secrets, template } from './verify-terms.ts';

/**
 * How a source proves itself, as JSON Schema: the part `verify` of `signalbox.yaml`.
 * docs/reference/signatures.md explains it; which keys go together, `compile-verify.ts` checks.
 */

const element = Type.Optional(
  literal('The `k=…` element of the signature’s own list with it, by its key.', ['t']),
);

const encoding = (description: string) =>
  Type.Optional(Type.Enum(['hex', 'hex-upper', 'base64', 'base64url', 'text'], { description }));

const algorithms = [
  'hmac-sha1',
  'hmac-sha256',
  'hmac-sha384',
  'hmac-sha512',
  'sha1',
  'sha256',
  'sha512',
  'ed25519',
  'ecdsa-p256',
  'rsa-sha1',
  'rsa-sha256',
  'jwt-hs256',
  'jwt-hs384',
  'jwt-hs512',
  'jwt-rs256',
  'jwt-ps256',
  'jwt-es256',
  'jwt-eddsa',
  'token',
  'basic',
  'proxy',
] as const;

const algorithmText =
  'How the signature is made. Plain `sha1`, `sha256` and `sha512` hash a template with `{secret}` in it (with `scheme: hmac` they name the hash of the HMAC); with `jwt-…` it is a JSON Web Token, signed so and not otherwise; with `token`, `basic` and `proxy` the request carries the secret itself.';

/** The parts of a scheme: what a preset is made of, and what can stand in place of its parts. */
const scheme = {
  algorithm: Type.Optional(Type.Enum(algorithms, { description: algorithmText })),
  key: Type.Optional(
    section(
      {
        encoding: Type.Optional(
          Type.Enum(['text', 'base64', 'hex', 'pem'], {
            description: 'How the key is written in the secret. Default: `pem` for public keys, else `text`.',
          }),
        ),
        prefix: Type.Optional(literal('Text before the key, left out where it stands.', ['whsec_'])),
      },
      'How the secret becomes the key.',
    ),
  ),
  signature: Type.Optional(
    section(
      {
        ...place,
        body: Type.Optional(
          Type.Enum(['whole'], {
            description: 'jwt: the whole body is the token, and the trigger is what stands in it.',
          }),
        ),
        headers: Type.Optional(
          Type.Array(headerName('A header.'), {
            minItems: 1,
            maxItems: limits.signaturesMax,
            description: 'Several headers, any of which may carry it.',
          }),
        ),
        encoding: encoding('How it is written. Default: `text` for tokens, else `hex`.'),
        prefix: Type.Optional(
          literal('Text before it. With a separator, elements without this prefix are passed over.', [
            'sha256=',
          ]),
        ),
        separator: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 10,
            description: 'What stands between the elements of a list.',
            examples: [','],
          }),
        ),
        format: Type.Optional(
          Type.Enum(['der', 'raw'], {
            default: 'der',
            description: 'ecdsa-p256: how the two numbers are held together.',
          }),
        ),
      },
      'Where the signature stands, and how it is written.',
    ),
  ),
  signs: Type.Optional(template('What is signed. Default: `{body}`.', '{timestamp}.{body}')),
  timestamp: Type.Optional(
    section(
      {
        ...place,
        element,
        unit: Type.Optional(
          Type.Enum(['s', 'ms', 'rfc3339'], {
            default: 's',
            description: 'Unix seconds, Unix milliseconds, or a date as 2026-11-23T10:00:00Z.',
          }),
        ),
      },
      'Where the time of the signature stands.',
    ),
  ),
  tolerance: Type.Optional(
    duration('How far the time in a signature may lie from ours.', {
      default: formatDuration(limits.signatureToleranceMs),
      examples: ['5m'],
    }),
  ),
  id: Type.Optional(
    section(
      {
        ...place,
        claim: Type.Optional(literal('jwt: the claim of the token with it.', ['jti'])),
        once: Type.Optional(
          Type.Boolean({
            default: false,
            description: 'Whether it may come again, within a day, only with the same body.',
          }),
        ),
      },
      'Where the sender’s own id of the request stands.',
    ),
  ),
  body_digest: Type.Optional(
    section(
      {
        ...place,
        algorithm: Type.Optional(
          Type.Enum(['sha256', 'sha512'], { default: 'sha256', description: 'The hash.' }),
        ),
        encoding: encoding('How it is written. Default: `hex`.'),
        prefix: Type.Optional(literal('Text before it.', ['SHA-256='])),
      },
      'Where a digest of the body stands that must be right, where the body itself is not signed.',
    ),
  ),
  signed_headers: Type.Optional(
    section(
      {
        ...place,
        element,
        separator: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 10,
            default: ',',
            description: 'What stands between the names.',
          }),
        ),
        each: Type.Optional(literal('What is signed of each: `{name}` and `{value}`.', ['{name}:{value}'])),
        join: Type.Optional(literal('What stands between them.', [';'])),
      },
      'Where the request lists the headers that `{signed_headers}` stands for.',
    ),
  ),
  signed_fields: Type.Optional(
    section(
      {
        fields: Type.Array(
          Type.String({ pattern: '^/', maxLength: 500, description: 'A field, as a JSON pointer.' }),
          {
            minItems: 1,
            maxItems: limits.signedHeadersMax,
            description: 'The fields in the order in which they are signed; those that are absent are not.',
          },
        ),
        each: Type.Optional(
          literal('What is signed of each: `{name}` (the last part of its pointer) and `{value}`.', [
            '{name}={value}',
          ]),
        ),
        join: Type.Optional(literal('What stands between them.', ['&'])),
      },
      'The fields of the JSON body that `{signed_fields}` stands for.',
    ),
  ),
  claims: Type.Optional(
    mapping(
      '^.{1,200}$',
      expected('A value, several of which one must be there, `{ sha256: "{body}" }` or `{ present: true }`.'),
      'jwt: what its claims must be, by name, or by JSON pointer where one is deeper. `exp`, `nbf` and `iat` count in any case.',
      { maxProperties: 50 },
    ),
  ),
  expect: Type.Optional(
    mapping(
      '^/.{1,500}$',
      expected('A value, several of which one must be there, or `{ present: true }`.'),
      'What fields of the JSON body must be, by JSON pointer, in a request whose signature is right.',
      { maxProperties: 50 },
    ),
  ),
  keys: Type.Optional(fetchedKeys),
  url_port: Type.Optional(
    Type.Enum(['as-is', 'either'], {
      default: 'as-is',
      description: '`either`: the address may have been signed with its port or without.',
    }),
  ),
  username: Type.Optional(prose('basic: the name before the secret.', { maxLength: 200 })),
  trusted_proxies: Type.Optional(
    Type.Array(
      Type.String({
        pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$',
        description: 'An address or block.',
        examples: ['10.0.0.0/8'],
      }),
      {
        minItems: 1,
        maxItems: 100,
        description: 'proxy: who may say who the client is, as addresses or CIDR blocks.',
      },
    ),
  ),
};

const schemeSection = section(scheme, 'A scheme.');

/** A scheme as it is written in YAML, every part of it optional. */
export type SchemeText = Type.Static<typeof schemeSection>;

/** The keys of a scheme. */
export const schemeKeys: readonly string[] = Object.keys(scheme);

/** `scheme: hmac` in short, beside the parts above. */
const shortForm = {
  header: Type.Optional(headerName('hmac: the header with the signature.')),
  encoding: Type.Optional(
    Type.Enum(['hex', 'base64'], { description: 'hmac: how the signature is written. Default: `hex`.' }),
  ),
  prefix: Type.Optional(literal('hmac: text before the signature.', ['sha256='])),
  timestamp_header: Type.Optional(
    headerName('hmac: the header with the time (seconds), where it is signed before the body.'),
  ),
  separator: Type.Optional(
    Type.String({
      maxLength: 10,
      default: '.',
      description: 'hmac: text between time and body in what is signed.',
    }),
  ),
};

export const shortKeys: readonly string[] = Object.keys(shortForm);

/** The schema of `verify`; `names` are those of the presets. */
export function verifySection(names: readonly string[]) {
  return section(
    {
      scheme: Type.Enum([...names], {
        description:
          'How its triggers are proved: a preset, or `custom` with parts of your own (docs/reference/signatures.md). `none` takes anything: for a private network only.',
      }),
      ...secrets,
      ...scheme,
      ...shortForm,
    },
    'How a trigger proves where it comes from.',
  );
}
