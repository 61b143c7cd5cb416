import { AppError } from '../errors.ts';
import type { Destination, Project, SecretRef } from '../workflow/project.ts';
import type { AttemptOutcome } from './handoff.ts';

export type Reached =
  | {
      readonly ok: true;
      readonly destination: Destination;
      readonly secret: string | null;
      readonly ca: readonly string[];
    }
  | { readonly ok: false; readonly outcome: AttemptOutcome };

/** Whether a destination recognises a repeated attempt by its key. */
export function knowsKeys({ idempotencyHeader }: Pick<Destination, 'idempotencyHeader'>): boolean {
  return idempotencyHeader.toLowerCase() !== 'none';
}

/**
 * A destination with the credential in use. Where either is missing nothing can be sent, now or later, without a
 * person: that is a refusal with its sentence, not an error.
 */
export function reach(
  { project, secrets }: { project(): Project; secrets(ref: SecretRef): readonly string[] },
  key: string,
): Reached {
  const destination = project().destinations.get(key);
  if (destination === undefined) return unreachable(`${key} is no longer a destination of this project`);
  try {
    const { auth } = destination;
    const secret = auth.scheme === 'none' ? null : (secrets(auth.secret)[0] ?? null);
    return { ok: true, destination, secret, ca: destination.ca === null ? [] : secrets(destination.ca) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return unreachable(`The credential of ${key} is missing: ${error.message}`);
  }
}

function unreachable(detail: string): Reached {
  return {
    ok: false,
    outcome: { result: 'rejected', status: null, detail, excerpt: null, retryAfter: null },
  };
}
