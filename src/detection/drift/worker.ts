import { isDatabaseError } from '../../db/database-error.ts';
import type { Tx } from '../../db/schema.ts';
import type { Trigger } from '../../decision.ts';
import { AppError } from '../../errors.ts';
import { payloadOf } from '../../intake/split.ts';
import { limits } from '../../limits.ts';
import { firstTicketId } from '../../platform/ids.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import type { CompiledTrigger } from '../../workflow/workflow.ts';
import { changesBetween, countIn, isRare } from './changes.ts';
import { isDescribed } from './described.ts';
import {
  acknowledgeFinding,
  claimReader,
  closeFinding,
  type DriftRow,
  findDrift,
  keepWindow,
  moveReader,
  openDrift,
  openFindings,
  payloadsFor,
  ticketsBetween,
  windowsOf,
} from './store.ts';
import { emptyWindow, extended, isFull, kindOf, turned, usualOf, type Window } from './window.ts';

/**
 * Reads the tickets that have come since the last reading, looks at some of their payloads, and opens and closes
 * findings. Nothing of it is in the way of intake: it reads what was committed, by the tickets' key. One node does it at
 * a time, in one transaction with the position that it has come to. Returns how many findings changed.
 */
export async function sweepDrift(shell: Shell, now: Date): Promise<number> {
  return await shell.db.transaction().execute(async (tx) => {
    const reader = await claimReader(tx, now);
    if (reader === null) return 0;
    const first = firstTicketId(plusMs(now, -limits.driftHistoryMs));
    const [, after = first] = [reader.position, first].sort();
    const until = firstTicketId(plusMs(now, -limits.driftSettleMs));
    const tickets = await ticketsBetween(tx, after, until);
    const wholeLot = tickets.length < limits.driftTicketsMax;
    const last = tickets.at(-1)?.id;
    await moveReader(tx, last ?? after, wholeLot ? plusMs(now, limits.driftEveryMs) : now);

    const failed: string[] = [];
    let changed = await closeDescribed(shell, tx, now);
    const bySource = await payloadsBySource(tx, tickets);
    for (const [source, rows] of bySource) {
      // A payload that cannot be looked at must not keep the reading from going on.
      try {
        changed += await lookAt(shell, tx, source, rows, now);
      } catch (error) {
        // The transaction is broken by then.
        if (isDatabaseError(error)) throw error;
        shell.log.error({ err: error, source }, 'the payloads of a source could not be looked at');
        failed.push(source);
      }
    }
    if (failed.length > 0) shell.log.warn({ sources: failed }, 'drift: sources left out of this reading');
    return changed;
  });
}

type PayloadRow = Awaited<ReturnType<typeof payloadsFor>>[number];

/** Payloads of some of the tickets, spread over all of them, by source. */
async function payloadsBySource(
  tx: Tx,
  tickets: readonly { id: string; source: string }[],
): Promise<Map<string, PayloadRow[]>> {
  const bySource = [...Map.groupBy(tickets, ({ source }) => source).values()];
  const each = Math.max(1, Math.floor(limits.driftPayloadsMax / Math.max(1, bySource.length)));
  const chosen = bySource.flatMap((all) => spread(all, each)).slice(0, limits.driftPayloadsMax);
  const rows = await payloadsFor(
    tx,
    chosen.map(({ id }) => id),
  );
  return Map.groupBy(rows, ({ source }) => source);
}

