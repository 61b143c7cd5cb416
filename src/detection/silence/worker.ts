import { limits } from '../../limits.ts';
import { firstTicketId } from '../../platform/ids.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import type { CompiledWorkflow } from '../../workflow/workflow.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { type Detector, endedUnless } from '../round/worker.ts';
import { fixedSilence, hourOf, learn, learnedMs, learnedSilence, type Silence } from './silence.ts';
import { countArrivals, hoursOf, lastArrivals, readerName } from './store.ts';

interface Remembered {
  /** The last ticket that was counted. */
  readonly position: string;
  /** Since when a source is watched: one that has never spoken is silent since then. */
  readonly watched: Readonly<Record<string, string>>;
}

/** Sources that are silent for longer than they are expected to be. */
export const silenceDetector: Detector = {
  name: readerName,
  mode: 'source_silent',
  prefix: 'source_silent/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open, state }, now) {
    const known = state as Partial<Remembered> | null;
    const after = known?.position ?? firstTicketId(plusMs(now, -limits.accountHistoryMs));
    const until = firstTicketId(plusMs(now, -limits.driftSettleMs));
    const counted = await countArrivals(shell.db, after, until);
    const sources = [...shell.project().workflows.values()].map(({ trigger }) => trigger.source);
    const watched = Object.fromEntries(
      sources.map((source) => [source, known?.watched?.[source] ?? now.toISOString()]),
    );
    const next: Remembered = { position: counted?.last ?? after, watched };
    // A backlog is counted first: before, every source would seem silent.
    if (counted !== null && counted.tickets >= limits.arrivalsMax)
      return { found: [], over: [], state: next };
    const found = await silences(shell, watched, now);
    return { found, over: endedUnless(open, found, 'The source has spoken again, or need not'), state: next };
  },
};

async function silences(shell: Shell, watched: Remembered['watched'], now: Date): Promise<Finding[]> {
  const last = await lastArrivals(shell.db, Object.keys(watched));
  const found: Finding[] = [];
  for (const workflow of shell.project().workflows.values()) {
    const { source } = workflow.trigger;
    const since = last.get(source) ?? new Date(watched[source] ?? now);
    const silence = await silenceOf(shell, workflow, since, now);
    if (silence === null || !silence.alarm) continue;
    const { summary, detail } = silence;
    const key = findingKey('source_silent', source);
    const policy = workflow.exceptions;
    found.push({ mode: 'source_silent', key, ticketId: null, source, policy, summary, detail });
  }
  return found;
}

async function silenceOf(
  shell: Shell,
  { trigger }: CompiledWorkflow,
  since: Date,
  now: Date,
): Promise<Silence | null> {
  const { source, expectEveryMs, falseAlarmEveryMs } = trigger;
  if (expectEveryMs !== null) return fixedSilence(source, since, expectEveryMs, now);
  if (falseAlarmEveryMs === null) return null;
  // The silence itself must not teach that silence is usual, however long it lasts.
  const hours = await hoursOf(shell.db, source, plusMs(since, -learnedMs));
  const [first] = hours;
  if (first === undefined) return null;
  const pattern = learn(hours, first.hour, hourOf(since));
  return learnedSilence(source, since, pattern, falseAlarmEveryMs, now);
}
