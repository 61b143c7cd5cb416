import { randomBytes } from 'node:crypto';
import type { EntryDraft } from './audit/chain.ts';
import type { Db, Tx } from './db/schema.ts';
import { decide } from './decide.ts';
import type { Facts, Revised, TicketDecision, Trigger } from './decision.ts';
import { identify } from './dedupe/identity.ts';
import { findHeld } from './dedupe/store.ts';
import { ownSource } from './detection/finding/finding.ts';
import { AppError } from './errors.ts';
import { insertExceptions, lastExceptionSeq } from './exceptions/store.ts';
import { supersedeOpen } from './exceptions/worker.ts';
import { handoffEffects } from './handoff/acts/worker.ts';
import { handoffsOf, insertHandoffs, lastHandoffSeq } from './handoff/store.ts';
import { isUndoPending } from './handoff/undo/undo.ts';
import { keptValue } from './intake/payload.ts';
import { payloadOf } from './intake/split.ts';
import type { Shell } from './shell.ts';
import { changedPaths } from './ticket/difference.ts';
import {
  consequences,
  decidedEntry,
  ofTicket,
  type Placed,
  payloadRow,
  senderOf,
  stateAfter,
} from './ticket/place.ts';
import { changeTicket, insertPayload, latestPayload, type TicketRow } from './ticket/store.ts';
import type { CompiledWorkflow, Ref } from './workflow/workflow.ts';

/** What a person changes when a ticket is decided again. */
export interface Replay {
  /** The repaired payload, as JSON; absent: the bytes as they came. */
  readonly payload?: unknown;
  /** Where it goes instead of what the rules say. */
  readonly rerouteTo?: Ref;
  readonly actor: string;
}

/**
 * Decides a locked ticket again under the workflow in force, because a person says so.
 * The earlier payload stays beside the edited one; the entry names what differs. Returns the ticket as it then stands.
 */
export async function replay(
  shell: Shell,
  tx: Tx,
  ticket: TicketRow,
  options: Replay,
  now: Date,
): Promise<TicketRow> {
  const { workflow, trigger, decision } = await rehearseReplay(shell, tx, ticket, options, now);
  return await writeRevision(
    tx,
    ticket,
    {
      workflow,
      trigger,
      decision,
      edited: options.payload !== undefined,
      why: {
        kind: 'replayed',
        actor: options.actor,
        data: options.rerouteTo ? { reroute_to: options.rerouteTo } : {},
      },
    },
    now,
  );
}

/** What a replay would decide, with the facts as they stand; writes nothing. */
export async function rehearseReplay(
  shell: Shell,
  db: Db,
  ticket: TicketRow,
  options: Pick<Replay, 'payload' | 'rerouteTo'>,
  now: Date,
): Promise<{ workflow: CompiledWorkflow; trigger: Trigger; decision: TicketDecision }> {
  const workflow = workflowInForce(shell, ticket);
  const trigger = triggerOf(ticket, await latestPayload(db, ticket.id), options.payload);
  const facts: Facts = {
    holder: await otherHolder(db, ticket, workflow, trigger, now),
    rerouteTo: options.rerouteTo ?? null,
  };
  return { workflow, trigger, decision: ofTicket(decide(workflow, trigger, facts, now)) };
}

/**
 * Decides a locked ticket again because its sender has newer content for it, none of which has been handed off: what
 * was promised is cancelled, and what stood open is superseded. Returns the ticket as it then stands.
 */
export async function revise(
  tx: Tx,
  ticket: TicketRow,
  { workflow, trigger, decision: { becomes } }: Placed<Revised>,
  now: Date,
): Promise<TicketRow> {
  const actor = senderOf(trigger);
  const because = { by: actor, rootCause: 'newer-content', note: 'The sender sent newer content' };
  const superseded = await supersedeOpen(tx, ticket, because, now);
  const cleared = await handoffEffects.cancelHandoffs(tx, superseded, 'newer content', actor, now);
  const why = { kind: 'revised', actor, data: { bytes: trigger.body.length } };
  return await writeRevision(tx, cleared, { workflow, trigger, decision: becomes, edited: true, why }, now);
}

/** A ticket that is decided again. */
interface Revision {
  readonly workflow: CompiledWorkflow;
  readonly trigger: Trigger;
  readonly decision: TicketDecision;
  /** Its payload is another than before, and is kept. */
  readonly edited: boolean;
  /** The entry that says so; revision and payload are added to its data. */
  readonly why: EntryDraft;
}

