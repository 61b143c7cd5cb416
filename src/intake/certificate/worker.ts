import type { Shell } from '../../shell.ts';
import { believedAddress } from '../fetched-keys.ts';
import { certificateAt } from '../fetching/worker.ts';
import { placeText } from '../place.ts';
import { readingOf, type SignedRequest } from '../request.ts';
import type { SignatureScheme } from '../schemes.ts';
import { missing, type Refusal, refused } from '../signature.ts';

/**
 * The certificate (PEM) at the address that a request names, for a scheme whose keys are found so: from a host that the
 * scheme trusts, and valid now. What concerns one that cannot be had is `no_secret`. Never throws.
 */
export async function certificateFor(
  shell: Pick<Shell, 'clock' | 'log'>,
  { keys, signature }: SignatureScheme,
  request: SignedRequest,
): Promise<{ readonly pem: string; readonly url: string } | Refusal> {
  if (keys?.kind !== 'certificate') return missing(...signature.places);
  const address = readingOf(request, null).at(keys.place);
  if (address === '') return missing(keys.place);
  const url = believedAddress(address, keys);
  if (url === null) {
    return refused('untrusted_keys', `The ${placeText(keys.place)} is no address that this source trusts.`);
  }
  const { value, problem } = await certificateAt(shell, keys, url);
  if (value === null) {
    return refused('no_secret', `The certificate of this source cannot be had at present: ${problem}.`);
  }
  const now = shell.clock.now();
  if (now >= value.from && now <= value.until) return { pem: value.pem, url: url.href };
  return refused('untrusted_keys', 'The certificate of the signature is not valid at this time.');
}
