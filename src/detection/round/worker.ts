import type { FailureMode } from '../../exceptions/exception.ts';
import type { Shell } from '../../shell.ts';
import { RowsFailed } from '../../sweeper.ts';
import type { Finding } from '../finding/finding.ts';
import { type FindingRow, openFindingsOf } from '../finding/store.ts';
import { closeFinding, openFinding } from '../finding/worker.ts';
import { claimRound, endRound } from './store.ts';

/** One thing that is looked for, again and again. */
export interface Detector {
  readonly name: string;
  readonly mode: FailureMode;
  /** Which findings of its mode are its own: those whose key begins so. */
  readonly prefix: string;
  readonly everyMs: number;
  look(shell: Shell, round: Round, now: Date): Promise<Look>;
}

export interface Round {
  /** Its own findings that are open. */
  readonly open: readonly FindingRow[];
  /** What it remembered; null at first. */
  readonly state: unknown;
}

/** What a detector saw: what is so, what is over, what it remembers. */
export interface Look {
  readonly found: readonly Finding[];
  readonly over: readonly { readonly key: string; readonly because: string }[];
  readonly state?: unknown;
}

/**
 * Lets each detector that is due do its round; one node does it at a time. What fails in one, or with one finding, is
 * logged, told, and keeps no other from its work. Returns how many findings changed. Throws RowsFailed at the end.
 */
export async function sweepDetection(
  shell: Shell,
  detectors: readonly Detector[],
  now: Date,
): Promise<number> {
  let [changed, failed] = [0, 0];
  for (const detector of detectors) {
    const claimed = await claimRound(shell.db, detector.name, detector.everyMs, now);
    if (claimed === null) continue;
    const round = await doRound(shell, detector, claimed.state, now);
    changed += round.changed;
    failed += round.failed;
  }
  if (failed > 0) throw new RowsFailed(failed);
  return changed;
}

async function doRound(shell: Shell, detector: Detector, state: unknown, now: Date) {
  const { name, mode, prefix } = detector;
  let [changed, failed] = [0, 0];
  const attempt = async (key: string, act: () => Promise<boolean>) => {
    try {
      if (await act()) changed += 1;
    } catch (error) {
      failed += 1;
      shell.log.error({ err: error, detector: name, finding: key }, 'finding could not be written');
    }
  };
  try {
    const open = (await openFindingsOf(shell.db, [mode])).filter(({ key }) => key.startsWith(prefix));
    const look = await detector.look(shell, { open, state }, now);
    for (const { key, because } of look.over) {
      await attempt(key, () => closeFinding(shell, key, because, now));
    }
    for (const finding of look.found) await attempt(finding.key, () => openFinding(shell, finding, now));
    const error = failed === 0 ? null : `${failed} findings could not be written; the log says why`;
    await endRound(shell.db, name, { succeededAt: now, error, state: look.state });
  } catch (error) {
    failed += 1;
    shell.log.error({ err: error, detector: name }, 'detector failed');
    await endRound(shell.db, name, { succeededAt: null, error: String(error) });
  }
  return { changed, failed };
}

/** Ends every finding that is open and was not found again. */
export function endedUnless(
  open: readonly FindingRow[],
  found: readonly Finding[],
  because: string,
): Look['over'] {
  const so = new Set(found.map(({ key }) => key));
  return open.filter(({ key }) => !so.has(key)).map(({ key }) => ({ key, because }));
}
