import type { Tx } from '../../../db/schema.ts';
import type { Submitted } from '../../../intake/submitted.ts';
import type { Intake } from '../../../intake/worker.ts';
import { limits } from '../../../limits.ts';
import { nextPoll } from '../../../poll/next-poll.ts';
import type { PollEnd } from '../../../poll/poll.ts';
import type { Shell } from '../../../shell.ts';
import type { CompiledWorkflow } from '../../../workflow/workflow.ts';
import { dropsOver, tellDrops } from '../findings/worker.ts';
import { isUsable, reconciler, triggerOf } from '../listed.ts';
import {
  changeRun,
  countListed,
  countOurs,
  endOf,
  forgetContent,
  forgetListed,
  heldTickets,
  listedToTake,
  madeOfList,
  type RunChange,
  settleListed,
  unlikeListed,
} from '../store.ts';
import { type Suspicion, suspicion } from '../suspicion.ts';
import type { ListedRow, RunRow } from '../tables.ts';
import type { Window } from '../window.ts';

/** A stretch of a comparison: what it works on and with. */
export interface Stretch {
  readonly shell: Shell;
  readonly submit: Intake['submit'];
  readonly signal: AbortSignal;
  readonly workflow: CompiledWorkflow;
  /** As it was claimed. */
  readonly row: RunRow;
  /** What is younger may still come. */
  readonly settled: Date;
  /** Null: a file, which says of no time. */
  readonly window: Window | null;
  /** It leaves out nothing that has never been compared: what a person asks for may begin later. */
  readonly covers: boolean;
  /** Until when it may be silent. */
  leaseEnd(): Date;
  /** A person says that the list is what it is taken for. */
  readonly trust: boolean;
}

export type StretchEnd = PollEnd | { readonly kind: 'taken_over' };

/** A list that was taken, or why it was not. */
export interface Taken {
  readonly end: StretchEnd;
  /** Why other content was only told; null: it was taken, or there was none. */
  readonly unlike: string | null;
}

/**
 * Takes what a list has and we have not: through intake, as if it had come, so that the same contract, duplicates and
 * record count for it. What has come meanwhile is left. Where it breaks off, the next stretch goes on with what is not
 * settled: what it had made of it by then is recognised.
 */
export async function takeListed(stretch: Stretch): Promise<Taken> {
  const { shell, row, settled, window, signal } = stretch;
  const counts = await countListed(shell.db, row, settled);
  const ours = window === null ? null : (await countOurs(shell.db, row, window, beganAt(stretch))).ours;
  const doubts = suspicion(row.subject, { ...counts, ours });
  if (doubts.refused !== null && !stretch.trust) {
    return { end: { kind: 'failed', text: doubts.refused, retryAfter: null, restart: true }, unlike: null };
  }
  for (let after = ''; ; ) {
    if (signal.aborted) return { end: { kind: 'interrupted' }, unlike: doubts.unlike };
    const page = { settled, after, limit: limits.reconciliationTakenMax };
    const rows = await listedToTake(shell.db, row, page);
    const last = rows.at(-1);
    if (last === undefined) {
      await tell(stretch);
      return { end: { kind: 'caught_up' }, unlike: doubts.unlike };
    }
    if ((await takeSome(stretch, rows, doubts)) === 'busy') return { end: intakeFull, unlike: doubts.unlike };
    if ((await changeRun(shell.db, row, { lease_until: stretch.leaseEnd() })) === null) {
      return { end: { kind: 'taken_over' }, unlike: doubts.unlike };
    }
    after = last.identity;
  }
}

function beganAt({ row, shell }: Stretch): Date {
  return row.started_at ?? shell.clock.now();
}

/** Told before the comparison ends: one that breaks off in between tells it once more, and none is forgotten. */
async function tell({ shell, row, workflow, settled }: Stretch): Promise<void> {
  const now = shell.clock.now();
  const { made, missing } = await countListed(shell.db, row, settled);
  if (missing === 0) return await dropsOver(shell, row.subject, now);
  if (made === 0) return;
  const unlike = await unlikeListed(shell.db, row, settled, limits.pageRowsMax);
  const taken = unlike.filter(({ verdict, became }) => verdict === 'missing' && became === 'made');
  const kind = row.kind === 'file' ? 'file' : 'list';
  const drops = { source: row.subject, policy: workflow.exceptions, kind, taken, count: made } as const;
  await tellDrops(shell, drops, now);
}

const intakeFull: PollEnd = { kind: 'busy', retryAfterSeconds: limits.retryAfterSeconds };

