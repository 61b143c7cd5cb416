import { insertEntries } from './audit/store.ts';
import { Batch } from './db/rows.ts';
import type { Tx } from './db/schema.ts';
import { decide } from './decide.ts';
import type { Delivery, IdentityClaim, TicketDecision, Trigger } from './decision.ts';
import { conflictClaim } from './dedupe/identity.ts';
import type { Once } from './dedupe/request/key.ts';
import { answerRequests, claimRequests } from './dedupe/request/store.ts';
import { type Claim, claimIdentities, writeClaimed } from './dedupe/store.ts';
import { settleRepeats } from './dedupe/worker.ts';
import { insertExceptions } from './exceptions/store.ts';
import { insertHandoffs } from './handoff/store.ts';
import { type Committed, submitted } from './intake/submitted.ts';
import { randomBytes } from './platform/random.ts';
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

/** Triggers that are taken together or not at all. */
export interface Arrivals {
  readonly arrivals: readonly Arrival[];
  /** Null: whoever sends it again sends another. */
  readonly once: Once | null;
}

/** What became of a delivery's triggers, after the commit. */
export type Processed =
  | { readonly kind: 'committed'; readonly triggers: readonly Committed[] }
  /** The same request was committed before, with this end. */
  | { readonly kind: 'repeated'; readonly triggers: readonly Committed[] }
  /** Its key stands for another request: nothing was taken. */
  | { readonly kind: 'key_reused' };

/**
 * Decides the lone triggers of a group and writes those that are the first of their identity, with one statement.
 * Returns what became of each delivery of the group; null where it was not written: `processGroup` takes those.
 */
export async function processFirsts(shell: Shell, group: readonly Arrivals[]): Promise<(Processed | null)[]> {
  const now = shell.clock.now();
  const placed = group.map(({ arrivals: [first, ...others], once }) => {
    const isLone = first !== undefined && others.length === 0 && first.delivery === null && once === null;
    const one = isLone ? place(first, now) : null;
    return one?.decision.kind === 'rejected' ? null : one;
  });
  const wanted = placed.filter((one) => one !== null);
  if (wanted.length === 0) return placed.map(() => null);
  const batch = new Batch();
  await addTickets(batch, rowsOf(wanted, new Map(), now, randomBytes));
  const claims = wanted.map((one) => claimOf(one, one.decision.identity));
  const lost = new Set(await writeClaimed(shell.db, batch, claims));
  shell.wake();
  return placed.map((one) =>
    one === null || lost.has(one.ticketId) ? null : { kind: 'committed', triggers: [submitted(one)] },
  );
}

function claimOf({ trigger: { source }, ticketId }: Placed, identity: IdentityClaim): Claim {
  return { ...identity, source, ticketId };
}

/**
 * Decides a group of deliveries and writes them with one transaction: the shell of `decide`.
 * Claims of identities settle races: what loses its claim is decided again with the holder as a fact, under its lock.
 * Everything of a trigger (bytes, ticket, entries, handoffs or exception) commits or nothing does.
 */
export async function processGroup(shell: Shell, group: readonly Arrivals[]): Promise<Processed[]> {
  const now = shell.clock.now();
  const placed = new Map(group.map((each) => [each, each.arrivals.map((arrival) => place(arrival, now))]));
  const processed = await shell.db.transaction().execute(async (tx) => {
    const onces = group.flatMap(({ once }) => once ?? []);
    const answered = await claimRequests(tx, onces, now);
    const fresh = group.filter(({ once }) => once === null || !answered.has(once.key));
    const settled = await settle(
      tx,
      fresh.flatMap((each) => placed.get(each) ?? []),
      now,
    );
    const endOf = (each: Arrivals) =>
      (placed.get(each) ?? []).map((one) => submitted(settled.get(one.ticketId) ?? one));
    await answerRequests(
      tx,
      fresh.flatMap((each) => (each.once ? [{ key: each.once.key, answers: endOf(each) }] : [])),
    );
    return group.map((each): Processed => {
      const before = each.once && answered.get(each.once.key);
      if (!before) return { kind: 'committed', triggers: endOf(each) };
      if (before.request !== each.once?.request) return { kind: 'key_reused' };
      return { kind: 'repeated', triggers: before.answers as Committed[] };
    });
  });
  shell.wake();
  return processed;
}

function place(arrival: Arrival, now: Date): Placed<TicketDecision> {
  const decision = ofTicket(decide(arrival.workflow, arrival.trigger, noFacts, now));
  return placeNew(arrival, decision, now, randomBytes);
}

/**
 * Writes what is first of its identity, then settles the rest on who came first. A content that conflicts has an
 * identity of its own, so that its exact repeats join it: what is left goes through the same once more.
 * Returns what became of the triggers that were not first, by the id that their ticket would have had.
 */
async function settle(tx: Tx, placed: readonly Placed<TicketDecision>[], now: Date) {
  const write = ticketWriter(tx, placed, now);
  const settled = new Map<string, Placed>();
  let open = placed;
  for (const identityOf of [(claim: IdentityClaim) => claim, conflictClaim]) {
    const wanted = open
      .filter(({ decision }) => decision.kind !== 'rejected')
      .map((each) => claimOf(each, identityOf(each.decision.identity)));
    const holders = await claimIdentities(tx, wanted, now);
    await write(open.filter(({ ticketId }) => !holders.has(ticketId)));
    const repeats = open.flatMap((each) => {
      const held = holders.get(each.ticketId);
      return held === undefined ? [] : [{ placed: each, claim: identityOf(each.decision.identity), held }];
    });
    const again = await settleRepeats(tx, repeats, now);
    for (const { repeated, becomes } of again) settled.set(repeated.placed.ticketId, becomes);
    open = again.flatMap(({ becomes }) => (isOfTicket(becomes) ? [becomes] : []));
  }
  return settled;
}

function isOfTicket(placed: Placed): placed is Placed<TicketDecision> {
  return placed.decision.kind !== 'joined' && placed.decision.kind !== 'revised';
}

/** Writes new tickets with all that belongs to them, and each delivery once. */
function ticketWriter(tx: Tx, all: readonly Placed[], now: Date) {
  const deliveries = deliveryRows(all, now, randomBytes);
  const unwritten = new Map(deliveries);
  return async (placed: readonly Placed<TicketDecision>[]): Promise<void> => {
    const rows = rowsOf(placed, deliveries, now, randomBytes);
    const named = [...new Set(placed.flatMap(({ delivery }) => delivery?.id ?? []))];
    const batch = new Batch();
    await insertDeliveries(
      batch,
      named.flatMap((id) => unwritten.get(id) ?? []),
    );
    for (const id of named) unwritten.delete(id);
    await addTickets(batch, rows);
    await batch.write(tx);
  };
}

async function addTickets(batch: Batch, rows: ReturnType<typeof rowsOf>): Promise<void> {
  await insertTickets(batch, rows.tickets, rows.payloads);
  await insertEntries(batch, rows.entries);
  await insertHandoffs(batch, rows.handoffs);
  await insertExceptions(batch, rows.exceptions);
}
