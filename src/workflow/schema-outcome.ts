import Type from 'typebox';
import { blankForms, epochUnits, sameKinds } from '../outcome/same.ts';
import { duration, expression, parameters, prose, reference, section, slug } from './schema-terms.ts';

/** The `outcome:` of a handoff as JSON Schema, and the terms that it shares with the rest of the workflow file. */

export const checklist = (description: string) =>
  Type.Array(prose('One step.'), { maxItems: 50, description });

export const operation = (description: string) =>
  Type.String({ minLength: 1, maxLength: 500, description, examples: ['createProject'] });
const fieldPath = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, description, examples: ['customer.email'] });
const comparedSection = section(
  {
    sent: fieldPath(
      'Where it stands in the body: a name, `customer.email`, `/customer/email`, `labels.*.name`.',
    ),
    found: Type.Optional(fieldPath('Where it stands in the record. Default: at the same place.')),
    as: Type.Optional(
      Type.Enum([...sameKinds], {
        description:
          'How it is compared. `exact`: the same JSON. `text`: composed and decomposed letters alike. `text-ignoring-case`, `text-ignoring-space` (runs of white space, and at the ends), `text-ignoring-case-and-space`. `number`: by value, also where one is written as text (12, "12.0"). `time`: the same moment, whatever the zone and the form. `date`: the same day. Default: what the documents say of the field (`format: date-time` and `date`, numbers and strings), otherwise `exact`.',
      }),
    ),
    set: Type.Optional(
      Type.Boolean({ description: 'A list counts by what is in it: no order, no repetition.' }),
    ),
    shift: Type.Optional(
      Type.Integer({
        minimum: -9,
        maximum: 9,
        description:
          'With `number`: the record has it with the decimal point so many places further right. Money sent as 12.50 and found as 1250 cents is 2; the other way about -2.',
      }),
    ),
    epoch: Type.Optional(
      Type.Enum([...epochUnits], {
        description: 'With `time` and `date`: numbers are seconds or milliseconds since 1970.',
      }),
    ),
    zone: Type.Optional(
      prose('With `time`: the time zone of times that name none.', {
        examples: ['Europe/Berlin'],
        maxLength: 60,
      }),
    ),
    blank: Type.Optional(
      Type.Array(Type.Enum([...blankForms], { description: 'One of them.' }), {
        minItems: 2,
        uniqueItems: true,
        description:
          'These count as one: what is not there (`missing`), null, and an empty text, list or mapping (`empty`). Default: each is something of its own, and what is missing is never proved.',
        examples: [['missing', 'null']],
      }),
    ),
  },
  'A field and how it is compared.',
);
const compared = Type.Unsafe<string | Type.Static<typeof comparedSection>>({
  ...comparedSection,
  type: ['string', 'object'],
  minLength: 1,
  maxLength: 200,
  description: 'A field of the body, or `{ sent: …, found: …, as: … }`.',
});

const callback = section(
  {
    from: Type.Optional(
      slug(
        'The source in signalbox.yaml whose proof (`verify`) the callback carries; the target calls `POST /in/outcome/<its key>`. Default: it calls the one-time address `outcome.url`, which the body has to hand over.',
      ),
    ),
    match: Type.Optional(
      expression('With `from`: what in the callback names the handoff. Sees result, headers.', {
        examples: ['result.reference'],
      }),
    ),
    key: Type.Optional(
      expression(
        'With `from`: what that must be. Sees payload, ticket, request, response. Default: `outcome.key`, which the body has to hand over.',
        { examples: ['response.id'] },
      ),
    ),
  },
  'The target calls back. `result` is then what it says.',
);

const confirm = section(
  {
    by: reference('Who looks and says so: a person, or anybody of a team.'),
    checklist: Type.Optional(checklist('What they look at, step by step; each point has to be ticked.')),
    remind: Type.Optional(
      duration('They are reminded so long before the deadline. Default: a quarter of `within`.'),
    ),
  },
  'A person confirms it, with evidence.',
);

const judged =
  'Sees payload, ticket, request, response, result; `result` is the record, or what the callback says.';
export const outcome = section(
  {
    read: Type.Optional(
      operation('The operation that reads the record back: an operationId, or `GET /projects/{id}`.'),
    ),
    with: Type.Optional(parameters('Its parameters. Expressions see payload, ticket, request, response.')),
    callback: Type.Optional(callback),
    confirm: Type.Optional(confirm),
    that: Type.Optional(
      expression(`Must hold of what was read. ${judged}`, { examples: ['result.manager != ""'] }),
    ),
    until: Type.Optional(
      expression(
        `The record is at its end once this holds: it is then judged at once and for good, and not before. Default: a record may still come right until the deadline; a callback is the last word. ${judged}`,
        { examples: ['result.status in ["done", "failed"]'] },
      ),
    ),
    fail_when: Type.Optional(
      expression(`The handoff is \`contradicted\` at once where this holds. ${judged}`, {
        examples: ['result.status == "failed"'],
      }),
    ),
    same: Type.Optional(
      Type.Array(compared, {
        minItems: 1,
        maxItems: 200,
        description: 'Fields of the body sent that must stand equal in the record read back.',
      }),
    ),
    gone: Type.Optional(
      Type.Boolean({
        description:
          'The proof is that there is no such record any more: 404 or 410 to `read`, or a record of which `that` holds (a mark that it was deleted).',
      }),
    ),
    within: duration('The proof must stand by then, or the handoff is `unconfirmed` (or `contradicted`).'),
  },
  'The proof: read back from the destination, called back by it, or confirmed by a person. A status 200 is a claim; this is the evidence.',
);
