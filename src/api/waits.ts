import type { Static } from 'typebox';
import type { Exception } from './exceptions.ts';
import type { Handoff, WaitsFor } from './story.ts';

/** What a ticket waits for (a discarded one for what is taken back), soonest first: its open exceptions and the promises under way. Pure. */
export function waitsFor(
  handoffs: readonly Static<typeof Handoff>[],
  exceptions: readonly Static<typeof Exception>[],
): Static<typeof WaitsFor>[] {
  const waits = [
    ...exceptions.filter(({ state }) => state !== 'resolved').map(ofException),
    ...handoffs.filter(({ settled_at }) => settled_at === null).map(ofHandoff),
  ];
  return waits.toSorted((a, b) => (a.until ?? '~').localeCompare(b.until ?? '~'));
}

function ofException(exception: Static<typeof Exception>): Static<typeof WaitsFor> {
  const { seq, mode, state, responsible, claimed_by, due_at, resolve_by } = exception;
  return state === 'open'
    ? { what: `exception ${seq} (${mode}) to be claimed`, whom: responsible, until: due_at }
    : {
        what: `exception ${seq} (${mode}) to be resolved`,
        whom: claimed_by ?? responsible,
        until: resolve_by,
      };
}

function ofHandoff(handoff: Static<typeof Handoff>): Static<typeof WaitsFor> {
  const { handoff: name, destination, state, due_at, approval, confirmation, confirm_by } = handoff;
  switch (state) {
    case 'awaiting_approval':
      return {
        what: `approval of ${name}`,
        whom: approval?.responsible ?? null,
        until: approval?.due_at ?? due_at,
      };
    case 'waiting':
      return { what: `${name}: what comes before it to be confirmed`, whom: null, until: due_at };
    case 'confirming':
      if (confirmation !== null) {
        return { what: `${name}: a person to confirm it`, whom: confirmation.by, until: confirm_by };
      }
      return { what: `${name}: ${destination} to show the outcome`, whom: null, until: confirm_by };
    case 'attempting':
      return { what: `${name}: the answer of ${destination}`, whom: null, until: due_at };
    default:
      return {
        what: `${name}: attempt ${handoff.attempts.length + 1} at ${destination}`,
        whom: null,
        until: due_at,
      };
  }
}
