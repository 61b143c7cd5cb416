import Type from 'typebox';
import { failureModes } from '../../exceptions/exception.ts';
import { limits } from '../../limits.ts';
import { duration, mapping, parameters, prose, reference, section, slug } from '../schema-terms.ts';

/**
 * The language of `cases/*.yaml` as JSON Schema: what `signalbox test` validates, editors complete, and
 * docs/reference/case.schema.json publishes. What a schema cannot say (names that exist) `compile.ts` checks.
 */

const instant = (description: string) =>
  Type.String({ format: 'date-time', examples: ['2026-03-02T09:00:00Z'], description });

/** A deadline: how long after the case's clock, or the instant itself. */
const moment = (description: string) =>
  Type.String({ minLength: 2, maxLength: 40, examples: ['15m'], description });

const anything = (description: string) => Type.Unknown({ description });
const fields = (description: string) =>
  Type.Record(Type.String(), Type.Unknown(), { maxProperties: 1_000, description });
const filePath = (description: string) => prose(description, { examples: ['../payloads/lead.json'] });

/** What a trigger is made of; a case has it, and what it says of the ticket that came first. */
const content = {
  payload: Type.Optional(
    anything(
      "The payload: written out, or, where it is a text, the path from this file to a file that holds it. It is the trigger's own, as contract and expressions see it.",
    ),
  ),
  body: Type.Optional(
    Type.String({
      maxLength: limits.bodyBytesMax,
      description: 'Instead of `payload`: the body as it is sent, a form or broken JSON, say.',
    }),
  ),
  recorded: Type.Optional(
    filePath('Instead of `payload`: a file with a trigger as `GET /api/triggers` tells it.'),
  ),
  with: Type.Optional(
    fields('Changes to the payload, merged into it (RFC 7396): a field replaces, null takes it away.'),
  ),
  content_type: Type.Optional(
    prose('What the payload is sent as. Default: application/json.', { maxLength: 200 }),
  ),
  headers: Type.Optional(parameters('The headers that expressions see, by name.')),
};

/** A mapping, or one word in its place. */
function sectionOr<T extends Type.TSchema, W extends string>(word: W, schema: T, description: string) {
  const type = ['object', 'string'];
  return Type.Unsafe<Type.Static<T> | W>({ ...schema, type, pattern: `^${word}$`, description });
}

const first = section(
  {
    ...content,
    ago: Type.Optional(duration('How long before this one it came. Default: at the same time.')),
    fixed: Type.Optional(
      prose('Why it can take no other content any more, as half a sentence: "it is done". Default: it can.'),
    ),
  },
  'The first ticket.',
);

const handoffPattern = '^[a-z][a-z0-9-]{0,62}(\\.undo)?$';
/** `create-project`, and what takes it back: `create-project.undo`. */
const handoffName = (description: string) => Type.String({ pattern: handoffPattern, description });

const state = (states: readonly string[], description: string) => Type.Enum([...states], { description });

const exception = section(
  {
    mode: Type.Optional(state(failureModes, 'The failure mode.')),
    owner: Type.Optional(reference('Who takes it first.')),
    alternate: Type.Optional(reference('Who gets it next.')),
    responsible: Type.Optional(reference('Whom it is on at this moment.')),
    summary: Type.Optional(prose('What its sentence contains.')),
    ttl: Type.Optional(duration('Its TTL.')),
    resolve_within: Type.Optional(duration('Its resolution SLA.')),
    claim_by: Type.Optional(moment('When it escalates unless somebody has taken it.')),
    resolve_by: Type.Optional(moment('When it has to be settled.')),
    checklist: Type.Optional(Type.Array(prose('One point.'), { description: 'All its points, in order.' })),
    checks: Type.Optional(Type.Array(slug('The id of a check.'), { description: 'The checks that failed.' })),
    fields: Type.Optional(
      Type.Array(prose('A JSON pointer: `/email`.'), {
        description: 'Where the payload, or what would be sent, breaks its contract.',
      }),
    ),
    handoff: Type.Optional(handoffName('The handoff that failed.')),
    escalate: Type.Optional(
      Type.Array(reference('A person or team.'), { description: 'Who gets it after the alternate.' }),
    ),
  },
  'The exception that stands open, as far as it matters.',
);

const approval = section(
  {
    by: Type.Optional(reference('Whose yes or no it waits for.')),
    within: Type.Optional(duration('How long they have.')),
    due: Type.Optional(moment('When the answer is overdue.')),
    state: Type.Optional(state(['waiting', 'approved', 'refused', 'overdue'], 'Where it stands.')),
  },
  'The approval, as far as it matters.',
);

