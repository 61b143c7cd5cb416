import { limits } from '../../../limits.ts';
import { type Finding, findingKey } from '../../finding/finding.ts';
import { policyFor, readerOf } from '../../policy.ts';
import { type Detector, endedUnless } from '../../round/worker.ts';
import { openDrift } from '../store.ts';

/** Changes of payloads that still satisfy their contract, until they are over or somebody has acknowledged them. */
export const driftDetector: Detector = {
  name: 'contract-drift',
  mode: 'contract_drift',
  prefix: 'contract_drift/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open }) {
    const project = shell.project();
    const unknown = (await openDrift(shell.db)).filter(({ acknowledged_at }) => acknowledged_at === null);
    const found = unknown.flatMap((drift): Finding[] => {
      const { id, source, kind, path, change, what } = drift;
      const policy = policyFor(project, readerOf(project, source)?.name);
      if (policy === null) return [];
      const key = findingKey('contract_drift', id);
      const about = `${path}${what === '' ? '' : ` (${what})`}${kind === '' ? '' : ` of ${kind}`}`;
      const summary = `The payloads of ${source} have changed: ${change} ${about}; \`signalbox drift\` shows it`;
      const seen = { before: [drift.before_seen, drift.before_of], now: [drift.now_seen, drift.now_of] };
      const detail = { drift: id, source, kind, path, change, what, seen };
      return [{ mode: 'contract_drift', key, ticketId: null, source, policy, summary, detail }];
    });
    return { found, over: endedUnless(open, found, 'It is over, in the contract, or acknowledged') };
  },
};
