import type { EntryDraft } from '../audit/chain.ts';
import type { Db, Tx } from '../db/schema.ts';
import { decide } from '../decide.ts';
import type { Holder, IdentityClaim, Joined, TicketDecision } from '../decision.ts';
import { attemptsOf, handoffsOf } from '../handoff/store.ts';
import { revise } from '../replay.ts';
import { joinedEntry, type Placed } from '../ticket/place.ts';
import { changeTicket, lockTicket, type TicketRow } from '../ticket/store.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { fixedBecause } from './fixed.ts';
import { remembered } from './repeat.ts';
import { type Held, remember } from './store.ts';

/** A trigger that lost its claim, and the ticket that won it. */
export interface Repeated {
  readonly placed: Placed<TicketDecision>;
  readonly claim: IdentityClaim;
  readonly held: Held;
}

/**
 * Decides triggers whose identity other tickets hold, each with its holder's row locked, and writes what joins or
 * revises it. Tickets are locked in the order of their ids; the triggers of one keep theirs. Returned in any order:
 * what is decided to a ticket of its own (a conflict, say) is not written yet.
 */
export async function settleRepeats(
  tx: Tx,
  repeats: readonly Repeated[],
  now: Date,
): Promise<{ readonly repeated: Repeated; readonly becomes: Placed }[]> {
  const byTicket = Map.groupBy(repeats, ({ held }) => held.ticketId);
  const settled = [];
  for (const id of [...byTicket.keys()].sort()) {
    settled.push(...(await settleOnTicket(tx, byTicket.get(id) ?? [], now)));
  }
  return settled;
}

async function settleOnTicket(tx: Tx, repeats: readonly Repeated[], now: Date) {
  const [{ held, claim, placed: first }] = repeats as [Repeated, ...Repeated[]];
  let ticket = await lockTicket(tx, held.ticketId);
  if (ticket === null) throw new Error(`identity names ticket ${held.ticketId}, which does not exist`);
  let holder = await holderOf(tx, ticket, held, first.workflow);
  let until: Date | null = null;
  const joined: Placed<Joined>[] = [];
  const settled = [];
  for (const repeated of repeats) {
    const becomes = decidedAgain(repeated.placed, holder, now);
    const { decision } = becomes;
    if (decision.kind === 'joined') joined.push({ ...becomes, decision });
    if (decision.kind === 'revised') {
      ticket = await noteJoined(tx, ticket, joined.splice(0), now);
      ticket = await revise(tx, ticket, { ...becomes, decision }, now);
    }
    const after = remembered(holder, decision);
    if (after !== holder) until = decision.identity.until;
    holder = decision.kind === 'revised' ? await holderOf(tx, ticket, after as Held, first.workflow) : after;
    settled.push({ repeated, becomes });
  }
  await noteJoined(tx, ticket, joined, now);
  if (until !== null) {
    await remember(tx, { ...claim, source: first.trigger.source, ...(holder as Held), until });
  }
  return settled;
}

function decidedAgain(placed: Placed<TicketDecision>, holder: Holder, now: Date): Placed {
  const decision = decide(placed.workflow, placed.trigger, { holder, rerouteTo: null }, now);
  const joins = decision.kind === 'joined' || decision.kind === 'revised';
  return { ...placed, decision, ticketId: joins ? decision.ticketId : placed.ticketId };
}

/** What a holder is to its repeats. Where other content is always an exception nobody asks whether it can be replaced. */
export async function holderOf(
  db: Db,
  ticket: TicketRow,
  { digest, version }: Pick<Held, 'digest' | 'version'>,
  workflow: CompiledWorkflow,
): Promise<Holder> {
  const known = { ticketId: ticket.id, digest, version };
  if (workflow.trigger.duplicates.otherContent === 'exception') return { ...known, fixed: null };
  // Decided again it would be under another workflow, which knows nothing of what this one has promised.
  if (ticket.workflow !== workflow.name) return { ...known, fixed: `it belongs to ${ticket.workflow}` };
  const { state, settled_at } = ticket;
  const [handoffs, attempts] = [await handoffsOf(db, ticket.id), await attemptsOf(db, ticket.id)];
  return { ...known, fixed: fixedBecause({ state, settled: settled_at !== null, handoffs, attempts }) };
}

async function noteJoined(
  tx: Tx,
  ticket: TicketRow,
  joined: readonly Placed<Joined>[],
  now: Date,
): Promise<TicketRow> {
  if (joined.length === 0) return ticket;
  const entries: EntryDraft[] = joined.map(joinedEntry);
  return await changeTicket(tx, ticket, { entries, joined: ticket.joined + joined.length }, now);
}
