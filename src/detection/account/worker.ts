import { limits } from '../../limits.ts';
import { earliest, plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import { type Detector, endedUnless } from '../round/worker.ts';
import { type Account, addsUp, unaccountedOf } from './account.ts';
import { accountOf } from './store.ts';

const hourMs = 3_600_000;

interface Remembered {
  /** The next hour that has not been accounted for, and the next to be looked at again. */
  readonly next: string;
  readonly again: string;
}

/**
 * Conservation: hours that have ended are accounted for once, then one earlier hour a round again, and those that did
 * not add up in every round, or in turns where they are many, until they do.
 */
export const accountDetector: Detector = {
  name: 'account',
  mode: 'unaccounted',
  prefix: 'unaccounted/',
  everyMs: limits.detectSlowEveryMs,
  async look(shell, { open, state }, now) {
    const known = state as Remembered | null;
    const start = hourBefore(plusMs(now, -limits.accountHistoryMs));
    const ended = hourBefore(plusMs(now, -limits.driftSettleMs));
    const hours: Date[] = [];
    let next = known === null ? start : new Date(known.next);
    for (; next < ended && hours.length < limits.accountHoursMax; next = plusMs(next, hourMs))
      hours.push(next);
    let again = known === null ? start : new Date(known.again);
    if (again < start || again >= next) again = start;
    const told = [...new Set(open.map(hourToldBy))];
    // Where more are told than one round looks at, each has its turn.
    const turn = Math.floor(now.getTime() / limits.detectSlowEveryMs) % Math.max(1, told.length);
    const first = [...hours, again, ended].map((hour) => hour.getTime());
    const all = [...new Set([...first, ...told.slice(turn), ...told.slice(0, turn)])];
    const looked = new Set(all.slice(0, limits.accountHoursMax + limits.detectNamedMax + 2));
    const found: Finding[] = [];
    for (const hour of looked) found.push(...(await unaccounted(shell, new Date(hour), now)));
    const reviewed = open.filter((finding) => looked.has(hourToldBy(finding)));
    const remembered: Remembered = {
      next: next.toISOString(),
      again: plusMs(again, hourMs).toISOString(),
    };
    return { found, over: endedUnless(reviewed, found, 'The account adds up again'), state: remembered };
  },
};

async function unaccounted(shell: Shell, from: Date, now: Date): Promise<Finding[]> {
  const settled = plusMs(now, -limits.driftSettleMs);
  const end = plusMs(from, hourMs);
  const accounts = await accountOf(shell.db, { from, until: earliest(end, settled) ?? end });
  return accounts.filter((account) => !addsUp(account)).flatMap((account) => findingOf(shell, from, account));
}

function findingOf(shell: Shell, hour: Date, account: Account): Finding[] {
  const { workflow, source, received, torn } = account;
  const policy = policyFor(shell.project(), workflow);
  if (policy === null) return [];
  const at = hour.toISOString();
  const difference = unaccountedOf(account);
  const summary = `Of ${received} triggers of ${source || 'an unknown source'} in the hour of ${at}, ${difference} are unaccounted for; ${torn} tickets do not agree with their chains`;
  const key = findingKey('unaccounted', at, workflow, source);
  const detail = { hour: at, ...account, unaccounted: difference };
  return [{ mode: 'unaccounted', key, ticketId: null, source: source || null, policy, summary, detail }];
}

/** By its key, in ms. */
function hourToldBy({ key }: { readonly key: string }): number {
  return Date.parse(key.split('/')[1] ?? '');
}

function hourBefore(at: Date): Date {
  return new Date(Math.floor(at.getTime() / hourMs) * hourMs);
}
