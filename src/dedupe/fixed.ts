import type { AttemptResult, HandoffState, TicketState } from '../db/schema.ts';

/** What stands of a ticket, as far as it tells whether other content may still take the place of its own. */
export interface Standing {
  readonly state: TicketState;
  readonly settled: boolean;
  readonly handoffs: readonly {
    readonly seq: number;
    readonly handoff: string;
    readonly destination: string;
    readonly state: HandoffState;
  }[];
  readonly attempts: readonly { readonly handoff_seq: number; readonly result: AttemptResult | null }[];
}

/**
 * Why a ticket's content can no longer be replaced, as half a sentence; null: nothing of it stands anywhere else. Pure.
 * An attempt that was not sent or was refused has left nothing; one under way, or of which nobody knows, may have.
 */
export function fixedBecause({ state, settled, handoffs, attempts }: Standing): string | null {
  if (settled) return `it is ${state}`;
  for (const { seq, handoff, destination, state: handoffState } of handoffs) {
    if (handoffState === 'confirmed') return `${handoff} is confirmed at ${destination}`;
    const results = attempts.filter((attempt) => attempt.handoff_seq === seq).map(({ result }) => result);
    if (results.includes('accepted')) return `${destination} has accepted ${handoff}`;
    if (results.includes(null)) return `${handoff} is on its way to ${destination}`;
    if (results.includes('unknown')) return `${handoff} may have reached ${destination}`;
  }
  return null;
}
