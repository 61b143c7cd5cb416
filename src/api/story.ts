import type { Kysely } from 'kysely';
import { type Static, Type } from 'typebox';
import { approvalsOf } from '../approval/store.ts';
import { entriesOf } from '../audit/store.ts';
import type { Database, Tx } from '../db/schema.ts';
import { exceptionsOf } from '../exceptions/store.ts';
import { attemptsOf, handoffsOf } from '../handoff/store.ts';
import { callbacksOf } from '../outcome/callback/store.ts';
import { confirmationsOf } from '../outcome/confirmation/store.ts';
import { outcomesOf } from '../outcome/store.ts';
import { findTicket, payloadsOf } from '../ticket/store.ts';
import { Approval, shownApproval } from './approvals.ts';
import { Exception, shownException } from './exceptions.ts';
import { Confirmation, shownList } from './outcomes.ts';
import { waitsFor } from './waits.ts';
import { closed, Json, JsonObject, nullable, RefText, Seq, shown, TicketId, Time } from './wire.ts';

export const Ticket = closed({
  id: TicketId,
  source: Type.String(),
  workflow: Type.String(),
  workflow_version: Type.String({ description: 'content hash of the workflow that decided it' }),
  identity: Type.String(),
  state: Type.String(),
  owner: RefText,
  alternate: RefText,
  fields: Json,
  route: nullable(RefText),
  confidence: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  revision: Seq,
  joined: Type.Integer({ description: 'how many repeated triggers joined it' }),
  received_at: Time,
  updated_at: Time,
  settled_at: nullable(Time),
});

export const Entry = closed({
  seq: Seq,
  at: Time,
  kind: Type.String(),
  actor: Type.String({ description: '`signalbox`, `local`, `person:dana`, `source:meta-ads`' }),
  data: JsonObject,
  hash: Type.String({ description: 'SHA-256, hex' }),
});

const Attempt = closed({
  attempt: Seq,
  started_at: Time,
  ended_at: nullable(Time),
  result: nullable(Type.String()),
  status: nullable(Type.Integer({ description: 'HTTP status of the answer' })),
  detail: nullable(Type.String()),
  response: nullable(Type.String()),
});

const Outcome = closed({
  state: Type.String(),
  compared: Json,
  evidence: nullable(Type.String()),
  decided_at: Time,
  decided_by: Type.String(),
});

const Callback = closed(
  {
    received_at: Time,
    source: nullable(Type.String({ description: 'whose proof it carried; null: it came by its link' })),
    verdict: nullable(
      Type.String({ description: '`stands`, `wrong`, `pending`, `late`; null: not looked at yet' }),
    ),
    bytes: nullable(Type.Integer()),
  },
  { description: 'what the destination has called back' },
);

export const Handoff = closed({
  seq: Seq,
  handoff: Type.String({ description: 'its id in the workflow file' }),
  destination: Type.String(),
  plan: Json,
  undoes: nullable(
    Type.Integer({ minimum: 1, description: 'the handoff of the ticket that this one takes back' }),
  ),
  idempotency_key: Type.String(),
  state: Type.String(),
  attempts: Type.Array(Attempt),
  probes: Type.Integer(),
  response: Json,
  created_at: Time,
  due_at: nullable(Time),
  give_up_at: Time,
  accepted_at: nullable(Time),
  confirm_by: nullable(Time),
  settled_at: nullable(Time),
  outcome: nullable(Outcome),
  approval: nullable(Approval),
  confirmation: nullable(Confirmation),
  callbacks: Type.Array(Callback),
});

const Payload = closed({
  revision: Seq,
  content_type: Type.String(),
  headers: JsonObject,
  bytes: nullable(Type.Integer()),
  digest: Type.String({ description: 'salted SHA-256 as the record has it, hex' }),
  erased_at: nullable(Time),
});

export const WaitsFor = closed(
  { what: Type.String(), whom: nullable(RefText), until: nullable(Time) },
  { description: 'what must happen next, who has it, and by when' },
);

export const TicketStory = closed({
  ticket: Ticket,
  waits_for: Type.Array(WaitsFor),
  entries: Type.Array(Entry),
  handoffs: Type.Array(Handoff),
  exceptions: Type.Array(Exception),
  payloads: Type.Array(Payload),
});

export type TicketStory = Static<typeof TicketStory>;

/** Everything the record has of one ticket, read as of one moment; null where there is no such ticket. */
export async function storyOf(db: Kysely<Database>, id: string): Promise<TicketStory | null> {
  const snapshot = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return await snapshot.execute(async (tx) => {
    const ticket = await findTicket(tx, id);
    if (ticket === null) return null;
    const handoffs = await handoffStories(tx, id);
    const exceptions = (await exceptionsOf(tx, id)).map((row) => shownException(row));
    return {
      ticket: shown(Ticket, ticket),
      waits_for: waitsFor(handoffs, exceptions),
      entries: (await entriesOf(tx, id)).map((row) =>
        shown(Entry, { ...row, data: JSON.parse(row.data), hash: row.hash.toString('hex') }),
      ),
      handoffs,
      exceptions,
      payloads: (await payloadsOf(tx, id)).map((row) =>
        shown(Payload, { ...row, headers: JSON.parse(row.headers), digest: row.digest.toString('hex') }),
      ),
    };
  });
}

async function handoffStories(tx: Tx, id: string): Promise<Static<typeof Handoff>[]> {
  const attempts = Map.groupBy(await attemptsOf(tx, id), (row) => row.handoff_seq);
  const outcomes = new Map((await outcomesOf(tx, id)).map((row) => [row.handoff_seq, row]));
  const approvals = new Map((await approvalsOf(tx, id)).map((row) => [row.handoff_seq, row]));
  const confirmations = new Map((await confirmationsOf(tx, id)).map((row) => [row.handoff_seq, row]));
  const callbacks = Map.groupBy(await callbacksOf(tx, id), (row) => row.handoff_seq);
  return (await handoffsOf(tx, id)).map((row) => {
    const outcome = outcomes.get(row.seq);
    const approval = approvals.get(row.seq);
    const confirmation = confirmations.get(row.seq);
    return shown(Handoff, {
      ...row,
      undoes: row.plan.undoes?.seq ?? null,
      attempts: (attempts.get(row.seq) ?? []).map((attempt) => shown(Attempt, attempt)),
      outcome: outcome === undefined ? null : shown(Outcome, outcome),
      approval: approval === undefined ? null : shownApproval(approval),
      confirmation: confirmation === undefined ? null : shown(Confirmation, shownList(confirmation)),
      callbacks: (callbacks.get(row.seq) ?? []).map((callback) => shown(Callback, callback)),
    });
  });
}
