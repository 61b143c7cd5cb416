import Type from 'typebox';
import { limits } from '../limits.ts';
import { prose, section } from './schema-terms.ts';

/** The small words that `verify` and `challenge` are made of. */

/** Marks the places of secrets, where a literal is refused with advice. */
export const secretMark = 'x-signalbox-secret';

export const secretPlace = {
  env: Type.Optional(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'An environment variable.' }),
  ),
  file: Type.Optional(
    prose('A file, as a path from the project folder; one value a line while a secret rotates.'),
  ),
};

export const secret = section(
  secretPlace,
  'Where a secret is found; the secret itself never stands in a file of the project.',
  { minProperties: 1, maxProperties: 1, examples: [{ env: 'PM_TOKEN' }], [secretMark]: true },
);

export const secrets = {
  secret: Type.Optional(secret),
  secrets: Type.Optional(
    Type.Array(secret, { minItems: 1, maxItems: 10, description: 'Several that are valid at once.' }),
  ),
};

export const headerName = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$', description });

export const literal = (description: string, examples: string[] = []) =>
  Type.String({ maxLength: 100, description, ...(examples.length > 0 && { examples }) });

export const template = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 2_000, description, examples: [example] });

/** A place in the request; exactly one of them stands. */
export const place = {
  header: Type.Optional(headerName('The header with it.')),
  query: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'The query parameter with it.' }),
  ),
  field: Type.Optional(
    Type.String({
      pattern: '^/',
      maxLength: 500,
      description: 'The field of the JSON body with it, as a JSON pointer.',
      examples: ['/signature/token'],
    }),
  ),
  form: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'The field of the form body with it.' }),
  ),
};

const literalValue = { type: ['string', 'number', 'boolean'], maxLength: 2_000 };

/** What must stand somewhere. Which forms it has, `compile-expected.ts` checks. */
export const expected = (description: string) =>
  Type.Unsafe<unknown>({
    ...literalValue,
    type: [...literalValue.type, 'array', 'object'],
    maxItems: limits.expectedValuesMax,
    items: literalValue,
    description,
  });

export const keyFetching = {
  allow_private: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Addresses of this machine and of private networks, and http, are refused unless true.',
    }),
  ),
  host: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'The hosts that it may be fetched from: a regular expression for the whole name.',
      examples: ['keys\\.example\\.com'],
    }),
  ),
};

export const fetchedKeys = section(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/@#]+(/[^\\s#]*)?$',
        maxLength: 2_000,
        description: 'jwt: the address of the key set (JWKS).',
        examples: ['https://issuer.example.com/.well-known/jwks.json'],
      }),
    ),
    json: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description:
          'jwt: each key is asked for by itself, with a POST of this to `url`. The texts in it are templates: `{kid}`, `{secret}`, `{username}`.',
        examples: [{ key_id: '{kid}' }],
      }),
    ),
    key: Type.Optional(
      Type.String({
        pattern: '^(/.*)?$',
        maxLength: 500,
        description: 'With `json`: where the key (JWK) stands in the answer.',
        examples: ['/key'],
      }),
    ),
    withdrawn: Type.Optional(
      Type.String({
        pattern: '^/',
        maxLength: 500,
        description: 'With `json`: where the answer says that the key counts no more, by anything but null.',
        examples: ['/key/expired_at'],
      }),
    ),
    certificate: Type.Optional(
      section(place, 'Where the request says the address of the certificate with the public key.'),
    ),
    ...keyFetching,
  },
  'Where public keys are fetched, instead of `secret`.',
);
