import type { Shell } from '../../shell.ts';
import type { Verify } from '../../workflow/project.ts';
import { certificateFor } from '../certificate/worker.ts';
import type { SignedRequest } from '../request.ts';
import { kindOf, type SignatureScheme, takesTime } from '../schemes.ts';
import type { Authenticity } from '../signature.ts';
import { verifyToken } from '../token/worker.ts';
import { checkProof, type HeldSecret, type ProofReport, reported, secretPlace } from './check.ts';

type CheckShell = Pick<Shell, 'clock' | 'log'>;

/** Checks a request as intake does, whatever its source proves itself by, and says of each part what was found. */
export async function checkAnyProof(
  shell: CheckShell,
  verify: Verify,
  request: SignedRequest,
  secrets: readonly HeldSecret[],
): Promise<ProofReport> {
  const now = shell.clock.now();
  if (verify.scheme === 'none' || !takesTime(verify)) return checkProof(verify, request, secrets, now);
  const { signature: scheme } = verify;
  if (kindOf(scheme.algorithm) === 'jwt') return await checkToken(shell, scheme, request, secrets);
  const certificate = await certificateFor(shell, scheme, request);
  if (!('pem' in certificate)) {
    return reported(scheme, request, [], { found: certificate, matched: null, time: null });
  }
  const { pem, url } = certificate;
  return checkProof(verify, request, [{ ref: { keys: url }, values: [pem] }], now);
}

async function checkToken(
  shell: CheckShell,
  scheme: SignatureScheme,
  request: SignedRequest,
  secrets: readonly HeldSecret[],
): Promise<ProofReport> {
  const now = shell.clock.now();
  const values = secrets.flatMap((secret) => secret.values);
  const by = async (some: readonly string[]) => await verifyToken(shell, scheme, request, some, now);
  // The time is the last thing that is looked at.
  const holds = (found: Authenticity) =>
    found.authentic || found.reason === 'too_old' || found.reason === 'too_new';
  const found = await by(values);
  if (scheme.keys !== null && scheme.keys.kind !== 'certificate') {
    const place = secretPlace({ keys: new URL(scheme.keys.url).origin });
    const matched = holds(found) ? { place, number: 1, of: 1 } : null;
    return reported(scheme, request, secrets, { found, matched, time: null });
  }
  for (const { ref, values: own } of secrets) {
    for (const [index, value] of own.entries()) {
      if (!holds(await by([value]))) continue;
      const matched = { place: secretPlace(ref), number: index + 1, of: own.length };
      return reported(scheme, request, secrets, { found, matched, time: null });
    }
  }
  return reported(scheme, request, secrets, { found, matched: null, time: null });
}
