import { compileApproval } from './compile-approval.ts';
import { json, optionalExpressionAt, truth } from './compile-expression.ts';
import { compileOutcome } from './compile-outcome.ts';
import { listed, reportTwice, textsAt } from './compile-parts.ts';
import {
  compileRequest,
  type DestinationParts,
  destinationAt,
  type Operation,
  operationAt,
  undocumented,
} from './compile-request.ts';
import { compileRetry } from './compile-retry.ts';
import { compileUndo } from './compile-undo.ts';
import { isMapping, type Place } from './place.ts';
import type { Scopes } from './scopes.ts';
import type { CompiledHandoff, CompiledRequest } from './workflow.ts';
import type { World } from './world.ts';

/** The `handoffs:` section. */
export function compileHandoffs(place: Place, scopes: Scopes, world: World): CompiledHandoff[] {
  const handoffs = place.elements();
  reportTwice(
    handoffs.map((handoff) => handoff.get('id')),
    'handoffs',
  );
  reportOrder(handoffs);
  const followed = new Set(handoffs.flatMap((handoff) => textsAt(handoff.get('after'))));
  return handoffs.map((handoff) => compileHandoff(handoff, followed, scopes, world));
}

/** `followed`: ids of those that others wait for. */
function compileHandoff(
  place: Place,
  followed: ReadonlySet<string>,
  scopes: Scopes,
  world: World,
): CompiledHandoff {
  const destination = destinationAt(place.get('to'), world);
  const findAt = (at: Place, there: DestinationParts | null) =>
    there === null ? null : operationAt(at, there, world.documents);
  const find = (at: Place) => findAt(at, destination);
  const undo = place.get('undo');
  const [undoTo, undoer] =
    undo.get('to').value === undefined
      ? [place.get('to').text(), destination]
      : [undo.get('to').text(), destinationAt(undo.get('to'), world)];
  const outcome = place.get('outcome');
  const isCalledBack = outcome.get('callback').value !== undefined;
  const request = compileRequest(
    { operation: place.get('operation'), with: place.get('with'), body: place.get('body') },
    find(place.get('operation')),
    destination ?? undocumented,
    isCalledBack ? scopes.handoffCalledBack : scopes.handoff,
  );
  const read = find(outcome.get('read'));
  return {
    id: place.get('id').text(),
    destination: place.get('to').text(),
    when: optionalExpressionAt(place.get('when'), scopes.handoff, truth),
    request,
    approval: compileApproval(place.get('approval'), scopes.handoff, world),
    retry: compileRetry(place.get('retry')),
    outcome: compileOutcome(
      outcome,
      { request, read, destination: destination ?? undocumented },
      scopes,
      world,
    ),
    ...compileFind(
      place.get('find'),
      request,
      find(place.get('find').get('read')),
      destination ?? undocumented,
      scopes,
    ),
    ...compileUndo(
      undo,
      {
        request,
        operation: findAt(undo.get('operation'), undoer),
        read: findAt(undo.get('outcome').get('read'), undoer),
        to: undoTo,
        destination: undoer ?? undocumented,
        isFollowed: followed.has(place.get('id').text()),
      },
      scopes,
      world,
    ),
    after: textsAt(place.get('after')),
  };
}

function compileFind(
  place: Place,
  request: CompiledRequest,
  read: Operation | null,
  destination: DestinationParts,
  scopes: Scopes,
): Pick<CompiledHandoff, 'find'> {
  if (!isMapping(place.value)) return {};
  const sent = request.requestContract?.schema ?? true;
  if (read !== null && read.method !== 'GET' && read.method !== 'SELECT') {
    place.get('read').report({
      code: 'SB123',
      message: `looking must change nothing, and this operation is a ${read.method}`,
      help: 'name the operation that finds what has our key: `GET /tasks`',
    });
  }
  const parts = { operation: place.get('read'), with: place.get('with'), body: null };
  const found = scopes.find(sent, read?.responseContract?.schema ?? true);
  return {
    find: {
      read: compileRequest(parts, read, destination, scopes.find(sent)),
      that: optionalExpressionAt(place.get('that'), found, truth),
      record: optionalExpressionAt(place.get('record'), found, json),
    },
  };
}

/** Reports handoffs that wait for one that does not exist, or for each other. */
function reportOrder(handoffs: readonly Place[]): void {
  const waits = new Map(handoffs.map((handoff) => [handoff.get('id').text(), textsAt(handoff.get('after'))]));
  for (const handoff of handoffs) {
    const id = handoff.get('id').text();
    for (const place of handoff.get('after').elements()) {
      const awaited = place.text();
      if (awaited !== '' && !waits.has(awaited)) {
        place.report({
          code: 'SB127',
          message: `there is no handoff \`${awaited}\` in this file`,
          help: `it can wait for ${listed(
            '',
            [...waits.keys()].filter((one) => one !== id),
          )}`,
        });
      } else if (id !== '' && reaches(awaited, id, waits)) {
        place.report({
          code: 'SB127',
          message:
            id === awaited
              ? `\`${id}\` waits for itself`
              : `\`${id}\` and \`${awaited}\` wait for each other`,
          help: 'neither would ever be sent: remove one of the `after`',
        });
      }
    }
  }
}

function reaches(from: string, to: string, waits: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(waits.get(next) ?? []));
  }
  return false;
}