async function takeSome(
  stretch: Stretch,
  rows: readonly ListedRow[],
  doubts: Suspicion,
): Promise<'busy' | null> {
  const { shell, row } = stretch;
  const started = beganAt(stretch);
  const tickets = await heldTickets(
    shell.db,
    row.subject,
    rows.map(({ identity }) => identity),
  );
  const byIdentity = Map.groupBy(tickets, ({ identity }) => identity);
  const ownIds = await madeOfList(
    shell.db,
    tickets.map(({ id }) => id),
    reconciler,
  );
  const settled = await Promise.allSettled(
    rows.map(async (each) => {
      const held = byIdentity.get(each.identity) ?? [];
      if (each.verdict === 'missing' && held.length > 0) {
        // Of an earlier stretch that could not say so any more; or it has come by itself.
        const own = held.find(({ id }) => ownIds.has(id));
        const became = own === undefined ? 'held' : ({ became: 'made', ticket_id: own.id } as const);
        return await settleListed(shell.db, each, became);
      }
      if (held.some(({ digest }) => digest === each.digest))
        return await settleListed(shell.db, each, 'held');
      // Its ticket has moved since the list was read: the next comparison judges.
      if (held.some(({ updatedAt }) => updatedAt >= started)) return null;
      return await takeOne(stretch, each, doubts);
    }),
  );
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return settled.some((each) => each.status === 'fulfilled' && each.value === 'busy') ? 'busy' : null;
}

async function takeOne(stretch: Stretch, each: ListedRow, doubts: Suspicion): Promise<'busy' | null> {
  const { shell, workflow, row, submit } = stretch;
  const whole = {
    source: row.subject,
    contentType: 'application/json',
    headers: {},
    body: each.body ?? Buffer.alloc(0),
    by: reconciler,
  };
  const trigger = triggerOf(workflow, { whole, part: each.part });
  const onlyTold = each.verdict === 'differs' && (doubts.unlike !== null || !mayReplace(stretch));
  const unusable =
    trigger === null || (each.verdict === 'differs' && !isUsable(workflow, trigger, shell.clock.now()));
  if (onlyTold || unusable) {
    await settleListed(shell.db, each, { became: 'told', ticket_id: each.ticket_id });
    return null;
  }
  const [submitted] = await submit([trigger], each.part === null ? undefined : whole);
  if (submitted === undefined || submitted.kind === 'busy') return 'busy';
  await settleListed(shell.db, each, { became: becameOf(submitted), ticket_id: submitted.ticketId });
  return null;
}

/** Of a file nothing tells when it was written: where no version does either, it replaces nothing. */
function mayReplace({ row, workflow }: Stretch): boolean {
  return row.kind === 'list' || workflow.trigger.duplicates.otherContent !== 'update';
}

function becameOf(submitted: Exclude<Submitted, { kind: 'busy' }>): NonNullable<ListedRow['became']> {
  if (submitted.kind === 'joined') return 'joined';
  return submitted.kind === 'accepted' && submitted.decision.kind === 'revised' ? 'revised' : 'made';
}

/** Writes the end of a stretch. Returns the row as it then is; null: another has taken over. */
export async function endStretch(stretch: Stretch, end: PollEnd, everyMs: number): Promise<RunRow | null> {
  const { shell, row, window, covers } = stretch;
  const now = shell.clock.now();
  const next = nextPoll(end, { failures: row.failures, everyMs }, now, Math.random());
  return await shell.db.transaction().execute(async (tx) => {
    if (end.kind !== 'caught_up') {
      const restart = end.kind === 'failed' && end.restart;
      const change: RunChange = restart
        ? { phase: 'idle', position: null, ...(await figures(tx, stretch)) }
        : {};
      const changed = await changeRun(tx, row, { ...endOf(next), ...change });
      if (changed !== null && restart) await forgetContent(tx, row);
      return changed;
    }
    const unlisted = window === null ? null : (await countOurs(tx, row, window, beganAt(stretch))).unlisted;
    const changed = await changeRun(tx, row, {
      ...endOf(next),
      ...(await figures(tx, stretch)),
      unlisted,
      phase: 'idle',
      position: null,
      succeeded_at: now,
      ...(window && covers && { covered_until: window.until }),
    });
    if (changed !== null) await forgetListed(tx, row);
    return changed;
  });
}

async function figures(tx: Tx, { row, settled }: Stretch): Promise<RunChange> {
  const { listed, missing, made, differs, waiting } = await countListed(tx, row, settled);
  return { listed, missing, back_filled: made, differing: differs, waiting };
}
