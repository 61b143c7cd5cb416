import { limits } from '../limits.ts';
import { durationAt } from './compile-parts.ts';
import type { Place } from './place.ts';
import type { CompiledHandoff } from './workflow.ts';

/** A `retry:`, with every default filled in. */
export function compileRetry(place: Place): CompiledHandoff['retry'] {
  const attempts = place.get('attempts').value;
  return {
    attemptsMax: typeof attempts === 'number' ? attempts : limits.retryAttempts,
    forMs: durationAt(place.get('for'), limits.retryForMs),
  };
}
