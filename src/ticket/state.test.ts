import { expect, test } from 'vitest';
import type { HandoffState, TicketState } from '../db/schema.ts';
import type { FailureMode } from '../exceptions/exception.ts';
import { ticketState } from './state.ts';

type Row = [
  handoffs: HandoffState[],
  exceptions: FailureMode[],
  settled: 'discarded' | 'rejected' | undefined,
  TicketState,
  reason: string,
];

const rows: Row[] = [
  [[], [], undefined, 'done', 'nothing was promised, nothing stands open'],
  [['ready'], [], undefined, 'handoff', 'a promise is under way'],
  [['confirmed', 'waiting'], [], undefined, 'handoff', 'one of two is not proved yet'],
  [['confirmed', 'confirmed'], [], undefined, 'done', 'all are proved'],
  [['confirmed', 'failed'], ['contradicted'], undefined, 'exception', 'a person must settle the failed one'],
  [['failed', 'confirming'], [], undefined, 'handoff', 'retried: the new promise is under way'],
  [['failed', 'confirmed'], [], undefined, 'done', 'retried and proved; the failed one is history'],
  [['failed'], [], undefined, 'done', 'its exception was resolved by hand'],
  [['cancelled', 'cancelled', 'attempting'], [], undefined, 'handoff', 'replayed: the old promises are void'],
  [[], ['low_confidence'], undefined, 'triage', 'routing is not sure'],
  [[], ['contract_violation'], undefined, 'exception', 'a rung before routing stopped it'],
  [['failed'], ['no_route', 'rejected'], undefined, 'exception', 'more than routing is open'],
  [['ready'], ['rejected'], undefined, 'exception', 'one handoff is under way, another needs a person'],
  [['attempting'], ['rejected'], 'discarded', 'discarded', 'a person gave it up, whatever is open'],
  [[], [], 'rejected', 'rejected', 'refused at the door'],
];

test.each(rows)(
  'handoffs %j, exceptions %j, settled %s: %s, for %s',
  (handoffs, exceptions, settled, state) => {
    const modes = exceptions.map((mode) => ({ mode }));
    expect(
      ticketState(
        handoffs.map((each) => ({ state: each })),
        modes,
        settled,
      ),
    ).toBe(state);
  },
);
