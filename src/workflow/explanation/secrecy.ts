import { escapeToken } from '../../contract/pointer.ts';
import { type Redaction, redactionOf } from '../../contract/redaction.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { pathsIn, type ReadPath, valueAt } from './path.ts';

/** Whether a value that an expression has read is not to be shown, it or anything in it. */
export type IsSecret = (path: Pick<ReadPath, 'root' | 'steps'>) => boolean;

/**
 * What the contract hides of a payload stays hidden in its explanation, and so does every field of the ticket that is
 * made of it. Pure.
 */
export function secretsOf(
  { trigger, fields }: Pick<CompiledWorkflow, 'trigger' | 'fields'>,
  payload: unknown,
): IsSecret {
  const redaction = redactionOf(trigger.contract.schema);
  const hides = (steps: ReadPath['steps']) =>
    holdsHidden(valueAt(payload, steps), pointerOf(steps), redaction);
  const secretFields = new Set(
    fields
      .filter(({ value }) => pathsIn(value.source, new Set(['payload'])).some(({ steps }) => hides(steps)))
      .map(({ name }) => name),
  );
  return ({ root, steps }) => {
    if (root === 'payload') return hides(steps);
    const [field] = steps;
    return (
      root === 'ticket' && (field === undefined ? secretFields.size > 0 : secretFields.has(String(field)))
    );
  };
}

function holdsHidden(value: unknown, pointer: string, redaction: Redaction): boolean {
  if (redaction(pointer)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) =>
    holdsHidden(member, `${pointer}/${escapeToken(name)}`, redaction),
  );
}

function pointerOf(steps: ReadPath['steps']): string {
  return steps.map((step) => `/${escapeToken(String(step))}`).join('');
}
