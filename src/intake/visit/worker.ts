import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Shell } from '../../shell.ts';
import { type ChallengeRefusal, refused } from '../challenge.ts';
import { believedAddress, type NamedAddress } from '../fetched-keys.ts';
import { Unfetched } from '../fetching/keeper/worker.ts';
import { fetchText } from '../fetching/worker.ts';
import { placeText } from '../place.ts';
import { readingOf, type SignedRequest } from '../request.ts';

/** Visits under way on this node. */
let underWay = 0;

/**
 * Visits the address that a handshake names, and says at which host it was; its answer is not kept.
 * Throws AppError('unavailable') where it does not answer 200: the handshake comes again.
 */
export async function visit(
  { log }: Pick<Shell, 'log'>,
  named: NamedAddress,
  request: SignedRequest,
): Promise<{ readonly host: string; readonly refusal: ChallengeRefusal | null }> {
  const url = believedAddress(readingOf(request, null).at(named.place), named);
  if (url === null) {
    const text = `The ${placeText(named.place)} is no address that this source trusts.`;
    return { host: '', refusal: refused('malformed_challenge', text) };
  }
  if (underWay >= limits.visitsInFlightMax) throw later();
  underWay += 1;
  try {
    await fetchText(url, named.allowPrivate, null);
    return { host: url.host, refusal: null };
  } catch (error) {
    if (!(error instanceof Unfetched)) throw error;
    log.warn({ err: error }, 'the address of a handshake could not be visited');
    throw later();
  } finally {
    underWay -= 1;
  }
}

function later(): AppError {
  return new AppError('unavailable', 'The address of the handshake could not be visited; send it again.');
}
