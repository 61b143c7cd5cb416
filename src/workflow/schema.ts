import Type from 'typebox';
import { type FailureMode, failureModes } from '../exceptions/exception.ts';
import { limits } from '../limits.ts';
import { formatDuration } from './duration.ts';
import { body, find, retry, undo } from './schema-handoff.ts';
import { checklist, operation, outcome } from './schema-outcome.ts';
import {
  duration,
  expression,
  mapping,
  parameters,
  prose,
  reference,
  section,
  slug,
} from './schema-terms.ts';

/**
 * The language of `workflows/*.yaml` as JSON Schema: what `signalbox check` validates, editors complete,
 * and docs/reference/workflow.md is generated from. What a schema cannot say (names that exist, types of
 * expressions) `compile.ts` checks.
 */

const fieldName = '^[a-z][A-Za-z0-9_]{0,62}$';

const trigger = section(
  {
    source: slug(
      'The source in signalbox.yaml whose triggers this workflow takes. One workflow reads a source.',
    ),
    contract: prose(
      'The JSON Schema that payloads must satisfy, as a path from this file. `#/components/schemas/Lead` points into a document; `#operation=createLead` (or `#operation=POST /leads`) and `#webhook=lead-created` name the body of an operation or webhook of an OpenAPI document.',
      { examples: ['../contracts/lead.schema.json'] },
    ),
    split: Type.Optional(
      expression(
        'The triggers that one delivery holds, as a list: each becomes a ticket of its own, and contract, identity and all else see it as the payload. Lists in the list are opened once. Sees payload and headers of the whole delivery. Default: a delivery is one trigger.',
        { examples: ['payload.entry.map(e, e.changes)'] },
      ),
    ),
    json_field: Type.Optional(
      prose(
        'The field of a form or multipart body whose text is the payload, as JSON. Bodies that are JSON themselves are read as they are. Default: the payload is an object of all fields.',
        { examples: ['payload'], maxLength: 200 },
      ),
    ),
    identity: Type.Optional(
      expression(
        'What makes two triggers the same thing. Sees payload, headers. Default: the content of the payload; of a CloudEvent, its source and id.',
        { examples: ['payload.lead_id', 'headers["x-github-delivery"]'] },
      ),
    ),
    duplicates: Type.Optional(
      section(
        {
          within: duration('How long an identity is remembered after its last new content.', {
            examples: ['30d'],
          }),
          other_content: Type.Optional(
            Type.Enum(['exception', 'update', 'newest'], {
              default: 'exception',
              description:
                'The same identity with other content. `exception`: a ticket of its own, which a person settles as `conflicting_duplicate`. `update`: the first ticket takes it, as a new revision that is decided again: what was promised is cancelled, what stands open is superseded. `newest`: so too, but only where `version` is newer; an older or equal one joins and changes nothing. Once something of the ticket may have reached a destination, or it is settled, newer content is an exception in every case.',
            }),
          ),
          version: Type.Optional(
            expression(
              'With `newest`, and only then: what tells newer content from older. A number, a whole number as text, an RFC 3339 time, or any other text, which is compared by its characters. Sees payload, headers.',
              { examples: ['payload.updated_at'] },
            ),
          ),
        },
        'The same identity again: equal content joins the first ticket. Without this key: within 30d.',
      ),
    ),
    on_invalid: Type.Optional(
      Type.Enum(['exception', 'reject'], {
        description:
          'A payload that fails its contract: `exception` answers 202 and a person settles it; `reject` answers 422 and records it.',
        default: 'exception',
      }),
    ),
    expect: Type.Optional(
      section(
        {
          every: Type.Optional(duration('Silence longer than this is an exception.', { examples: ['4h'] })),
          false_alarm_every: Type.Optional(
            duration(
              'Instead: silence is measured by the weekly pattern of the source itself, and is an exception where it is so unlikely that chance alone would give one such alarm in this time.',
              { examples: ['30d'] },
            ),
          ),
        },
        'How often the source is expected to speak.',
      ),
    ),
  },
  'Where work comes in, and what it must look like.',
);

