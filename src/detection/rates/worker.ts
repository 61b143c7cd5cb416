import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import { type Detector, endedUnless } from '../round/worker.ts';
import { jumpOf, type Rate, usualAfter } from './rates.ts';
import { ratesBetween, repeating, type WorkflowRate } from './store.ts';

interface Remembered {
  /** Where the last window ended. */
  readonly until: string;
  readonly usual: Readonly<Record<string, Rate>>;
}

/** Workflows whose tickets fail more often than they used to. */
export const errorRateDetector: Detector = {
  name: 'error-rate',
  mode: 'error_rate',
  prefix: 'error_rate/',
  everyMs: limits.rateWindowMs,
  async look(shell, { open, state }, now) {
    const project = shell.project();
    const until = plusMs(now, -limits.driftSettleMs);
    const known = state as Remembered | null;
    const from = plusMs(until, -limits.rateWindowMs);
    const usual: Record<string, Rate> = { ...known?.usual };
    // Without a past of its own the day before is what is usual.
    if (known === null) {
      for (const each of await ratesBetween(shell.db, plusMs(from, -86_400_000), from)) {
        usual[each.workflow] = { failed: each.failed, of: each.of };
      }
    }
    const told = new Set(open.map(({ key }) => key));
    const found: Finding[] = [];
    for (const rate of await ratesBetween(shell.db, from, until)) {
      const past = usual[rate.workflow] ?? { failed: 0, of: 0 };
      const jump = jumpOf(rate, past, told.has(findingKey('error_rate', rate.workflow)));
      const policy = policyFor(project, rate.workflow);
      // What is not usual must not become it while a person looks.
      if (!jump.alarm) usual[rate.workflow] = usualAfter(past, rate);
      else if (policy !== null) found.push({ ...described(rate, past, jump.chance), policy });
    }
    const next: Remembered = { until: until.toISOString(), usual };
    return { found, over: endedUnless(open, found, 'It fails no more than is usual'), state: next };
  },
};

function described(rate: WorkflowRate, past: Rate, chance: number): Omit<Finding, 'policy'> {
  const { workflow, failed, of, modes } = rate;
  const usual = past.of === 0 ? 0 : past.failed / past.of;
  return {
    mode: 'error_rate',
    key: findingKey('error_rate', workflow),
    ticketId: null,
    source: null,
    summary: `${failed} of the last ${of} tickets of ${workflow} were stopped; ${(usual * 100).toFixed(1)} % are usual`,
    detail: { workflow, failed, of, modes, usual: Number(usual.toPrecision(3)), chance },
  };
}

/** Destinations at which much work fails again and again. */
export const retryStormDetector: Detector = {
  name: 'retry-storm',
  mode: 'retry_storm',
  prefix: 'retry_storm/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open }) {
    const project = shell.project();
    const told = new Set(open.map(({ key }) => key));
    const found = (await repeating(shell.db)).flatMap((storm): Finding[] => {
      const { destination, failing, under_way: underWay, attempts } = storm;
      const key = findingKey('retry_storm', destination);
      // What is told is over when half of it is: what goes up and down is told once.
      const min = told.has(key) ? limits.stormHandoffsMin / 2 : limits.stormHandoffsMin;
      const part = told.has(key) ? limits.stormPart / 2 : limits.stormPart;
      const policy = policyFor(project);
      if (failing < min || failing < part * underWay || policy === null) return [];
      const summary = `${failing} of ${underWay} handoffs to ${destination} have failed ${limits.stormAttemptsMin} times or more and are tried again`;
      const detail = { destination, failing, under_way: underWay, attempts };
      return [{ mode: 'retry_storm', key, ticketId: null, source: null, policy, summary, detail }];
    });
    return { found, over: endedUnless(open, found, 'The destination takes what it is given again') };
  },
};
