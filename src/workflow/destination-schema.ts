import Type from 'typebox';
import { limits } from '../limits.ts';
import { formatDuration } from './duration.ts';
import { connectorNames } from './project.ts';
import { duration, prose, section } from './schema-terms.ts';
import { secret } from './verify-terms.ts';

/** How a destination is reached, as JSON Schema: parts of `destinations` in `signalbox.yaml`. Which keys go together, `compile-destination.ts` checks. */

const words = (description: string, example: string) =>
  Type.String({
    pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$',
    maxLength: 2_000,
    description,
    examples: [example],
  });

export const connector = Type.Enum([...connectorNames], {
  default: 'http',
  description:
    'What it is. `http`: an API, by its OpenAPI document or by method and path. `webhook`: one address that takes JSON. `slack`: messages with a bot token. `slack-webhook`: messages by an incoming webhook. `email`: mail over SMTP. `postgresql`: rows of a database.',
});

export const auth = section(
  {
    scheme: Type.Enum(['none', 'bearer', 'basic', 'header', 'query', 'oauth2', 'signed', 'url'], {
      description:
        'How Signalbox proves itself there. `header`, `query`: an API key. `oauth2`: client credentials. `signed`: Standard Webhooks. `url`: the address itself is the secret.',
    }),
    secret: Type.Optional(secret),
    username: Type.Optional(prose('basic: the user name.')),
    header: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9-]{1,100}$',
        description: 'header: the header that carries the secret.',
      }),
    ),
    parameter: Type.Optional(words('query: the query parameter that carries the secret.', 'api_key')),
    token_url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
        maxLength: 2_000,
        description: 'oauth2: where tokens are fetched. The secret is the client secret.',
        examples: ['https://accounts.zoho.com/oauth/v2/token'],
      }),
    ),
    client_id: Type.Optional(words('oauth2: the client id.', 'signalbox')),
    scope: Type.Optional(
      words('oauth2: the scopes, with spaces between them.', 'crm.leads.write crm.leads.read'),
    ),
    audience: Type.Optional(
      words('oauth2: the audience, where the token endpoint asks for one.', 'https://api.example.com'),
    ),
    client_auth: Type.Optional(
      Type.Enum(['basic', 'body'], {
        default: 'basic',
        description: 'oauth2: whether client id and secret go in the Authorization header or in the form.',
      }),
    ),
  },
  'Its credentials.',
);

const wait = (description: string, ms: number) =>
  duration(`${description}; at most 10m.`, { default: formatDuration(ms) });

export const timeouts = section(
  {
    connect: Type.Optional(wait('Name lookup, connection and TLS', limits.connectTimeoutMs)),
    headers: Type.Optional(wait('From the request to the status of the answer', limits.headersWaitMs)),
    body: Type.Optional(wait('From the status to the last byte of the answer', limits.bodyWaitMs)),
  },
  'How long each part of an attempt may take, within `timeout`.',
  { examples: [{ connect: '2s', headers: '30s' }] },
);
