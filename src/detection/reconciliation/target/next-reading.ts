import { canonical, sha256Hex } from '../../../audit/encoding.ts';
import { limits } from '../../../limits.ts';
import type { Reading } from '../../../outcome/next-probe.ts';
import { plusMs } from '../../../platform/instant.ts';

/*
 * A confirmed record, read again at each of `after`:
 *
 *               stands                      stands, none left
 *   step n ───────────────▶ step n + 1 ─────────────────────────▶ (left)
 *     │  ▲
 *     │  └─ stands: the finding is closed
 *     ▼                 as before: read again, less and less often
 *   told ──────────────────────────────────────────────────────▶ (left, 90 days after its confirmation)
 */

/** What is known of a confirmed record that is read again. */
export interface Again {
  /** How often it was as it should be. */
  readonly step: number;
  /** Digest of what was told of it last; null: nothing is wrong with it. */
  readonly told: string | null;
  readonly confirmedAt: Date;
}

/** What one reading changes: what is told of it (null: nothing is wrong), and when it is read again; `at` of null: no more. */
export interface NextReading {
  readonly step: number;
  readonly told: string | null;
  readonly at: Date | null;
}

/** Decides what follows one reading. Pure. `afterMs`: as the destination says. What could not be read is read again later. */
export function nextReading(
  again: Again,
  reading: Reading,
  afterMs: readonly number[],
  now: Date,
): NextReading {
  const { step, told, confirmedAt } = again;
  switch (reading.verdict) {
    case 'stands': {
      const next = afterMs.findIndex((ms, index) => index > step && plusMs(confirmedAt, ms) > now);
      if (next === -1) return { step: afterMs.length, told: null, at: null };
      return { step: next, told: null, at: plusMs(confirmedAt, afterMs[next] ?? 0) };
    }
    case 'differs':
    case 'wrong':
    case 'pending':
    case 'missing': {
      return { step, told: digestOf(reading), at: wrongAgainAt(confirmedAt, now) };
    }
    case 'unreadable':
      return { step, told, at: wrongAgainAt(confirmedAt, now) };
    case 'unaskable':
      return { step, told, at: null };
  }
}

/** The longer it is known, the less often: a tenth of the time since its confirmation. */
function wrongAgainAt(confirmedAt: Date, now: Date): Date | null {
  const age = now.getTime() - confirmedAt.getTime();
  return age > limits.readAgainWrongMaxMs ? null : plusMs(now, Math.max(limits.readAgainWrongMs, age / 10));
}

/** What is wrong with a record, as a digest: no value of it stands where it is kept. */
function digestOf({ verdict, compared }: Reading): string {
  const wrong = compared.filter(({ equal }) => !equal).map(({ field, found }) => [field, found ?? null]);
  const text = [verdict, wrong];
  try {
    return sha256Hex(canonical(text));
  } catch {
    // Foreign text may hold lone surrogates, which canonical JSON refuses.
    return sha256Hex(JSON.stringify(text));
  }
}

/** How many records one stretch reads, so that two readings are no closer than `everyMs` on the whole. Pure. */
export function readingsOf(everyMs: number): number {
  const perSweep = Math.floor(limits.sweepEveryMs / Math.max(1, everyMs));
  return Math.min(limits.readAgainStretch, Math.max(1, perSweep));
}