/** At most so many, evenly. */
function spread<T>(all: readonly T[], most: number): T[] {
  const step = all.length / most;
  return step <= 1
    ? [...all]
    : all.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** Adds payloads to what is known of a source, and holds its windows against what is usual where it is time. */
async function lookAt(
  shell: Shell,
  tx: Tx,
  source: string,
  rows: readonly PayloadRow[],
  now: Date,
): Promise<number> {
  const trigger = triggerOf(shell, source);
  if (trigger === null) return 0;
  const windows = await windowsOf(tx, source);
  const kinds = new Set(windows.keys());
  const byKind = Map.groupBy(soundPayloads(trigger, rows), ({ kind }) => {
    if (!kinds.has(kind) && kinds.size >= limits.driftKindsMax) return '';
    kinds.add(kind);
    return kind;
  });
  let changed = 0;
  for (const [kind, found] of byKind) {
    let window = windows.get(kind) ?? emptyWindow;
    // A burst of one moment must not fill a window, and a backlog is read as it would have been in its time.
    for (const moment of Map.groupBy(found, ({ at }) => at).values()) {
      const payloads = moment.slice(0, limits.driftKindPayloadsMax).map(({ payload }) => payload);
      const grown = extended(window, payloads);
      if (grown.look) changed += await judge(tx, { source, kind }, grown, trigger.contract.schema, now);
      window = turned(grown);
    }
    await keepWindow(tx, source, kind, window, now);
    windows.set(kind, window);
  }
  return changed;
}

/** The payloads that satisfy their contract: what does not is an exception, and no drift. */
function* soundPayloads(trigger: CompiledTrigger, rows: readonly PayloadRow[]) {
  for (const { id, source, part, content_type: contentType, headers: text, body } of rows) {
    if (body === null) continue;
    const headers = JSON.parse(text) as Trigger['headers'];
    const parsed = payloadOf(trigger, {
      source,
      contentType,
      headers,
      body,
      ...(part === null ? {} : { part }),
    });
    if (!parsed.ok || trigger.contract.validate(parsed.value).length > 0) continue;
    const at = Math.floor(timeOfId(id) / limits.driftEveryMs);
    yield { kind: kindOf(parsed.value, headers), payload: parsed.value, at };
  }
}

/** When a ticket's id was made: the first 48 bits of a UUIDv7, in ms. */
function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function triggerOf(shell: Shell, source: string): CompiledTrigger | null {
  return (
    [...shell.project().workflows.values()].find(({ trigger }) => trigger.source === source)?.trigger ?? null
  );
}

/**
 * Opens what is new and closes what is over. What nobody has acknowledged becomes an exception a round later
 * (src/detection/drift/told/worker.ts).
 */
async function judge(
  tx: Tx,
  at: { readonly source: string; readonly kind: string },
  window: Window,
  schema: unknown,
  now: Date,
): Promise<number> {
  const { recent } = window;
  const usual = usualOf(window);
  if (recent === null || usual === null) return 0;
  const ofSource = (await openDrift(tx)).filter(({ source }) => source === at.source);
  const over = ofSource.filter((each) => each.kind === at.kind && isOver(each, window));
  for (const { id } of over) await closeFinding(tx, id, 'over', now);
  const changes = changesBetween(usual, recent)
    .map((change) => ({ ...change, described: isDescribed(schema, change) }))
    // What the contract speaks of is no surprise; that it is gone is one.
    .filter(({ change, described }) => change === 'vanished' || !described);
  const free = Math.max(0, limits.driftOpenMax - (ofSource.length - over.length));
  const opened = await openFindings(tx, at, changes.slice(0, free), now);
  return over.length + opened;
}

/** Whether what was found is no longer so: a field that is back, a surprise that a full window does not have. */
function isOver(finding: DriftRow, window: Window): boolean {
  const count = window.recent === null ? null : countIn(window.recent, finding);
  if (finding.change !== 'vanished') return isFull(window) && (count === null || count.seen === 0);
  const before = { seen: finding.before_seen, of: finding.before_of };
  return count !== null && count.of > 0 && !isRare(before, count);
}

/** Closes what the contract speaks of by now, or no longer does, and what is about a source that nobody reads any more. */
async function closeDescribed(shell: Shell, tx: Tx, now: Date): Promise<number> {
  let closed = 0;
  for (const finding of await openDrift(tx)) {
    const trigger = triggerOf(shell, finding.source);
    if (trigger !== null && isDescribed(trigger.contract.schema, finding) === finding.described) continue;
    await closeFinding(tx, finding.id, trigger === null ? 'over' : 'in_contract', now);
    closed += 1;
  }
  return closed;
}

/** What `/health/ready` tells of drift; null: nothing is open that nobody knows of. */
export async function driftTrouble({ db }: Pick<Shell, 'db'>): Promise<string | null> {
  const open = (await openDrift(db)).filter((finding) => finding.acknowledged_at === null);
  const sources = [...new Set(open.map(({ source }) => source))].sort();
  if (open.length === 0) return null;
  const findings = open.length === 1 ? 'One change' : `${open.length} changes`;
  return `${findings} in the payloads of ${sources.slice(0, 5).join(', ')}${sources.length > 5 ? ', …' : ''}; \`signalbox drift\` tells which.`;
}

/** Notes that a person knows of a finding. Throws AppError: not_found, or conflict where it is over or known already. */
export async function acknowledgeDrift(
  { db, clock }: Pick<Shell, 'db' | 'clock'>,
  id: number,
  by: { readonly actor: string; readonly reason: string },
): Promise<DriftRow> {
  const row = await acknowledgeFinding(db, id, by, clock.now());
  if (row !== null) return row;
  const there = await findDrift(db, id);
  if (there === null)
    throw new AppError('not_found', `There is no finding ${id}.`, { help: '`signalbox drift` lists them.' });
  const why = there.closed_at === null ? `${there.acknowledged_by} has acknowledged it before` : 'it is over';
  throw new AppError('conflict', `Finding ${id} cannot be acknowledged: ${why}.`, {
    help: '`signalbox drift --all` shows it.',
  });
}
