import { type ChainedEntry, chain, type EntryDraft, emptyChain } from '../audit/chain.ts';
import { canonical, payloadDigest } from '../audit/encoding.ts';
import type { TicketState } from '../db/schema.ts';
import type { Decision, Delivery, Facts, Joined, TicketDecision, Trigger } from '../decision.ts';
import { triageModes } from '../exceptions/exception.ts';
import { exceptionOpenedEntry, exceptionRow } from '../exceptions/open.ts';
import { handoffPromisedEntry, handoffRow } from '../handoff/rows.ts';
import { ticketId } from '../platform/ids.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';

/** From a decision to the rows that say it: pure, with randomness as an argument. */

export const noFacts: Facts = { holder: null, rerouteTo: null };

/** A decided trigger with the ticket it makes, joins or revises. */
export interface Placed<D extends Decision = Decision> {
  readonly workflow: CompiledWorkflow;
  readonly trigger: Trigger;
  readonly delivery: Delivery | null;
  readonly decision: D;
  readonly ticketId: string;
}

type Random = (bytes: number) => Uint8Array;

export function placeNew(
  arrival: { workflow: CompiledWorkflow; trigger: Trigger; delivery: Delivery | null },
  decision: TicketDecision,
  now: Date,
  random: Random,
): Placed<TicketDecision> {
  const id = ticketId(now, arrival.trigger.source, decision.identity.identity, random(8));
  return { ...arrival, decision, ticketId: id };
}

/** A decision that makes a ticket, or decides one again: where no other ticket is known, every one does. */
export function ofTicket(decision: Decision): TicketDecision {
  if (decision.kind === 'joined' || decision.kind === 'revised') {
    throw new Error(`${decision.kind} with ticket ${decision.ticketId}, of which nothing was known`);
  }
  return decision;
}

/** The state that a decision leaves a ticket in. */
export function stateAfter(decision: TicketDecision): TicketState {
  switch (decision.kind) {
    case 'rejected':
      return 'rejected';
    case 'stopped':
      return triageModes.has(decision.exception.mode) ? 'triage' : 'exception';
    case 'routed':
      return decision.handoffs.length === 0 ? 'done' : 'handoff';
  }
}

/** The audit text of a decision: codes and sentences, no values of the payload (entries outlive an erased payload). */
export function decidedEntry(decision: Decision, workflow: CompiledWorkflow): EntryDraft {
  const route = 'route' in decision && decision.route !== null ? decision.route : null;
  return {
    kind: 'decided',
    actor: 'signalbox',
    data: {
      ...(route && { confidence: route.confidence }),
      decision: decision.kind,
      reasons: decision.reasons.map(({ code, rung, text }) => ({ code, rung, text })),
      ...(route && { route: route.to }),
      version: workflow.version,
      workflow: workflow.name,
    },
  };
}

/** A payload's row and what the chain says of it. */
export function payloadRow(id: string, revision: number, trigger: Trigger, random: Random) {
  return { ticket_id: id, revision, ...keptBytes(trigger, random) };
}

function deliveryRow({ id, whole }: Delivery, now: Date, random: Random) {
  return { id, source: whole.source, received_at: now, ...keptBytes(whole, random) };
}

/** What was sent, with the salted digest that stands in the chain. */
function keptBytes(trigger: Trigger, random: Random) {
  const salt = Buffer.from(random(16));
  const headers = canonical(trigger.headers);
  return {
    content_type: trigger.contentType,
    headers,
    body: trigger.body,
    salt,
    digest: payloadDigest(salt, trigger.contentType, headers, trigger.body),
  };
}

/** Exceptions and handoffs of a decision, with the entries that announce them. Sequences go on after `last`. */
export function consequences(
  placed: Pick<Placed<TicketDecision>, 'workflow' | 'decision' | 'ticketId'>,
  last: { handoffSeq: number; exceptionSeq: number; revision: number; behindUndo?: boolean },
  now: Date,
) {
  const { decision, ticketId: id, workflow } = placed;
  const handoffs =
    decision.kind === 'routed'
      ? decision.handoffs.map((draft, index) =>
          handoffRow(id, last.handoffSeq + index + 1, last.revision, draft, now, last.behindUndo),
        )
      : [];
  const exceptions =
    decision.kind === 'stopped'
      ? [exceptionRow(id, last.exceptionSeq + 1, workflow.name, decision.exception, now)]
      : [];
  const entries: EntryDraft[] = [
    ...handoffs.map((row) => handoffPromisedEntry(row)),
    ...exceptions.map((row) => exceptionOpenedEntry(row)),
  ];
  if (decision.kind === 'routed' && handoffs.length === 0) entries.push(doneEntry);
  return { handoffs, exceptions, entries };
}

