import Type from 'typebox';
import { limits } from '../limits.ts';
import { formatDuration } from './duration.ts';
import { operation, outcome } from './schema-outcome.ts';
import { duration, expression, parameters, section, slug } from './schema-terms.ts';

/** Parts of a handoff as JSON Schema: what is sent, how often, how it is looked for, and how it is taken back. */

/** A JSON shape whose texts are expressions. */
type BodyShape =
  | string
  | number
  | boolean
  | readonly (BodyShape | null)[]
  | { readonly [field: string]: BodyShape | null };

export const body = (description: string, examples: readonly BodyShape[]) =>
  Type.Unsafe<BodyShape>({
    type: ['object', 'array', 'string', 'number', 'boolean'],
    description,
    examples,
  });

export const retry = section(
  {
    attempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        default: limits.retryAttempts,
        description: 'At most so many.',
      }),
    ),
    for: Type.Optional(
      duration('At most so long.', { default: formatDuration(limits.retryForMs), examples: ['1d'] }),
    ),
  },
  'How long a failing attempt is repeated, with doubling delays; then it is an exception.',
);

export const find = section(
  {
    read: operation('The operation that looks for it: an operationId, or `GET /tasks`.'),
    with: Type.Optional(
      parameters(
        'Its parameters. Expressions see ticket, request, key (the idempotency key that was sent).',
        {
          examples: [{ external_id: 'key' }],
        },
      ),
    ),
    that: Type.Optional(
      expression(
        'Whether it was found. Sees ticket, request, key, result. Default: any answer but 404 and 410 says so.',
        { examples: ['size(result.items) > 0'] },
      ),
    ),
    record: Type.Optional(
      expression(
        'What then stands for the answer that never came: `response` of the outcome. Sees ticket, request, key, result. Default: all that was read.',
        { examples: ['result.items[0]'] },
      ),
    ),
  },
  'How the destination is asked, before an attempt that got no answer is repeated, whether it has done the work: found means accepted, not found means that it is sent again.',
);

const undone = 'Expressions see ticket, request (the body that was sent), response (its answer), key.';
export const undo = section(
  {
    when: Type.Optional(
      Type.Enum(['abandoned', 'refused'], {
        default: 'abandoned',
        description:
          '`abandoned`: when the ticket is discarded, or decided again. `refused`: at once when a handoff that comes `after` this one is refused for good; nothing is then left that could be retried.',
      }),
    ),
    to: Type.Optional(
      slug('The destination that takes it back, where that is another. Default: the one that has done it.', {
        examples: ['billing'],
      }),
    ),
    operation: operation('What takes it back.'),
    with: Type.Optional(parameters(`Its parameters. ${undone}`, { examples: [{ id: 'response.id' }] })),
    body: Type.Optional(body(`Its JSON body. ${undone}`, [{ status: '"cancelled"' }])),
    retry: Type.Optional(retry),
    outcome: section(
      outcome.properties,
      'The proof that it is taken back: mostly `gone: true`. `request` is the body of the undo, `response` still the answer to the handoff.',
    ),
  },
  'How it is taken back where the rest of the work fails: a handoff of its own, with its own key, attempts and proof.',
);
