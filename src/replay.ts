import { randomBytes } from 'node:crypto';
import type { Tx } from './db/schema.ts';
import { decide } from './decide.ts';
import type { Decision, Facts, Joined, Trigger } from './decision.ts';
import { identify } from './dedupe/identity.ts';
import { AppError } from './errors.ts';
import { insertExceptions, lastExceptionSeq } from './exceptions/store.ts';
import { insertHandoffs, lastHandoffSeq } from './handoff/store.ts';
import { parseBody } from './intake/parse.ts';
import type { Shell } from './shell.ts';
import { changedPaths } from './ticket/difference.ts';
import { consequences, decidedEntry, payloadRow, stateAfter } from './ticket/place.ts';
import { changeTicket, findHolder, insertPayload, latestPayload, type TicketRow } from './ticket/store.ts';
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
 * Decides a locked ticket again under the workflow in force, as a new revision: its handoffs get keys of their own.
 * The earlier payload stays beside the edited one; the entry names what differs. Returns the ticket as it then stands.
 */
export async function replay(
  shell: Shell,
  tx: Tx,
  ticket: TicketRow,
  options: Replay,
  now: Date,
): Promise<TicketRow> {
  const workflow = workflowInForce(shell, ticket);
  const earlier = await latestPayload(tx, ticket.id);
  const revision = ticket.revision + 1;
  const trigger = triggerOf(ticket, earlier, options.payload);
  const facts: Facts = {
    holder: await otherHolder(tx, ticket, workflow, trigger, now),
    rerouteTo: options.rerouteTo ?? null,
  };
  const decision = decide(workflow, trigger, facts, now) as Exclude<Decision, Joined>;

  const payload =
    options.payload === undefined ? null : payloadRow(ticket.id, revision, trigger, randomBytes);
  const made = consequences(
    { workflow, decision, ticketId: ticket.id },
    {
      handoffSeq: await lastHandoffSeq(tx, ticket.id),
      exceptionSeq: await lastExceptionSeq(tx, ticket.id),
      revision,
    },
    now,
  );
  if (payload !== null) await insertPayload(tx, payload);
  await insertHandoffs(tx, made.handoffs);
  await insertExceptions(tx, made.exceptions);
  const ready = made.handoffs.filter(({ state }) => state === 'ready');
  await shell.queue.enqueue(
    tx,
    ready.map((row) => ({ ticketId: ticket.id, handoffSeq: row.seq })),
  );
  const replayed = {
    kind: 'replayed',
    actor: options.actor,
    data: {
      revision,
      ...(payload && {
        payload: payload.digest.toString('hex'),
        changed: changedPaths(parsedOrNull(earlier.body, earlier.content_type), options.payload),
      }),
      ...(options.rerouteTo && { reroute_to: options.rerouteTo }),
    },
  };
  const routed = decision.kind === 'rejected' ? null : decision.route;
  return await changeTicket(
    tx,
    ticket,
    {
      entries: [replayed, decidedEntry(decision, workflow), ...made.entries],
      state: stateAfter(decision),
      revision,
      workflowVersion: workflow.version,
      ...(decision.kind === 'rejected' ? {} : { fields: decision.fields }),
      ...(routed && { route: routed.to, confidence: routed.confidence }),
    },
    now,
  );
}

/** The workflow as deployed now; what it would have rejected at the door is an exception here, for a person is at work on it. */
function workflowInForce(shell: Shell, ticket: TicketRow): CompiledWorkflow {
  const workflow = shell.project().workflows.get(ticket.workflow);
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
  };
}

/** Whether the identity, perhaps edited, belongs to another ticket: then it conflicts, whatever the content. */
async function otherHolder(
  tx: Tx,
  ticket: TicketRow,
  workflow: CompiledWorkflow,
  trigger: Trigger,
  now: Date,
): Promise<Facts['holder']> {
  const parsed = parseBody(trigger.body, trigger.contentType);
  const payload = parsed.ok ? parsed.value : undefined;
  const scope = { payload, headers: trigger.headers };
  const { claim } = identify(workflow.trigger, trigger, payload, scope, now);
  if (claim.identity === ticket.identity) return null;
  const holder = await findHolder(tx, ticket.source, claim.identity, now);
  return holder === null || holder.ticketId === ticket.id
    ? null
    : { ticketId: holder.ticketId, digest: null };
}

function parsedOrNull(body: Buffer | null, contentType: string): unknown {
  if (body === null) return null;
  const parsed = parseBody(body, contentType);
  return parsed.ok ? parsed.value : null;
}
