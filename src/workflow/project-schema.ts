import Type from 'typebox';
import { challengeNames, schemeNames } from '../intake/presets.ts';
import { limits } from '../limits.ts';
import { challengeSchema } from './challenge-schema.ts';
import { auth, connector, timeouts } from './destination-schema.ts';
import { detection, heartbeat } from './detection-schema.ts';
import { formatDuration } from './duration.ts';
import {
  duration,
  expression,
  mapping,
  parameters,
  prose,
  reference,
  section,
  slug,
  slugPattern,
  webAddress,
} from './schema-terms.ts';
import { signIn } from './sign-in-schema.ts';
import { verifySection } from './verify-schema.ts';
import { secret, secretPlace } from './verify-terms.ts';

/** The language of `signalbox.yaml` as JSON Schema. Which keys each scheme needs, `compile-verify.ts` and `compile-project.ts` check. */

/** How a list is read, whatever for. `parameter`: what an example of its parameters names. */
const listing = (parameter: string) => ({
  from: slug('The destination that is read: its address, credential and timeout count.', {
    examples: ['crm'],
  }),
  operation: prose('What lists the triggers: its operationId, or `GET /leads` where no document says more.', {
    examples: ['listLeads'],
  }),
  with: Type.Optional(parameters('Its parameters.', { examples: [{ since: parameter, limit: 100 }] })),
  triggers: expression('The list in an answer: each element is a trigger, as JSON.', {
    examples: ['response.data'],
  }),
  next_page: Type.Optional(
    section(
      {
        when: expression('Whether there is another page.', { examples: ['has(response.next)'] }),
        with: parameters('Its parameters; those of the first page with other names stay.', {
          examples: [{ page_token: 'response.next' }],
        }),
      },
      'How the pages of a list follow each other. Without it a list is one page.',
    ),
  ),
  pages_max: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.pollPagesMax,
      default: limits.pollPages,
      description: 'Pages read at a stretch; where there are more, the rest follows at once.',
    }),
  ),
});

const { next_page, pages_max, ...polledFirst } = listing('cursor');

const poll = section(
  {
    every: duration('How often it is asked, from the end of one poll to the next.', { examples: ['5m'] }),
    ...polledFirst,
    start: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'number'],
        description:
          'The first cursor, as it is; without it the first cursor is null, and a parameter of null is left out.',
        examples: ['2026-01-01T00:00:00Z'],
      }),
    ),
    cursor: expression(
      'From where the next poll reads: here `cursor` is what the pages before have come to. A page without triggers, and a value of null, leave it as it is.',
      { examples: ['last.updated_at'] },
    ),
    next_page,
    pages_max,
  },
  'How it is asked for its triggers, where it does not send them by itself.',
);

const reconcile = section(
  {
    every: Type.Optional(
      duration('How often the list is compared with our tickets.', { default: '1h', examples: ['1h'] }),
    ),
    lookback: Type.Optional(
      duration('How far back each comparison reaches; after an outage it reaches back to the one before.', {
        default: '2d',
        examples: ['2d'],
      }),
    ),
    settle: Type.Optional(
      duration('How late a webhook may be: what is younger than this and not here may still come.', {
        default: '10m',
        examples: ['10m'],
      }),
    ),
    since: Type.Optional(
      prose(
        'What was made before this moment (RFC 3339) is not compared: the day the source was connected.',
        {
          examples: ['2026-03-01T00:00:00Z'],
        },
      ),
    ),
    ...listing('window.from'),
    at: Type.Optional(
      expression(
        'When an `element` of the list was made at the source: RFC 3339, or seconds or milliseconds since 1970.',
        { examples: ['element.created_at'] },
      ),
    ),
  },
  'Its own list of what it has sent, which our tickets are held against: what never came is found and taken.',
);

const requests = (description: string) =>
  Type.Integer({ minimum: 1, maximum: limits.rateLimitRequestsMax, description });

const rateLimit = section(
  {
    requests: requests('So many requests may come in the time of `per`.'),
    per: duration('A whole number of seconds, at most 1d.', { examples: ['1s', '1m'] }),
    burst: Type.Optional(
      requests('So many may come at once, after a silence; where it is not said, `requests`.'),
    ),
  },
  'More of its authentic requests, at its own address and at `POST /api/triggers` together, are answered 429, and say when to come again. Each node counts for itself.',
  { examples: [{ requests: 100, per: '1s', burst: 200 }] },
);

const source = section(
  {
    summary: prose('What it is, in one sentence.'),
    owner: reference('Answers for the system that sends.', { examples: ['person:dana'] }),
    verify: Type.Optional(verifySection(schemeNames)),
    challenge: Type.Optional(challengeSchema(challengeNames)),
    public_url: Type.Optional(
      Type.String({
        ...webAddress,
        description:
          'The whole address that the sender calls, where it signs it and it is not `server.public_url` with `/in/<key>`.',
        examples: ['https://hooks.example.com/twilio'],
      }),
    ),
    content_type: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'What its bodies are, where its sender says something else.',
        examples: ['application/json'],
      }),
    ),
    poll: Type.Optional(poll),
    reconcile: Type.Optional(reconcile),
    body_bytes_max: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.bodyBytesMax,
        default: limits.bodyBytesMax,
        description: 'A larger body is answered 413.',
      }),
    ),
    rate_limit: Type.Optional(rateLimit),
    require_idempotency_key: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Whoever hands a trigger of it in over `POST /api/triggers` has to send an `Idempotency-Key`; without one it is answered 400.',
      }),
    ),
  },
  'A system that sends triggers, to `POST /in/<its key>` (`verify`), or is asked for them (`poll`), or both.',
);

