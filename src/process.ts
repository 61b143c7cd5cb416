import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { insertEntries } from './audit/store.ts';
import type { Database, Tx } from './db/schema.ts';
import { decide } from './decide.ts';
import type { Decision, Delivery, Facts, Trigger } from './decision.ts';
import { insertExceptions } from './exceptions/store.ts';
import { insertHandoffs } from './handoff/store.ts';
import type { Shell } from './shell.ts';
import { noFacts, type Placed, placeNew, rowsOf } from './ticket/place.ts';
import {
  claimIdentities,
  type Holder,
  insertDeliveries,
  insertTickets,
  joinDuplicates,
} from './ticket/store.ts';
import type { CompiledWorkflow } from './workflow/workflow.ts';

/** One trigger on its way through the group commit. Triggers of one delivery are in one group, in their order. */
export interface Arrival {
  readonly workflow: CompiledWorkflow;
  readonly trigger: Trigger;
  /** Null where the trigger came alone. */
  readonly delivery: Delivery | null;
}

/** What became of an arrival, after the commit. `ticketId` is the first ticket where it was joined. */
export interface Settled {
  readonly ticketId: string;
  readonly decision: Decision;
}

/**
 * Decides a group of triggers and writes them with one transaction: the shell of `decide`.
 * Claims of identities settle races: what loses its claim is decided again with the holder as a fact.
 * Everything of a trigger (bytes, ticket, entries, handoffs or exception, queued work) commits or nothing does.
 */
export async function processGroup(shell: Shell, arrivals: readonly Arrival[]): Promise<Settled[]> {
  const now = shell.clock.now();
  const first = arrivals.map(({ workflow, trigger }) => decide(workflow, trigger, noFacts, now));
  return await (shell.db as Kysely<Database>).transaction().execute(async (tx) => {
    const placed = await settleRaces(tx, arrivals, first, now);
    await write(shell, tx, placed, now);
    return placed.map(({ ticketId, decision }) => ({ ticketId, decision }));
  });
}

/** Claims every identity, then decides the losers again, each knowing who holds what it wanted. */
async function settleRaces(
  tx: Tx,
  arrivals: readonly Arrival[],
  decisions: readonly Decision[],
  now: Date,
): Promise<Placed[]> {
  const placed = arrivals.map((arrival, index) =>
    placeNew(arrival, decisions[index] as Decision, now, randomBytes),
  );
  const holders = await claimIdentities(
    tx,
    placed.filter(({ decision }) => decision.kind !== 'rejected'),
    now,
  );
  return placed.map((each) => {
    const holder = holders.get(each.ticketId);
    return holder === undefined ? each : again(each, holder, now);
  });
}

function again(placed: Placed, holder: Holder, now: Date): Placed {
  const facts: Facts = { holder, rerouteTo: null };
  const decision = decide(placed.workflow, placed.trigger, facts, now);
  return { ...placed, decision, ticketId: decision.kind === 'joined' ? decision.ticketId : placed.ticketId };
}

async function write(shell: Shell, tx: Tx, placed: readonly Placed[], now: Date): Promise<void> {
  const joined = placed.filter(({ decision }) => decision.kind === 'joined');
  const rows = rowsOf(
    placed.filter(({ decision }) => decision.kind !== 'joined'),
    now,
    randomBytes,
  );
  await insertDeliveries(tx, rows.deliveries);
  await insertTickets(tx, rows.tickets, rows.payloads);
  await insertEntries(tx, rows.entries);
  await insertHandoffs(tx, rows.handoffs);
  await insertExceptions(tx, rows.exceptions);
  await joinDuplicates(tx, joined, now);
  const jobs = rows.handoffs.filter(({ state }) => state === 'ready');
  await shell.queue.enqueue(
    tx,
    jobs.map((row) => ({ ticketId: row.ticket_id, handoffSeq: row.seq })),
  );
}
