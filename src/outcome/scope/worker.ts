import type { Db } from '../../db/schema.ts';
import type { AttemptOutcome, HandoffRequest } from '../../handoff/handoff.ts';
import type { HandoffRow } from '../../handoff/store.ts';
import type { HandoffShell } from '../../handoff/worker.ts';
import { keptValue } from '../../intake/payload.ts';
import type { Shell } from '../../shell.ts';
import { findTicket, latestPayload, type TicketRow } from '../../ticket/store.ts';
import type { Scope } from '../../workflow/expression.ts';
import { asksForCallback, callbackToken, filledRequest, withoutAddress } from '../link.ts';
import type { OutcomePlan } from '../plan.ts';

/**
 * What the outcome's expressions see: payload (as the deciding version reads it), ticket, request (the body sent), response.
 * The payload is loaded only where one of them may look at it. `known`: the ticket, where it is at hand.
 */
export async function scopeOf(
  shell: HandoffShell,
  db: Db,
  row: HandoffRow,
  known: Pick<TicketRow, 'fields' | 'workflow_version'> | null = null,
): Promise<Scope> {
  const ticket = known ?? (await findTicket(db, row.ticket_id));
  return {
    payload: looksAtPayload(row.plan.outcome) ? await payloadOf(shell, db, row, ticket) : null,
    ticket: ticket?.fields ?? {},
    request: sentRequest(shell, row).body ?? null,
    response: row.plan.undoes === undefined ? (row.response ?? null) : row.plan.undoes.response,
  };
}

/** By their texts: a name within another, or in a text, loads it in vain. */
function looksAtPayload(plan: OutcomePlan): boolean {
  if (!('operation' in plan)) return JSON.stringify(plan).includes('payload');
  const { that, until = null, failWhen = null, parameters } = plan;
  const texts = [that, until, failWhen, ...parameters.map(({ value }) => value)];
  return texts.some((text) => text?.includes('payload') === true);
}

async function payloadOf(
  shell: HandoffShell,
  db: Db,
  row: HandoffRow,
  ticket: Pick<TicketRow, 'workflow_version'> | null,
): Promise<unknown> {
  const workflow = ticket && (await shell.workflowAt(ticket.workflow_version));
  return keptValue(await latestPayload(db, row.ticket_id), workflow?.trigger.jsonField ?? null);
}

/** The request as it goes to the target: with the address to call back and the handoff's key, where it asks for them. */
export function sentRequest({ links }: Pick<Shell, 'links'>, row: HandoffRow): HandoffRequest {
  const url = addressFor({ links }, row);
  return filledRequest(row.plan, { url, key: row.idempotency_key });
}

/** The answer to it, without that address. */
export function keptAnswer({ links }: Pick<Shell, 'links'>, row: HandoffRow, answer: AttemptOutcome) {
  return withoutAddress(answer, row.plan, addressFor({ links }, row));
}

/** Empty where the target is given none. */
function addressFor({ links }: Pick<Shell, 'links'>, { plan, idempotency_key: key }: HandoffRow): string {
  return asksForCallback(plan) ? `${links.base()}/in/outcome/${callbackToken(links.keys(), key)}` : '';
}
