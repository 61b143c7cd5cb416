import { compileOutcome } from './compile-outcome.ts';
import { compileRequest, type DestinationParts, type Operation } from './compile-request.ts';
import { compileRetry } from './compile-retry.ts';
import { isMapping, type Place } from './place.ts';
import type { Scopes } from './scopes.ts';
import type { CompiledHandoff, CompiledRequest } from './workflow.ts';
import type { World } from './world.ts';

/** What an undo is compiled with. */
export interface UndoParts {
  /** The request that is taken back. */
  readonly request: CompiledRequest;
  readonly operation: Operation | null;
  /** The operation that reads back whether it is. */
  readonly read: Operation | null;
  /** Who takes it back, by its key. */
  readonly to: string;
  readonly destination: DestinationParts;
  /** Whether another handoff comes after the one that is taken back. */
  readonly isFollowed: boolean;
}

/** The `undo:` of a handoff. */
export function compileUndo(
  place: Place,
  parts: UndoParts,
  scopes: Scopes,
  world: World,
): Pick<CompiledHandoff, 'undo'> {
  if (!isMapping(place.value)) return {};
  const { to, destination, operation, read, isFollowed } = parts;
  const { requestContract: sent, responseContract: answer } = parts.request;
  const request = compileRequest(
    { operation: place.get('operation'), with: place.get('with'), body: place.get('body') },
    operation,
    destination,
    scopes.undo(sent?.schema ?? true, answer?.schema ?? true),
  );
  const outcome = place.get('outcome');
  reportCallback(outcome);
  const when = place.get('when').value === 'refused' ? 'refused' : 'abandoned';
  if (when === 'refused' && !isFollowed) {
    place.get('when').report({
      code: 'SB163',
      message: 'nothing comes after this handoff: its undo would never be done',
      help: 'write `after:` at the handoff whose refusal takes it back, or `when: abandoned`',
    });
  }
  return {
    undo: {
      when,
      destination: to,
      request,
      retry: compileRetry(place.get('retry')),
      // The answer that its proof sees is the one to the handoff: of an undo there is mostly none.
      outcome: compileOutcome(
        outcome,
        { request: { ...request, responseContract: answer }, read, destination },
        scopes,
        world,
      ),
    },
  };
}

function reportCallback(outcome: Place): void {
  if (outcome.get('callback').value === undefined) return;
  outcome.get('callback').report({
    code: 'SB116',
    message: '`callback` has no meaning in an undo',
    help: 'let it be read back, `read: …` with `gone: true`, or let a person `confirm:` it',
    at: 'key',
  });
}
