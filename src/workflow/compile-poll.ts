import { limits } from '../limits.ts';
import { expressionAt, json, truth } from './compile-expression.ts';
import { durationAt } from './compile-parts.ts';
import {
  compileRequest,
  type DestinationParts,
  destinationAt,
  type Operation,
  operationAt,
  parametersAt,
  undocumented,
} from './compile-request.ts';
import { type ExpressionEnvironment, expressionEnvironment } from './expression.ts';
import { isMapping, type Place } from './place.ts';
import type { Listing, Poll } from './project.ts';
import type { World } from './world.ts';

/** The `poll:` section of a source; null where it has none. */
export function compilePoll(place: Place, world: World): Poll | null {
  if (!isMapping(place.value)) return null;
  const { listing, answered } = compileListing(place, world, { cursor: true });
  return {
    ...listing,
    everyMs: everyAt(place.get('every')),
    start: place.get('start').value ?? null,
    cursor: expressionAt(place.get('cursor'), answered, json).expression,
  };
}

/** How a list is read. `given`: what its expressions see besides page, response and last, with their schemas. */
export function compileListing(
  place: Place,
  world: World,
  given: Readonly<Record<string, unknown>>,
): { readonly listing: Listing; readonly answered: ExpressionEnvironment } {
  const destination = destinationAt(place.get('from'), world);
  const named = place.get('operation');
  const operation = destination === null ? null : operationAt(named, destination, world.documents);
  if (operation !== null) reportMethod(named, operation);
  const parts = { operation: named, with: place.get('with'), body: null };
  const reader = destination ?? undocumented;
  const request = compileRequest(parts, operation, reader, expressionEnvironment({ ...given, page }));
  const response = request.responseContract?.schema ?? true;
  // Of `last` nothing is known but that it is one of the triggers.
  const answered = expressionEnvironment({ ...given, page, response, last: true });
  return {
    listing: {
      from: place.get('from').text(),
      request,
      triggers: listAt(place.get('triggers'), answered),
      nextPage: compileNextPage(place.get('next_page'), operation, reader, answered),
      pagesMax: pagesAt(place.get('pages_max')),
    },
    answered,
  };
}

const page = { type: 'number' };

function listAt(place: Place, environment: ExpressionEnvironment): Poll['triggers'] {
  const { expression, type } = expressionAt(place, environment, json);
  if (type !== 'dyn' && !type.startsWith('list(')) {
    place.report({
      code: 'SB141',
      message: `this must be a list, and it is ${type}`,
      help: 'each element becomes a trigger: name the list in the answer, as in `response.data`',
    });
  }
  return expression;
}

function compileNextPage(
  place: Place,
  operation: Operation | null,
  destination: DestinationParts,
  environment: ExpressionEnvironment,
): Poll['nextPage'] {
  if (!isMapping(place.value)) return null;
  return {
    when: expressionAt(place.get('when'), environment, truth).expression,
    parameters: parametersAt(place.get('with'), operation, destination, environment),
  };
}

function reportMethod(place: Place, { method }: Operation): void {
  if (method === 'GET') return;
  place.report({
    code: 'SB123',
    message: `a list is read, and this operation is a ${method}`,
    help: 'name the operation that lists what is there: `GET /leads`',
  });
}

function everyAt(place: Place): number {
  const ms = durationAt(place);
  if (ms > 0 && ms < limits.pollEveryMinMs) {
    place.report({
      code: 'SB113',
      message: 'a source may not be polled more than once a second',
      help: 'what has to come faster than that is sent by the source: give it `verify`',
    });
  }
  return Math.max(ms, limits.pollEveryMinMs);
}

function pagesAt(place: Place): number {
  return typeof place.value === 'number' ? place.value : limits.pollPages;
}
