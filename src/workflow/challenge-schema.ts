import Type from 'typebox';
import { mapping, section } from './schema-terms.ts';
import { keyFetching, literal, place, secrets, template } from './verify-terms.ts';

/** The question that a system asks once, as JSON Schema; which keys go together, `compile-challenge.ts` checks. */

const challengeParts = {
  method: Type.Optional(Type.Enum(['GET', 'HEAD', 'POST'], { description: 'How it is asked.' })),
  when: Type.Optional(
    Type.Array(
      section(
        { ...place, equals: Type.Optional(literal('What must stand there. Default: anything.')) },
        'A part of the request by which a handshake is known.',
      ),
      { minItems: 1, maxItems: 10, description: 'By what it is known; all of them must hold.' },
    ),
  ),
  signed: Type.Optional(
    Type.Boolean({
      description: 'Whether it must be signed as a trigger is. Default: `true` for POST, else `false`.',
    }),
  ),
  token: Type.Optional(section(place, 'Where the token stands that must be one of its secrets.')),
  signature: Type.Optional(
    section(
      {
        algorithm: Type.Optional(
          Type.Enum(['hmac-sha1', 'hmac-sha256', 'hmac-sha512'], {
            default: 'hmac-sha256',
            description: 'The algorithm.',
          }),
        ),
        signs: template('What is signed.', '{field:/payload/plainToken}'),
        encoding: Type.Optional(
          Type.Enum(['hex', 'base64'], { default: 'hex', description: 'How it is written.' }),
        ),
      },
      'What `{signature}` in the answer stands for. The key is its secret, else that of `verify`.',
    ),
  ),
  visit: Type.Optional(
    section(
      { ...place, ...keyFetching },
      'Where the address stands that is visited (GET) before the answer; only in a signed handshake.',
    ),
  ),
  text: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'The answer, as plain text.',
      examples: ['{query:hub.challenge}'],
    }),
  ),
  headers: Type.Optional(
    mapping(
      '^[A-Za-z0-9_-]{1,100}$',
      template('A template.', '{header:validation-token}'),
      'Headers of the answer, by name; their values are templates.',
      { maxProperties: 10 },
    ),
  ),
  json: Type.Optional(
    Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      description: 'The answer, as JSON; the texts in it are templates.',
      examples: [{ challenge: '{field:/challenge}' }],
    }),
  ),
};

const challengeSection = section(challengeParts, 'A handshake.');

/** A handshake as it is written in YAML, every part of it optional. */
export type ChallengeText = Type.Static<typeof challengeSection>;

export const challengeKeys: readonly string[] = Object.keys(challengeParts);

export function challengeSchema(names: readonly string[]) {
  return section(
    {
      scheme: Type.Enum([...names], {
        description: 'A preset, or `custom` with parts of your own (docs/reference/signatures.md).',
      }),
      ...secrets,
      ...challengeParts,
    },
    'The question that the system asks once before it sends anything, and our answer.',
  );
}
