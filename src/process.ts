import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { insertEntries } from './audit/store.ts';
import type { Database, Tx } from './db/schema.ts';
import { decide } from './decide.ts';
import type { Decision, Delivery, IdentityClaim, TicketDecision, Trigger } from './decision.ts';
import { conflictClaim } from './dedupe/identity.ts';
import { claimIdentities } from './dedupe/store.ts';
import { settleRepeats } from './dedupe/worker.ts';
import { insertExceptions } from './exceptions/store.ts';
import { insertHandoffs } from './handoff/store.ts';
import type { Shell } from './shell.ts';
import { deliveryRows, noFacts, ofTicket, type Placed, placeNew, rowsOf } from './ticket/place.ts';
import { insertDeliveries, insertTickets } from './ticket/store.ts';
import type { CompiledWorkflow } from './workflow/workflow.ts';

/** One trigger on its way through the group commit. Triggers of one delivery are in one group, in their order. */
export interface Arrival {
  readonly workflow: CompiledWorkflow;
  readonly trigger: Trigger;
  /** Null where the trigger came alone. */
  readonly delivery: Delivery | null;
}

/** What became of an arrival, after the commit. `ticketId` is the first ticket where it was joined or has revised it. */
export interface Settled {
  readonly ticketId: string;
  readonly decision: Decision;
}

/**
 * Decides a group of triggers and writes them with one transaction: the shell of `decide`.
 * Claims of identities settle races: what loses its claim is decided again with the holder as a fact, under its lock.
 * Everything of a trigger (bytes, ticket, entries, handoffs or exception, queued work) commits or nothing does.
 */
export async function processGroup(shell: Shell, arrivals: readonly Arrival[]): Promise<Settled[]> {
  const now = shell.clock.now();
  const placed = arrivals.map((arrival) => {
    const decision = ofTicket(decide(arrival.workflow, arrival.trigger, noFacts, now));
    return placeNew(arrival, decision, now, randomBytes);
  });
  return await (shell.db as Kysely<Database>).transaction().execute(async (tx) => {
    const settled = await settle(shell, tx, placed, now);
    return placed.map((each) => settled.get(each.ticketId) ?? each);
  });
}

/**
 * Writes what is first of its identity, then settles the rest on who came first. A content that conflicts has an
 * identity of its own, so that its exact repeats join it: what is left goes through the same once more.
 * Returns what became of the triggers that were not first, by the id that their ticket would have had.
 */
async function settle(shell: Shell, tx: Tx, placed: readonly Placed<TicketDecision>[], now: Date) {
  const write = ticketWriter(shell, tx, placed, now);
  const settled = new Map<string, Placed>();
  let open = placed;
  for (const claimOf of [(claim: IdentityClaim) => claim, conflictClaim]) {
    const wanted = open
      .filter(({ decision }) => decision.kind !== 'rejected')
      .map(({ trigger: { source }, decision, ticketId }) => {
        return { ...claimOf(decision.identity), source, ticketId };
      });
    const holders = await claimIdentities(tx, wanted, now);
    await write(open.filter(({ ticketId }) => !holders.has(ticketId)));
    const repeats = open.flatMap((each) => {
      const held = holders.get(each.ticketId);
      return held === undefined ? [] : [{ placed: each, claim: claimOf(each.decision.identity), held }];
    });
    const again = await settleRepeats(shell, tx, repeats, now);
    for (const { repeated, becomes } of again) settled.set(repeated.placed.ticketId, becomes);
    open = again.flatMap(({ becomes }) => (isOfTicket(becomes) ? [becomes] : []));
  }
  return settled;
}

function isOfTicket(placed: Placed): placed is Placed<TicketDecision> {
  return placed.decision.kind !== 'joined' && placed.decision.kind !== 'revised';
}

/** Writes new tickets with all that belongs to them, and each delivery once. */
function ticketWriter(shell: Shell, tx: Tx, all: readonly Placed[], now: Date) {
  const deliveries = deliveryRows(all, now, randomBytes);
  const unwritten = new Map(deliveries);
  return async (placed: readonly Placed<TicketDecision>[]): Promise<void> => {
    const rows = rowsOf(placed, deliveries, now, randomBytes);
    const named = [...new Set(placed.flatMap(({ delivery }) => delivery?.id ?? []))];
    await insertDeliveries(
      tx,
      named.flatMap((id) => unwritten.get(id) ?? []),
    );
    for (const id of named) unwritten.delete(id);
    await insertTickets(tx, rows.tickets, rows.payloads);
    await insertEntries(tx, rows.entries);
    await insertHandoffs(tx, rows.handoffs);
    await insertExceptions(tx, rows.exceptions);
    const ready = rows.handoffs.filter(({ state }) => state === 'ready');
    await shell.queue.enqueue(
      tx,
      ready.map((row) => ({ ticketId: row.ticket_id, handoffSeq: row.seq })),
    );
  };
}
