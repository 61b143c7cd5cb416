import Type from 'typebox';
import { roles } from '../account/account.ts';
import { limits } from '../limits.ts';
import { formatDuration } from './duration.ts';
import { duration, prose, section, webAddress } from './schema-terms.ts';
import { secret } from './verify-terms.ts';

/** How people sign in. */

const oidc = section(
  {
    name: prose('What people know it by.', { examples: ['Company login'] }),
    issuer: Type.String({
      ...webAddress,
      description: 'Its address; its settings are read from `/.well-known/openid-configuration` there.',
      examples: ['https://login.example.com'],
    }),
    client_id: prose('What it knows Signalbox by.', { examples: ['signalbox'] }),
    secret: Type.Optional(secret),
    scopes: Type.Optional(
      Type.Array(prose('A scope.'), {
        maxItems: 20,
        description: 'What is asked for; where it is not said, `openid`, `email` and `profile`.',
      }),
    ),
    roles: Type.Optional(
      Type.Array(Type.Enum([...roles]), {
        maxItems: 5,
        uniqueItems: true,
        description:
          'A person of the project whose e-mail the provider confirms gets an account with these roles at their first sign-in; without it, by invitation alone.',
        examples: [['viewer']],
      }),
    ),
  },
  'Single sign-on by OpenID Connect. Its redirect address is `<url>/sign-in`.',
);

export const signIn = section(
  {
    url: Type.Optional(
      Type.String({
        ...webAddress,
        description: 'Where people reach the console, where it is not `server.public_url`.',
        examples: ['https://signalbox.example.com'],
      }),
    ),
    idle: Type.Optional(
      duration('A session that is not used for so long ends; at most 30d.', {
        default: formatDuration(limits.sessionIdleMs),
        examples: ['12h'],
      }),
    ),
    secret: Type.Optional(secret),
    oidc: Type.Optional(oidc),
  },
  'How people sign in. `secret` seals the secrets of one-time codes; nodes of one database need the same one.',
);
