import { expect, it } from 'vitest';
import type { Entry, TicketStory } from './client.ts';
import { narrate } from './narration.ts';

const story: TicketStory = {
  ticket: {
    id: 't-1',
    state: 'exception',
    owner: 'team:growth',
    alternate: 'person:dana',
    route: null,
    confidence: null,
    joined: 0,
  },
  entries: [],
  handoffs: [],
  exceptions: [
    {
      ticket_id: 't-1',
      seq: 1,
      mode: 'check_failed',
      summary: 'Too small',
      state: 'open',
      owner: 'team:growth',
      alternate: 'person:dana',
      responsible: 'team:growth',
      checklist: [{ text: 'Ask', state: 'open' }],
    },
  ],
};
const names: Readonly<Record<string, string>> = {
  'team:growth': 'team Growth',
  'person:dana': 'Dana Reyes',
  signalbox: 'Signalbox',
};
const nameOf = (ref: string): string => names[ref] ?? ref;

it.each<[kind: string, data: Entry['data'], told: readonly string[], reason: string]>([
  ['received', {}, ['ticket t-1', 'owned by team Growth, alternate Dana Reyes'], 'names, not keys'],
  ['decided', { reasons: [{ rung: 'contract', text: 'It holds' }] }, ['It holds'], 'a line a reason'],
  [
    'exception_escalated',
    { from: 'team:growth', to: 'person:dana' },
    ['nobody took it in time: from team Growth to Dana Reyes'],
    'who had it, and who has it now',
  ],
  [
    'exception_opened',
    {
      exception: 1,
      mode: 'check_failed',
      responsible: 'team:growth',
      alternate: 'person:dana',
      claim_by: '2026-03-02T09:00:03.000Z',
    },
    ['check_failed: Too small', 'with team Growth; taken within 3 s, or it goes to Dana Reyes', '[ ] Ask'],
    'why, with whom until when, and what to do',
  ],
  ['handoff_promised', { state: 'ready' }, [], 'the decision has said it'],
  [
    'replayed',
    { changed: ['/project_type'] },
    ['decided again with /project_type changed by Signalbox; the first payload is kept beside'],
    'what was changed',
  ],
  [
    'something_new',
    {},
    ['Signalbox: something new'],
    'an entry that nobody has found words for is told all the same',
  ],
])('%s %j is told as %j: %s', (kind, data, told) => {
  const entry: Entry = { seq: 1, at: '2026-03-02T09:00:00.000Z', kind, actor: 'signalbox', data };
  expect(narrate(entry, story, nameOf).map(({ text }) => text)).toEqual(told);
});
