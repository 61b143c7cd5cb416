import type { CircuitState } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';

/*
 *                failures                     its probe has come through
 *   closed ─────────────────▶ open ──────────────────────────────────────▶ recovering ──ramped up──▶ closed
 *                              ▲  (one probe now and then)                      │
 *                              └───────────────────failures────────────────────┘
 *   any ──a person──▶ paused ──a person──▶ recovering            closed ──429, Retry-After──▶ recovering, from then on
 */

/** Whether handoffs go to a destination now, and why not. Shared by all nodes. */
export interface Circuit {
  readonly state: CircuitState;
  readonly reason: string;
  readonly since: Date;
  /** Open: when one request may try whether it is back; null in every other state. */
  readonly probeAt: Date | null;
  /** Requests that have tried in vain since it opened. */
  readonly probes: number;
  /** Until then it has asked to be left alone. */
  readonly heldUntil: Date | null;
  readonly pausedBy: string | null;
}

/** What was seen of it lately. */
export interface Seen {
  /** Different handoffs that failed one after another, or attempts of the same while it was out; nothing came through between. */
  readonly failedInRow: number;
  readonly results: number;
  readonly failures: number;
}

export type PaceEvent =
  /** It could not be reached, did not answer, or answered that it is in trouble. */
  | { readonly kind: 'failed'; readonly detail: string; readonly seen: Seen; readonly isProbe: boolean }
  | { readonly kind: 'came_through'; readonly isProbe: boolean }
  /** It asks to be left alone for a while. */
  | { readonly kind: 'held'; readonly until: Date; readonly detail: string }
  /** One request is about to try whether it is back. */
  | { readonly kind: 'probe' }
  /** Time has passed. */
  | { readonly kind: 'tick'; readonly concurrency: number }
  | { readonly kind: 'pause'; readonly by: string; readonly reason: string }
  | { readonly kind: 'resume'; readonly by: string; readonly reason: string };

/** A destination of which nothing bad is known. */
export function healthy(now: Date): Circuit {
  return {
    state: 'closed',
    reason: 'nothing is wrong',
    since: now,
    probeAt: null,
    probes: 0,
    heldUntil: null,
    pausedBy: null,
  };
}

/** Decides what an event makes of a circuit. Pure. Null: it changes nothing. */
export function nextCircuit(circuit: Circuit, event: PaceEvent, now: Date): Circuit | null {
  switch (event.kind) {
    case 'pause':
      return {
        ...healthy(now),
        state: 'paused',
        reason: event.reason,
        pausedBy: event.by,
        heldUntil: circuit.heldUntil,
      };
    case 'resume':
      return recovering(circuit, event.reason, now);
    case 'held':
      return held(circuit, event, now);
    case 'failed':
      return failed(circuit, event, now);
    case 'came_through':
      return circuit.state === 'open' && event.isProbe ? recovering(circuit, 'it answers again', now) : null;
    case 'probe':
      if (circuit.state !== 'open' || circuit.probeAt === null || circuit.probeAt > now) return null;
      return {
        ...circuit,
        probes: circuit.probes + 1,
        probeAt: plusMs(now, probeWaitMs(circuit.probes + 1)),
      };
    case 'tick': {
      const isOver = circuit.state === 'recovering' && rampOf(circuit, now) >= event.concurrency;
      return isOver ? healthy(now) : null;
    }
  }
}

/** How many requests may be under way to it at once, now. Pure. */
export function roomOf(circuit: Circuit, concurrency: number, now: Date): number {
  if (circuit.heldUntil !== null && circuit.heldUntil > now) return 0;
  switch (circuit.state) {
    case 'closed':
      return concurrency;
    case 'recovering':
      return Math.min(concurrency, rampOf(circuit, now));
    case 'open':
      return circuit.probeAt !== null && circuit.probeAt <= now ? 1 : 0;
    case 'paused':
      return 0;
  }
}

/** One at first, then twice as many each limits.rampStepMs: a backlog is drained without a storm. */
function rampOf({ since, heldUntil }: Circuit, now: Date): number {
  const from = heldUntil !== null && heldUntil > since ? heldUntil : since;
  const steps = Math.floor(Math.max(0, now.getTime() - from.getTime()) / limits.rampStepMs);
  return 2 ** Math.min(steps, 30);
}

function probeWaitMs(probes: number): number {
  return Math.min(limits.circuitProbeFirstMs * 2 ** Math.min(probes, 30), limits.circuitProbeMaxMs);
}

function failed(
  circuit: Circuit,
  { detail, seen }: Extract<PaceEvent, { kind: 'failed' }>,
  now: Date,
): Circuit | null {
  if (circuit.state !== 'closed' && circuit.state !== 'recovering') return null;
  const rowMax = circuit.state === 'closed' ? limits.circuitFailuresInRow : limits.circuitFailuresRecovering;
  const isShare =
    seen.results >= limits.circuitResultsMin && seen.failures / seen.results >= limits.circuitFailureShare;
  if (seen.failedInRow < rowMax && !isShare) return null;
  const count =
    seen.failedInRow >= rowMax
      ? `${seen.failedInRow} attempts failed one after another`
      : `${seen.failures} of the last ${seen.results} failed`;
  const probes = circuit.state === 'recovering' ? circuit.probes : 0;
  return {
    ...circuit,
    state: 'open',
    reason: `${count}: ${detail}`,
    since: now,
    probes,
    probeAt: plusMs(now, probeWaitMs(probes)),
  };
}

function held(
  circuit: Circuit,
  { until, detail }: Extract<PaceEvent, { kind: 'held' }>,
  now: Date,
): Circuit | null {
  const latest = plusMs(now, limits.destinationHoldMaxMs);
  const heldUntil = until < latest ? until : latest;
  // Many requests are told the same at about the same time.
  if (circuit.heldUntil !== null && heldUntil.getTime() - circuit.heldUntil.getTime() < 1_000) return null;
  if (circuit.state === 'open' || circuit.state === 'paused') return { ...circuit, heldUntil };
  return {
    ...circuit,
    state: 'recovering',
    reason: `it asks to be left alone: ${detail}`,
    since: now,
    heldUntil,
  };
}

function recovering(circuit: Circuit, reason: string, now: Date): Circuit {
  return { ...circuit, state: 'recovering', reason, since: now, probeAt: null, pausedBy: null };
}
