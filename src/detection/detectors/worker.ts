import { accountDetector } from '../account/worker.ts';
import { driftDetector } from '../drift/told/worker.ts';
import { lapseDetector } from '../lapse/worker.ts';
import { errorRateDetector, retryStormDetector } from '../rates/worker.ts';
import type { Detector } from '../round/worker.ts';
import { silenceDetector } from '../silence/worker.ts';
import { stuckDetector } from '../stuck/worker.ts';
import { syncDetector } from '../sync/worker.ts';
import { thrashDetector } from '../thrash/worker.ts';
import { workerDetector } from '../workers/worker.ts';

/** Everything that is looked for; the watcher of the others last. */
export const detectors: readonly Detector[] = [
  silenceDetector,
  thrashDetector,
  lapseDetector,
  stuckDetector,
  retryStormDetector,
  errorRateDetector,
  driftDetector,
  syncDetector,
  accountDetector,
  workerDetector,
];
