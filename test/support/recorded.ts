import { decide } from '../../src/decide.ts';
import type { Facts, Trigger } from '../../src/decision.ts';
import { deliveryRows, ofTicket, placeNew, rowsOf } from '../../src/ticket/place.ts';
import { type RecordedTrigger, recordedTrigger } from '../../src/ticket/recorded/recorded.ts';
import type { CompiledWorkflow } from '../../src/workflow/workflow.ts';

export const receivedAt = new Date('2026-03-01T10:00:00.000Z');

/** What GET /api/triggers has of a trigger after a workflow has decided it, as rows and back. */
export function recordedBy(
  workflow: CompiledWorkflow,
  body: string,
  changes: Partial<Trigger> = {},
  facts: Facts = { holder: null, rerouteTo: null },
): RecordedTrigger {
  const trigger: Trigger = {
    source: workflow.trigger.source,
    contentType: 'application/json',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
    ...changes,
  };
  const decision = ofTicket(decide(workflow, trigger, facts, receivedAt));
  const delivery =
    trigger.part === undefined ? null : { id: '0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41', whole: trigger };
  const random = (bytes: number) => Buffer.alloc(bytes, 7);
  const placed = placeNew({ workflow, trigger, delivery }, decision, receivedAt, random);
  const rows = rowsOf([placed], deliveryRows([placed], receivedAt, random), receivedAt, random);
  const [ticket] = rows.tickets;
  const [payload] = rows.payloads;
  const [exception] = rows.exceptions;
  if (ticket === undefined || payload === undefined) throw new Error('a ticket has its rows');
  const recorded = recordedTrigger({
    trigger: { ...ticket, ...payload, body: Buffer.from(payload.body) },
    entries: rows.entries.slice(1).map(({ kind, data }) => ({ kind, data })),
    transfer: null,
    handoffs: rows.handoffs.map((row) => ({ ...row, ...JSON.parse(row.plan) })),
    exception:
      exception === undefined
        ? null
        : { ...exception, detail: JSON.parse(exception.detail) as Record<string, unknown> },
  });
  if (recorded === null) throw new Error('it has been decided');
  return JSON.parse(JSON.stringify(recorded)) as RecordedTrigger;
}