const check = section(
  {
    id: slug('Its name, unique in the file.'),
    that: expression('Must hold, or the ticket stops as `check_failed`. Sees payload, headers, ticket.', {
      examples: ['ticket.budget >= 500.0'],
    }),
    otherwise: prose('What the person reads when it does not hold.'),
    checklist: Type.Optional(checklist('What the person does then, step by step.')),
  },
  'One QA rule on the inputs.',
);

const signal = section(
  {
    that: expression('The evidence. Sees payload, headers, ticket.'),
    weight: Type.Number({ exclusiveMinimum: 0, maximum: 1_000, description: 'How much it counts; above 0.' }),
  },
  'Weighted evidence for a route.',
);

const rule = section(
  {
    to: reference('The team or person the ticket goes to.', { examples: ['team:web'] }),
    when: Type.Optional(
      expression(
        'The route is a candidate only where this holds. Sees payload, headers, ticket. Default: always.',
      ),
    ),
    signals: Type.Optional(
      Type.Array(signal, {
        maxItems: 50,
        description: 'Evidence: the score is the matched weight over all weight, 1 without signals.',
      }),
    ),
  },
  'One possible route.',
);

const routes = section(
  {
    threshold: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.8,
        description:
          'Confidence below this goes to triage. Confidence is the best score less half the second best.',
      }),
    ),
    rules: Type.Array(rule, { minItems: 1, maxItems: 200, description: 'The possible routes.' }),
    otherwise: Type.Optional(
      Type.Unsafe<string>(
        Type.String({
          pattern: '^(triage|(person|team):[a-z][a-z0-9-]{0,62})$',
          default: 'triage',
          description: 'Where a ticket goes that no rule matches: `triage`, a team or a person.',
        }),
      ),
    ),
  },
  'Who gets the ticket, with a stated confidence.',
);

const handoff = section(
  {
    id: slug('Its name, unique in the file.'),
    to: slug('The destination in signalbox.yaml.', { examples: ['pm-tool'] }),
    operation: operation(
      'What is done there: an operationId of its OpenAPI document (request and answer are then checked against it), or `POST /projects`.',
    ),
    with: Type.Optional(
      parameters('Path, query and header parameters. Expressions see payload, headers, ticket, route.'),
    ),
    body: Type.Optional(
      body(
        'The JSON body: a shape whose texts are expressions, which see payload, headers, ticket, route; with `outcome.callback` also `outcome.url` and `outcome.key`. A fixed text is written `\'"text"\'`.',
        [{ name: '"Lead " + payload.name' }],
      ),
    ),
    when: Type.Optional(
      expression(
        'The handoff is made only where this holds. Sees payload, headers, ticket, route. Default: always.',
      ),
    ),
    approval: Type.Optional(
      section(
        {
          when: Type.Optional(expression('A yes is needed only where this holds. Default: always.')),
          by: reference('Whose yes or no it waits for.', { examples: ['team:finance'] }),
          within: duration('The answer is given by then, or it is an exception.', { examples: ['4h'] }),
          alternate: Type.Optional(
            reference('Who is asked too when that time has passed; only then is it an exception.'),
          ),
          alternate_within: Type.Optional(
            duration('How long the alternate has. Default: as long as `within`.'),
          ),
          remind: Type.Optional(
            duration('Whoever is asked is reminded so long before. Default: a quarter of `within`.'),
          ),
          approvals: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: limits.approvalsMax,
              default: 1,
              description: 'So many different people have to say yes. One no is enough.',
            }),
          ),
          four_eyes: Type.Optional(
            Type.Boolean({
              default: false,
              description:
                'Whoever has acted on the ticket (claimed, replayed, re-routed, …) cannot approve.',
            }),
          ),
        },
        "A person's yes or no before anything is sent.",
      ),
    ),
    retry: Type.Optional(retry),
    find: Type.Optional(find),
    undo: Type.Optional(undo),
    after: Type.Optional(
      Type.Array(slug('The id of a handoff of this file.'), {
        uniqueItems: true,
        maxItems: limits.handoffsMax,
        description: 'Handoffs whose outcome must be confirmed first.',
      }),
    ),
    outcome,
  },
  'The promise to do something in another system.',
);