/** Writes a decision as a ticket's next revision: its handoffs get keys of their own. */
async function writeRevision(
  tx: Tx,
  ticket: TicketRow,
  { workflow, trigger, decision, edited, why }: Revision,
  now: Date,
): Promise<TicketRow> {
  const revision = ticket.revision + 1;
  const payload = edited ? payloadRow(ticket.id, revision, trigger, randomBytes) : null;
  const changed = payload && {
    payload: payload.digest.toString('hex'),
    changed: changedPaths(
      keptValue(await latestPayload(tx, ticket.id), workflow.trigger.jsonField),
      keptValue(payload, workflow.trigger.jsonField),
    ),
  };
  const made = consequences(
    { workflow, decision, ticketId: ticket.id },
    {
      handoffSeq: await lastHandoffSeq(tx, ticket.id),
      exceptionSeq: await lastExceptionSeq(tx, ticket.id),
      revision,
      behindUndo: isUndoPending(revision, await handoffsOf(tx, ticket.id)),
    },
    now,
  );
  if (payload !== null) await insertPayload(tx, payload);
  await insertHandoffs(tx, made.handoffs);
  await insertExceptions(tx, made.exceptions);
  const entry = { ...why, data: { ...why.data, revision, ...changed } };
  const routed = decision.kind === 'rejected' ? null : decision.route;
  return await changeTicket(
    tx,
    ticket,
    {
      entries: [entry, decidedEntry(decision, workflow), ...made.entries],
      state: stateAfter(decision),
      revision,
      workflowVersion: workflow.version,
      ...(edited && { digest: decision.identity.digest }),
      ...(decision.kind === 'rejected' ? {} : { fields: decision.fields }),
      ...(routed && { route: routed.to, confidence: routed.confidence }),
    },
    now,
  );
}

/** The workflow as deployed now; what it would have rejected at the door is an exception here, for a person is at work on it. */
export function workflowInForce(shell: Shell, ticket: TicketRow): CompiledWorkflow {
  const workflow = shell.project().workflows.get(ticket.workflow);
  if (ticket.source === ownSource) {
    throw new AppError('unprocessable', 'Nothing was received here that could be decided again', {
      help: 'Confirm with evidence what was done about it, or discard it with the reason',
    });
  }
  if (workflow === undefined) {
    throw new AppError('conflict', `The workflow ${ticket.workflow} is no longer in the project`, {
      help: 'Bring it back, or confirm the work by hand, or discard the ticket',
    });
  }
  return { ...workflow, trigger: { ...workflow.trigger, onInvalid: 'exception' } };
}

function triggerOf(
  ticket: TicketRow,
  earlier: { body: Buffer | null; content_type: string; headers: string },
  edited: unknown,
): Trigger {
  if (edited === undefined && earlier.body === null) {
    throw new AppError('conflict', 'The payload of this ticket was erased', {
      help: 'Replay with a payload',
    });
  }
  return {
    source: ticket.source,
    contentType: edited === undefined ? earlier.content_type : 'application/json',
    headers: JSON.parse(earlier.headers) as Record<string, string>,
    body: edited === undefined ? (earlier.body as Buffer) : Buffer.from(JSON.stringify(edited)),
    // What a person wrote is one trigger, also where its delivery could not be split.
    ...((ticket.part !== null || edited !== undefined) && { part: ticket.part ?? 0 }),
  };
}

/** Whether the identity, perhaps edited, belongs to another ticket: then it conflicts, whatever the content. */
async function otherHolder(
  db: Db,
  ticket: TicketRow,
  workflow: CompiledWorkflow,
  trigger: Trigger,
  now: Date,
): Promise<Facts['holder']> {
  const parsed = payloadOf(workflow.trigger, trigger);
  const payload = parsed.ok ? parsed.value : undefined;
  const scope = { payload, headers: trigger.headers };
  const { claim } = identify(workflow.trigger, trigger, payload, scope, now);
  if (claim.identity === ticket.identity) return null;
  const held = await findHeld(db, ticket.source, claim.identity, now);
  if (held === null || held.ticketId === ticket.id) return null;
  return { ticketId: held.ticketId, digest: null, version: null, fixed: null };
}
