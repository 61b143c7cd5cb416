import { expect, test } from 'vitest';
import type { Ref } from '../../workflow/workflow.ts';
import { lapseOf } from './lapse.ts';

const person = (key: string, given: { email?: string | null; away?: object[] } = {}) => ({
  key,
  name: key,
  email: given.email === undefined ? `${key}@example.com` : given.email,
  away: given.away ?? [],
});
const leave = (cover: string | null = null) => [{ from: '2026-03-02', until: '2026-03-04', cover }];

const project = {
  people: new Map(
    [
      person('ann'),
      person('mute', { email: null }),
      person('gone', { away: leave() }),
      person('covered', { away: leave('person:ann') }),
      person('handed', { away: leave('team:sales') }),
      person('badly', { away: leave('person:gone') }),
      person('silently', { away: leave('person:mute') }),
    ].map((each) => [each.key, each]),
  ),
  teams: new Map(
    [
      { key: 'sales', name: 'Sales', members: ['gone', 'ann'] },
      { key: 'beach', name: 'Beach', members: ['gone', 'badly'] },
      { key: 'quiet', name: 'Quiet', members: ['mute'] },
      { key: 'empty', name: 'Empty', members: [] },
    ].map((each) => [each.key, each]),
  ),
} as unknown as Parameters<typeof lapseOf>[1];

const away = 'gone is away until 2026-03-04, and nobody covers for them';

test.each<[ref: Ref, at: string, why: string | null, reason: string]>([
  ['person:ann', '2026-03-03T12:00Z', null, 'is here and has an address'],
  ['person:noone', '2026-03-03T12:00Z', 'person:noone is no longer in the project', 'has left'],
  ['team:ann', '2026-03-03T12:00Z', 'team:ann is no longer in the project', 'a person is no team'],
  ['person:mute', '2026-03-03T12:00Z', 'person:mute has no way to be reached', 'no address'],
  ['person:gone', '2026-03-01T23:59:59.999Z', null, 'the last moment before the leave'],
  ['person:gone', '2026-03-02T00:00Z', `person:${away}`, 'its first day'],
  ['person:gone', '2026-03-04T23:59:59.999Z', `person:${away}`, 'the last moment of its last day'],
  ['person:gone', '2026-03-05T00:00Z', null, 'the day after'],
  ['person:covered', '2026-03-03T12:00Z', null, 'somebody who is here covers'],
  ['person:handed', '2026-03-03T12:00Z', null, 'somebody of the team that covers is here'],
  [
    'person:badly',
    '2026-03-03T12:00Z',
    'person:badly is away until 2026-03-04, and nobody covers for them',
    'the cover is away too',
  ],
  [
    'person:silently',
    '2026-03-03T12:00Z',
    'person:silently is away until 2026-03-04, and nobody covers for them',
    'the cover has no address',
  ],
  ['team:sales', '2026-03-03T12:00Z', null, 'one of two is here'],
  ['team:beach', '2026-03-03T12:00Z', 'everybody of team:beach is away, and nobody covers for them', 'all'],
  ['team:quiet', '2026-03-03T12:00Z', 'team:quiet has no way to be reached', 'nobody has an address'],
  ['team:empty', '2026-03-03T12:00Z', 'team:empty has no way to be reached', 'nobody is in it'],
])('%s at %s: %s (%s)', (ref, at, why, reason) => {
  expect(lapseOf(ref, project, new Date(at)), reason).toBe(why);
});