export const doneEntry: EntryDraft = { kind: 'done', actor: 'signalbox', data: {} };

/** What the deliveries of some triggers are written as, by their ids. Tickets name it in their chains. */
export type DeliveryRows = ReadonlyMap<string, ReturnType<typeof deliveryRow>>;

export function deliveryRows(placed: readonly Placed[], now: Date, random: Random): DeliveryRows {
  const deliveries = new Map(placed.flatMap(({ delivery }) => (delivery ? [[delivery.id, delivery]] : [])));
  return new Map([...deliveries].map(([id, delivery]) => [id, deliveryRow(delivery, now, random)]));
}

/** All rows of new tickets but those of their deliveries. */
export function rowsOf(
  placed: readonly Placed<TicketDecision>[],
  deliveries: DeliveryRows,
  now: Date,
  random: Random,
) {
  const all = placed.map((each) =>
    rowsOfOne(each, deliveries.get(each.delivery?.id ?? '') ?? null, now, random),
  );
  return {
    tickets: all.map((rows) => rows.ticket),
    payloads: all.map((rows) => rows.payload),
    entries: all.flatMap((rows) => rows.entries),
    handoffs: all.flatMap((rows) => rows.handoffs),
    exceptions: all.flatMap((rows) => rows.exceptions),
  };
}

function rowsOfOne(
  placed: Placed<TicketDecision>,
  delivery: ReturnType<typeof deliveryRow> | null,
  now: Date,
  random: Random,
) {
  const { workflow, trigger, decision, ticketId: id } = placed;
  const payload = payloadRow(id, 1, trigger, random);
  const made = consequences(placed, { handoffSeq: 0, exceptionSeq: 0, revision: 1 }, now);
  const received: EntryDraft = {
    kind: 'received',
    actor: senderOf(trigger),
    data: {
      bytes: trigger.body.length,
      content_type: trigger.contentType,
      ...(delivery && { delivery: delivery.id, delivery_digest: delivery.digest.toString('hex') }),
      ...(delivery && { part: trigger.part ?? 0 }),
      payload: payload.digest.toString('hex'),
      revision: 1,
    },
  };
  const entries = chain(id, emptyChain, [received, decidedEntry(decision, workflow), ...made.entries], now);
  const { handoffs, exceptions } = made;
  return { ticket: ticketRow(placed, entries, now), payload, entries, handoffs, exceptions };
}

function ticketRow(placed: Placed<TicketDecision>, entries: readonly ChainedEntry[], now: Date) {
  const { decision } = placed;
  const head = entries.at(-1) as ChainedEntry;
  const state = stateAfter(decision);
  const routed = decision.kind === 'rejected' ? null : decision.route;
  return {
    id: placed.ticketId,
    source: placed.trigger.source,
    delivery_id: placed.delivery?.id ?? null,
    part: placed.delivery === null ? null : (placed.trigger.part ?? 0),
    workflow: placed.workflow.name,
    workflow_version: placed.workflow.version,
    identity: decision.identity.identity,
    digest: decision.identity.digest,
    state,
    owner: placed.workflow.owner,
    alternate: placed.workflow.alternate,
    fields: JSON.stringify(decision.kind === 'rejected' ? {} : decision.fields),
    route: routed?.to ?? null,
    confidence: routed?.confidence ?? null,
    revision: 1,
    joined: 0,
    received_at: now,
    updated_at: now,
    settled_at: state === 'done' || state === 'rejected' ? now : null,
    head_seq: head.seq,
    head_hash: head.hash,
  };
}

/** What a repeated trigger leaves on the ticket that it joins. */
export function joinedEntry({ trigger, decision }: Placed<Joined>): EntryDraft {
  const { outdated } = decision;
  return {
    kind: outdated === null ? 'duplicate_joined' : 'outdated_joined',
    actor: senderOf(trigger),
    data: {
      bytes: trigger.body.length,
      ...(trigger.part !== undefined && { part: trigger.part }),
      ...(outdated && { held: outdated.held, came: outdated.came }),
    },
  };
}

/** Who an entry says has sent a trigger. */
export function senderOf({ source, by }: Trigger): string {
  return by ?? `source:${source}`;
}