const readAgain = section(
  {
    after: Type.Array(duration('So long after its confirmation.'), {
      minItems: 1,
      maxItems: limits.readAgainMax,
      description: 'When a confirmed record is read again, each in turn; ascending.',
      examples: [['1d', '7d']],
    }),
    every: Type.Optional(
      duration('Two such readings are no closer than this.', { default: '1s', examples: ['1s'] }),
    ),
  },
  'Reads confirmed records again after a while, and compares the same fields: what changed or vanished since is told.',
);

const destination = section(
  {
    summary: prose('What it is, in one sentence.'),
    connector: Type.Optional(connector),
    url: Type.Optional(
      Type.String({
        ...webAddress,
        pattern: webAddress.pattern.replace('https?', '(https?|smtps?)'),
        description:
          'Its base address; the paths of operations are appended. No credentials in it. Where it is not said: the first server of its document.',
        examples: ['https://pm.example.com/api'],
      }),
    ),
    openapi: Type.Optional(
      prose('Its OpenAPI 3 or Swagger 2.0 document, as a path from the project folder.', {
        examples: ['pm-tool.openapi.yaml'],
      }),
    ),
    auth: Type.Optional(auth),
    allow_private: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Addresses of this machine and of private networks are refused unless true.',
      }),
    ),
    timeout: Type.Optional(
      duration('One attempt, from connecting to the last byte; at most 10m.', {
        default: formatDuration(limits.attemptTimeoutMs),
        examples: ['10s'],
      }),
    ),
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.destinationConcurrencyMax,
        default: limits.destinationConcurrency,
        description: 'Handoffs that one node works on at once.',
      }),
    ),
    rate: Type.Optional(
      section(
        {
          requests: requests('So many requests may go out in the time of `per`, readings included.'),
          per: duration('At least 1s.', { examples: ['1s', '1m'] }),
        },
        'How much it takes. Each node counts for itself.',
        { examples: [{ requests: 100, per: '1m' }] },
      ),
    ),
    timeouts: Type.Optional(timeouts),
    ca: Type.Optional(
      section(
        secretPlace,
        'Certificates (PEM) of authorities that are trusted besides the known ones, for this destination alone.',
        { minProperties: 1, maxProperties: 1, examples: [{ file: 'certs/internal-ca.pem' }] },
      ),
    ),
    from: Type.Optional(
      prose('email: the sender of its mail.', { maxLength: 320, examples: ['Signalbox <ops@example.com>'] }),
    ),
    idempotency_header: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9-]{1,100}$',
        default: 'Idempotency-Key',
        description:
          'The header by which it recognises a repeated attempt. `none`: it recognises none; what may have arrived is then never sent again unasked (`find` looks, otherwise it is an exception).',
      }),
    ),
    read_again: Type.Optional(readAgain),
  },
  'A system that handoffs go to.',
);

const day = (description: string) =>
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description, examples: ['2026-12-24'] });

const person = section(
  {
    name: prose('The name people know.'),
    email: Type.Optional(
      Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 320, description: 'Where to reach them.' }),
    ),
    away: Type.Optional(
      Type.Array(
        section(
          {
            from: day('The first day.'),
            until: day('The last day.'),
            cover: Type.Optional(
              reference('Who has their work meanwhile; without, it goes to the next one.'),
            ),
          },
          'A time away.',
        ),
        { maxItems: 100, description: 'When they are away; days are those of UTC.' },
      ),
    ),
  },
  'A person.',
);

const team = section(
  {
    name: prose('The name people know.'),
    members: Type.Array(slug('The key of a person.'), {
      minItems: 1,
      maxItems: 500,
      uniqueItems: true,
      description: 'Who is in it; a team without people cannot own anything.',
    }),
  },
  'Some people together.',
);

export const projectFileSchema = section(
  {
    project: slug('Its name.', { examples: ['paid-lead'] }),
    server: Type.Optional(
      section(
        {
          host: Type.Optional(prose('The address to listen on.', { default: '127.0.0.1' })),
          port: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 65_535,
              default: 8321,
              description: 'The port; 0 takes a free one.',
            }),
          ),
          public_url: Type.Optional(
            Type.String({
              ...webAddress,
              description:
                'Where senders, targets and people reach it, before `/in/<source>`; needed where the address is signed, and for links that are opened elsewhere.',
              examples: ['https://hooks.example.com'],
            }),
          ),
          link_secret: Type.Optional({
            ...secret,
            description:
              'What addresses are signed with that prove themselves: approvals by link, `outcome.url`. Where several nodes share a database, all need the same. Default: a key of its own in the data folder.',
          }),
          trusted_proxies: Type.Optional(
            Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]+(/\\d{1,3})?$', maxLength: 50 }), {
              maxItems: 50,
              description:
                'Addresses or networks of proxies before it: whom they name in `X-Forwarded-For` is whom a failed sign-in counts for.',
              examples: [['127.0.0.1', '10.0.0.0/8']],
            }),
          ),
        },
        'Where Signalbox listens.',
      ),
    ),
    sign_in: Type.Optional(signIn),
    people: mapping(slugPattern, person, 'Who can own things, by key: `person:<key>` elsewhere.', {
      minProperties: 1,
    }),
    teams: Type.Optional(mapping(slugPattern, team, 'By key: `team:<key>` elsewhere.')),
    sources: mapping(slugPattern, source, 'The systems that send triggers, by key.', { minProperties: 1 }),
    destinations: Type.Optional(
      mapping(slugPattern, destination, 'The systems that handoffs go to, by key.'),
    ),
    detection: Type.Optional(detection),
    heartbeat: Type.Optional(heartbeat),
  },
  'The project: `signalbox.yaml`, beside the folder `workflows/`.',
  { $id: 'urn:signalbox:project', title: 'Signalbox project' },
);