const override = section(
  {
    owner: Type.Optional(reference('Who takes exceptions of this mode.')),
    alternate: Type.Optional(reference('Who takes them when the owner does not.')),
    ttl: Type.Optional(duration('Someone has taken it by then.')),
    resolve_within: Type.Optional(duration('It is settled by then.')),
    checklist: Type.Optional(checklist('What the person does, step by step.')),
  },
  'What differs for one failure mode.',
);

const overrides = Object.fromEntries(failureModes.map((mode) => [mode, Type.Optional(override)])) as Record<
  FailureMode,
  Type.TOptional<typeof override>
>;

const exceptions = section(
  {
    owner: reference('Who takes an exception first.', { examples: ['team:triage'] }),
    alternate: reference(
      'Who gets it when the owner has not taken it within the TTL; someone else than the owner.',
      {
        examples: ['person:ops-lead'],
      },
    ),
    ttl: duration('Someone has taken it by then, or it escalates.'),
    resolve_within: duration('The resolution SLA: it is settled by then, or it escalates.', {
      examples: ['1d'],
    }),
    claim_lease: Type.Optional(
      duration('A claim on which nobody works lapses after this.', {
        default: formatDuration(limits.claimLeaseMs),
        examples: ['1h'],
      }),
    ),
    escalate: Type.Optional(
      Type.Array(reference('The next one up.'), {
        maxItems: 20,
        description: 'Who is told after owner and alternate, in this order.',
      }),
    ),
    root_causes: Type.Array(slug('One label.'), {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description: 'The labels a resolution chooses its root cause from.',
      examples: [['sender-changed-form', 'mapping-wrong', 'human-error']],
    }),
    on: Type.Optional(
      Type.Object(overrides, {
        additionalProperties: false,
        description: 'What differs by failure mode: owner, alternate, deadlines, checklist.',
      }),
    ),
  },
  'The exception path: who settles what the workflow cannot, and by when.',
);

export const workflowFileSchema = section(
  {
    workflow: slug('Its name, unique in the project.', { examples: ['paid-lead-to-pm'] }),
    summary: prose('What it is for, in one sentence.'),
    metric: Type.Optional(
      prose('The figure that tells whether it does well, in one sentence: what a review looks at.', {
        maxLength: 200,
        examples: ['Leads with a project manager within 15 minutes'],
      }),
    ),
    owner: reference('Answers for every ticket until its outcome is confirmed.'),
    alternate: reference('Answers when the owner does not; someone else than the owner.', {
      examples: ['person:dana'],
    }),
    trigger,
    ticket: Type.Optional(
      mapping(
        fieldName,
        expression('One field. Sees payload, headers.', { examples: ['payload.email.lowerAscii()'] }),
        'The transformation: the fields of the ticket, one expression each.',
        { maxProperties: 200 },
      ),
    ),
    checks: Type.Optional(Type.Array(check, { maxItems: 200, description: 'QA rules, in this order.' })),
    routes,
    handoffs: Type.Optional(
      Type.Array(handoff, {
        maxItems: limits.handoffsMax,
        description: 'What is done in other systems. Without any, a routed ticket is done.',
      }),
    ),
    exceptions,
  },
  'One trigger-to-outcome definition: a file in `workflows/`.',
  { $id: 'urn:signalbox:workflow', title: 'Signalbox workflow' },
);

/** A workflow file as an object, for TypeScript authors. */
export type WorkflowFile = Type.Static<typeof workflowFileSchema>;
