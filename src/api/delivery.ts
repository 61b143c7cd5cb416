import { Type } from 'typebox';
import { closed, JsonObject, nullable, TicketId } from './wire.ts';

const made = closed({
  ticket: TicketId,
  state: Type.String({ description: 'handoff, triage, exception or done' }),
  decision: closed({
    kind: Type.Enum(['routed', 'stopped', 'revised']),
    route: nullable(Type.String({ description: '`team:<key>` or `person:<key>`' })),
    confidence: nullable(Type.Number({ minimum: 0, maximum: 1 })),
    exception: nullable(closed({ mode: Type.String(), summary: Type.String() })),
    reasons: Type.Array(Type.String(), { description: 'one sentence a rung' }),
  }),
});
const joined = closed({ ticket: TicketId, decision: closed({ kind: Type.Literal('joined') }) });
const refused = closed({
  ticket: TicketId,
  state: Type.Literal('rejected'),
  decision: closed({ kind: Type.Literal('rejected'), violations: Type.Array(Type.Unknown()) }),
});

const tried = closed({
  decision: closed({
    kind: Type.Enum(['routed', 'stopped', 'revised', 'joined', 'rejected']),
    identity: Type.String(),
    ticket: nullable(Type.String({ description: 'the first ticket, which it would join or revise' })),
    reasons: Type.Array(closed({ rung: Type.String(), code: Type.String(), text: Type.String() })),
  }),
  would_be: nullable(JsonObject),
});

/** What a delivery is answered that has been committed, or only tried. */
export const deliveryAnswers = {
  202: Type.Union([
    made,
    closed(
      { tickets: Type.Array(Type.Union([made, joined, refused])) },
      { description: 'the delivery was split: one result a trigger, in its order' },
    ),
  ]),
  200: Type.Union([
    joined,
    closed(
      { tickets: Type.Array(joined), note: Type.Optional(Type.String()) },
      { description: 'the delivery was split: each of its triggers was joined, or there was none' },
    ),
    closed(
      {
        dry_run: Type.Literal(true),
        ...Type.Partial(tried).properties,
        triggers: Type.Optional(Type.Array(tried)),
      },
      { description: 'a dry run: nothing was stored; `triggers` where the delivery would be split' },
    ),
  ]),
} as const;