const handoffStates = [
  'awaiting_approval',
  'waiting',
  'ready',
  'confirming',
  'confirmed',
  'failed',
  'cancelled',
];

const handoff = section(
  {
    state: Type.Optional(state(handoffStates, 'Where it stands.')),
    destination: Type.Optional(slug('Where it goes.')),
    operation: Type.Optional(prose('What is done there.')),
    method: Type.Optional(prose('The HTTP method.', { examples: ['POST'] })),
    path: Type.Optional(prose('Path and query, filled in.', { examples: ['/projects'] })),
    headers: Type.Optional(fields('Headers of the request, by name in lower case.')),
    body: Type.Optional(
      anything('The JSON body, as far as it matters: fields that are not named may hold anything.'),
    ),
    approval: Type.Optional(
      sectionOr(
        'none',
        approval,
        'The approval that it waits or waited for, as far as it matters; or `none`.',
      ),
    ),
    after: Type.Optional(Type.Array(handoffName('A handoff.'), { description: 'What it waits for.' })),
    attempts: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000, description: 'Attempts made so far.' }),
    ),
    outcome: Type.Optional(
      state(
        ['confirmed', 'contradicted', 'unconfirmed', 'none'],
        'What the proof says, after a `read` step.',
      ),
    ),
    different: Type.Optional(
      Type.Array(prose('A field.'), { description: 'Fields of `same` that were read back differently.' }),
    ),
    due: Type.Optional(moment('When something is next due for it.')),
  },
  'One handoff, as far as it matters.',
);

const range = section(
  {
    from: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'At least.' })),
    to: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'At most.' })),
  },
  'A range.',
);

const confidence = Type.Unsafe<number | Type.Static<typeof range>>({
  ...range,
  type: ['number', 'object'],
  minimum: 0,
  maximum: 1,
  description: 'How sure routing is: a number, or `{ from: 0.8, to: 1 }`.',
});

const handoffsById = mapping(handoffPattern, handoff, 'By id.');
const handoffs = Type.Unsafe<readonly string[] | Type.Static<typeof handoffsById>>({
  ...handoffsById,
  type: ['array', 'object'],
  items: handoffName('The id of a handoff.'),
  maxItems: 2 * limits.handoffsMax,
  description: 'What is promised: a list of ids is all of it, a mapping by id says more about some of it.',
});

const rungs = ['intake', 'contract', 'dedupe', 'transform', 'checks', 'routing', 'handoff'] as const;

const ticketStates = ['handoff', 'triage', 'exception', 'done', 'joined', 'rejected', 'discarded'] as const;

const expectation = {
  state: Type.Optional(
    state(ticketStates, 'The state of the ticket; `joined`: it became no ticket of its own.'),
  ),
  revised: Type.Optional(Type.Boolean({ description: 'Whether the first ticket took it as newer content.' })),
  owner: Type.Optional(reference('Who answers for the ticket.')),
  alternate: Type.Optional(reference('Who answers when the owner does not.')),
  route: Type.Optional(
    Type.String({
      pattern: '^(none|(person|team):[a-z][a-z0-9-]{0,62})$',
      examples: ['team:web'],
      description: 'Where routing sends it, or would best send it; `none` where no rule holds.',
    }),
  ),
  confidence: Type.Optional(confidence),
  identity: Type.Optional(prose('What the trigger is recognised by.')),
  ticket: Type.Optional(fields("The ticket's fields, as far as they matter.")),
  reasons: Type.Optional(
    section(
      Object.fromEntries(rungs.map((rung) => [rung, Type.Optional(prose(`What ${rung} says.`))])),
      'By rung: the code of its reason, or what its sentence contains.',
    ),
  ),
  exception: Type.Optional(exception),
  handoffs: Type.Optional(handoffs),
  due: Type.Optional(moment('When something is next due, whatever it is.')),
};

const claims = {
  expect: Type.Optional(section(expectation, 'What must hold. What is not named may be anything.')),
  not: Type.Optional(section(expectation, 'What must not hold: none of these, each taken by itself.')),
};

/** What can happen in a step. */
export const stepKinds = [
  'wait',
  'approve',
  'refuse',
  'answer',
  'read',
  'callback',
  'confirm',
  'deny',
  'discard',
] as const;

const named = { handoff: Type.Optional(handoffName('Which handoff; may be left out where there is one.')) };

