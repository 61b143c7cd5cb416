import { expect, test } from 'vitest';
import type { AttemptResult, HandoffState, TicketState } from '../db/schema.ts';
import { fixedBecause } from './fixed.ts';

type Row = [
  state: TicketState,
  handoffs: HandoffState[],
  attempts: (AttemptResult | null)[],
  fixed: string | null,
  reason: string,
];

test.each<Row>([
  ['exception', [], [], null, 'it stands with a person: nothing was promised'],
  ['triage', [], [], null, 'nobody was sure where it goes'],
  ['handoff', ['ready'], [], null, 'promised, not begun'],
  ['handoff', ['awaiting_approval', 'waiting'], [], null, 'nor these'],
  ['handoff', ['ready'], ['not_sent', 'rejected'], null, 'what was refused has left nothing'],
  ['exception', ['failed'], ['rejected'], null, 'a sender that corrects what was refused is welcome'],
  ['handoff', ['attempting'], [null], 'create is on its way to tool', 'it may arrive at any moment'],
  ['handoff', ['ready'], ['unknown', 'not_sent'], 'create may have reached tool', 'once unknown is enough'],
  ['handoff', ['confirming'], ['accepted'], 'tool has accepted create', 'it stands there'],
  ['exception', ['failed'], ['accepted'], 'tool has accepted create', 'also where it was not proved'],
  [
    'handoff',
    ['cancelled', 'ready'],
    ['accepted'],
    'tool has accepted create',
    'also of an earlier revision',
  ],
  ['exception', ['failed', 'confirmed'], [], 'create is confirmed at tool', 'a person has seen it there'],
  ['done', [], [], 'it is done', 'settled'],
  ['discarded', ['cancelled'], [], 'it is discarded', 'a person has said so'],
])('%s %j %j: %s: %s', (state, handoffs, attempts, fixed) => {
  const standing = {
    state,
    settled: state === 'done' || state === 'discarded',
    handoffs: handoffs.map((each, index) => ({
      seq: index + 1,
      handoff: 'create',
      destination: 'tool',
      state: each,
    })),
    attempts: attempts.map((result) => ({ handoff_seq: 1, result })),
  };
  expect(fixedBecause(standing)).toBe(fixed);
});
