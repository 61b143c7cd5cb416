import { limits } from '../limits.ts';
import { late, within } from '../platform/within.ts';

/** Stops, and waits for that no longer than limits.stopMs. False: it has not ended by then; what is left is taken up at the next start. */
export async function stopsInTime(stop: () => Promise<void>): Promise<boolean> {
  return (await within(stop(), limits.stopMs)) !== late;
}
