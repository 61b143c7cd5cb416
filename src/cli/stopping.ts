import { limits } from '../limits.ts';

/** Stops, and waits for that no longer than limits.stopMs. False: it has not ended by then; what is left is taken up at the next start. */
export async function stopsInTime(stop: () => Promise<void>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(late.resolve, limits.stopMs, false);
  try {
    return await Promise.race([stop().then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