const step = section(
  {
    wait: Type.Optional(duration('Time passes, and deadlines with it.')),
    approve: Type.Optional(
      section({ ...named, by: reference('Who says yes.', { examples: ['person:ruth'] }) }, 'A yes.'),
    ),
    refuse: Type.Optional(
      section({ ...named, by: reference('Who says no.'), reason: prose('Why.') }, 'A no.'),
    ),
    answer: Type.Optional(
      section(
        {
          ...named,
          status: Type.Optional(
            Type.Integer({ minimum: 100, maximum: 599, description: 'HTTP status. Default: 200.' }),
          ),
          body: Type.Optional(anything('Its JSON.')),
          headers: Type.Optional(parameters('Its headers, `retry-after` say.')),
          lost: Type.Optional(
            state(
              ['not_sent', 'unknown'],
              'No answer came: nothing was sent, or nobody knows what came of it.',
            ),
          ),
          times: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 100, description: 'So many attempts in a row. Default: 1.' }),
          ),
        },
        'What the destination answers to the handoff.',
      ),
    ),
    read: Type.Optional(
      section(
        {
          ...named,
          status: Type.Optional(
            Type.Integer({ minimum: 100, maximum: 599, description: 'HTTP status. Default: 200.' }),
          ),
          body: Type.Optional(anything('The record, as JSON.')),
          early: Type.Optional(
            Type.Boolean({
              description:
                'Looked at once, with time left to look again. Default: the last look, when its time is over.',
            }),
          ),
        },
        'What is read back from the destination: the proof.',
      ),
    ),
    callback: Type.Optional(
      section(
        { ...named, body: Type.Optional(anything('What it says, as JSON.')) },
        'What the destination calls back.',
      ),
    ),
    confirm: Type.Optional(
      section(
        {
          ...named,
          by: reference('Who confirms the outcome.', { examples: ['person:ruth'] }),
          evidence: prose('What they have seen.'),
          checked: Type.Optional(
            Type.Array(Type.Integer({ minimum: 1, maximum: 50, description: 'The number of a point.' }), {
              description: 'The points of the checklist that they have looked at. Default: all.',
            }),
          ),
        },
        'A person confirms the outcome.',
      ),
    ),
    deny: Type.Optional(
      section(
        { ...named, by: reference('Who says that it is not done.'), evidence: prose('What they have seen.') },
        'A person says that it is not done.',
      ),
    ),
    discard: Type.Optional(
      section(
        { reason: Type.Optional(prose('Why.')) },
        'A person discards the exception: the ticket is given up, and what was done is taken back where the workflow says how.',
      ),
    ),
    ...claims,
  },
  'What happens next: one of wait, approve, refuse, answer, read, callback, confirm, deny, discard, and what must hold then.',
  { minProperties: 1 },
);

const common = {
  workflow: Type.Optional(slug('The workflow that decides.')),
  now: Type.Optional(instant('The clock: when the trigger comes in.')),
};

const oneCase = section(
  {
    name: prose('What it shows, as a sentence; unique in the file.', { maxLength: 200 }),
    ...common,
    ...content,
    part: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.triggersPerDeliveryMax - 1,
        description:
          'The payload is a whole delivery, which the workflow splits: which of its triggers this is about, from 0.',
      }),
    ),
    held: Type.Optional(
      sectionOr(
        'same',
        first,
        'A ticket that came first: with the `same` content, or with content of its own. It counts where its identity is the same and still remembered.',
      ),
    ),
    reroute: Type.Optional(reference('A person has sent it there: routing is skipped.')),
    ...claims,
    // biome-ignore lint/suspicious/noThenProperty: a word of the language; it is a list and never a function
    then: Type.Optional(
      Type.Array(step, {
        maxItems: limits.caseStepsMax,
        description: 'What happens after the decision, step by step.',
      }),
    ),
  },
  'One case.',
);

export const caseFileSchema = section(
  {
    ...common,
    headers: Type.Optional(parameters('Headers of all its cases; those of a case count more.')),
    cases: Type.Array(oneCase, {
      minItems: 1,
      maxItems: limits.casesPerFileMax,
      description: 'What must hold, case by case.',
    }),
  },
  'What must hold: a file in `cases/`.',
  { $id: 'urn:signalbox:cases', title: 'Signalbox cases' },
);

export type CaseFile = Type.Static<typeof caseFileSchema>;
export type CaseEntry = CaseFile['cases'][number];
export type Content = Pick<CaseEntry, 'payload' | 'body' | 'recorded' | 'with' | 'content_type' | 'headers'>;
export type Expectation = NonNullable<CaseEntry['expect']>;
export type Step = NonNullable<CaseEntry['then']>[number];
