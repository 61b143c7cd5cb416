import type { Place } from '../place.ts';
import type { CompiledRequest } from '../workflow.ts';
import { type Domain, intersected, isEmpty, type Kind, ofKinds } from './domain.ts';
import { sentOf } from './fit.ts';
import type { Inspected } from './inspect.ts';
import { shapeOf } from './shape.ts';
import { described, listed, literal } from './words.ts';

type Parameter = CompiledRequest['parameters'][number];

/** What can be written there as text; what is null is left out, and a list is repeated in a query. */
const written: Readonly<Record<Parameter['in'], readonly Kind[]>> = {
  path: ['string', 'number', 'bool'],
  header: ['string', 'number', 'bool', 'null'],
  query: ['string', 'number', 'bool', 'null', 'list'],
};

/** Looks at the arguments of a request: what cannot be written where it belongs, and what its operation does not list. */
export function analyseParameters(
  place: Place,
  { operation, parameters }: CompiledRequest,
  look: (part: Place) => Inspected | null,
): void {
  for (const [index, [, part]] of place.entries().entries()) {
    const parameter = parameters[index];
    const inspected = look(part);
    if (parameter === undefined || inspected === null || inspected.isReported) continue;
    const sent = sentOf(inspected.outcomes);
    reportUnwritable(part, parameter, sent);
    reportUnlisted(part, parameter, sent, operation);
  }
}

function reportUnwritable(place: Place, parameter: Parameter, sent: readonly Domain[]): void {
  const taken = ofKinds(written[parameter.in]);
  const [first] = sent;
  if (first === undefined || sent.some((domain) => !isEmpty(intersected(domain, taken)))) return;
  place.report({
    code: 'SB168',
    message: `\`${parameter.name}\` goes into the ${parameter.in} and cannot be ${described(first) ?? 'of this type'}`,
    help: 'the request could never be made: give a text, a number, or true or false',
  });
}

/** Arguments are sent as text: what is compared is how they are written. */
function reportUnlisted(
  place: Place,
  { name, schema }: Parameter,
  sent: readonly Domain[],
  operation: string,
): void {
  const listedValues = schema === undefined ? null : shapeOf(schema).domain.values;
  if (listedValues === null) return;
  const admitted = new Set(listedValues.map(String));
  const values = sent.flatMap((domain) => domain.values ?? []).filter((value) => value !== null);
  const wrong = values.filter((value) => !admitted.has(String(value)));
  const [first] = wrong;
  if (first === undefined) return;
  const isSure = wrong.length === values.length && sent.every((domain) => domain.values !== null);
  place.report({
    code: 'SB168',
    message: `\`${operation}\` does not take ${literal(first)} as \`${name}\``,
    help: `it would refuse ${isSure ? 'every' : 'such a'} request; it takes ${listed(
      [...admitted].map((each) => JSON.stringify(each)),
      'or',
    )}`,
    severity: isSure ? 'error' : 'warning',
  });
}
