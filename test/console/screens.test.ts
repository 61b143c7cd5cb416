import { describe, expect, test } from 'vitest';
import { linesOf } from '../../console/src/payload/lines.ts';
import { type Approval, hindranceOf } from '../../console/src/screens/approvals/waiting.ts';
import { agentText } from '../../console/src/screens/settings/agent.ts';
import { headersOf } from '../../console/src/screens/settings/source.ts';
import { ownersOf } from '../../console/src/screens/tickets/ladder.ts';
import { visitAt, visitOf } from '../../console/src/screens/today/visit.ts';

describe('headers as people paste them', () => {
  const signed = { 'content-type': 'application/json', 'x-sig': 'a: b' };
  test.each<[text: string, found: ReturnType<typeof headersOf>, reason: string]>([
    ['Content-Type: application/json\nX-Sig: a: b', { headers: signed }, 'one a line'],
    [
      'POST /in/form HTTP/1.1\r\nContent-Type:application/json\r\nX-Sig: a: b\r\n\r\n',
      { headers: signed },
      'a request',
    ],
    ["-H 'Content-Type: application/json' \\\n  -H 'X-Sig: a: b'", { headers: signed }, 'of curl'],
    ['{"Content-Type": "application/json", "X-Sig": ["a: b"]}', { headers: signed }, 'JSON'],
    ['X-A: 1\nX-A: 2', { headers: { 'x-a': '1, 2' } }, 'twice the same'],
    ['', { headers: {} }, 'none'],
    ['no colon here', { bad: 'no colon here' }, 'no header'],
    ['{"a": ', { bad: '{"a":' }, 'half of JSON'],
  ])('%j: %j (%s)', (text, found) => {
    expect(headersOf(text)).toEqual(found);
  });
});

describe('since when things are new', () => {
  const now = Date.parse('2026-11-23T10:00:00Z');
  const minute = 60_000;
  test.each<[before: Parameters<typeof visitAt>[0], since: number, reason: string]>([
    [null, now - 86_400_000, 'the last day, the first time'],
    [
      { since: now - 5 * 3_600_000, seen: now - minute },
      now - 5 * 3_600_000,
      'a walk to another screen is no absence',
    ],
    [{ since: now - 5 * 3_600_000, seen: now - 31 * minute }, now - 31 * minute, 'since they left'],
    [{ since: now, seen: now + minute }, now - 86_400_000, 'a clock that was set back'],
  ])('%j: %i (%s)', (before, since) => {
    expect(visitAt(before, now)).toEqual({ since, seen: now });
  });

  test.each([null, '', '[]', '{"since":2,"seen":1}', '{"since":"x","seen":1}'])('%j is no visit', (text) => {
    expect(visitOf(text)).toBeNull();
  });
});

describe('who can decide an approval', () => {
  const approval = {
    by: 'team:finance',
    responsible: 'team:finance',
    four_eyes: true,
    yes: [{ by: 'person:mia', at: '', reason: null }],
  } as unknown as Approval;
  const entries = (actor: string, kind: string) => [{ actor, kind }] as Parameters<typeof hindranceOf>[1];
  const me = (actor: string, team: string, decides = true) => ({ actor, answersAs: [actor, team], decides });
  type Row = [
    who: Parameters<typeof hindranceOf>[2],
    of: Parameters<typeof hindranceOf>[1],
    why: string | null,
  ];
  test.each<Row>([
    [me('person:noa', 'team:finance'), [], null],
    [me('person:noa', 'team:finance', false), [], 'right'],
    [me('person:noa', 'team:web'), [], 'others'],
    [me('person:noa', 'team:finance'), entries('person:noa', 'claimed'), 'eyes'],
    [me('person:noa', 'team:finance'), entries('person:noa', 'approval_counted'), null],
    [me('person:mia', 'team:finance'), [], 'said'],
  ])('%j: %s', (who, of, why) => {
    expect(hindranceOf(approval, of, who)).toBe(why);
  });

  test('the alternate can, once it has come to them', () => {
    const passed = { ...approval, responsible: 'person:coo' };
    expect(hindranceOf(passed, [], me('person:coo', 'team:web'))).toBeNull();
    expect(hindranceOf(passed, [], me('person:noa', 'team:finance'))).toBeNull();
  });
});

test('a hidden value is a line that says so, and nothing of it', () => {
  const lines = linesOf({ card: '[hidden]', name: 'Ada' }, [], ['/card']);
  expect(lines.find(({ pointer }) => pointer === '/card')).toMatchObject({
    name: 'card',
    text: '',
    kind: 'hidden',
  });
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 (KHTML) Version/18 Safari/605',
    'Safari on macOS',
  ],
  ['curl/8.5', 'curl/8.5'],
])('%s is %s', (agent, text) => {
  expect(agentText(agent)).toBe(text);
});

test('who had a ticket: its first owner, whoever had its exception, and whom it was handed to', () => {
  const at = (minute: number) => `2026-11-23T10:0${minute}:00Z`;
  const entry = (minute: number, kind: string, actor: string, data: object) => ({
    at: at(minute),
    kind,
    actor,
    data,
  });
  const story = {
    ticket: { owner: 'person:omar', received_at: at(0) },
    entries: [
      entry(1, 'exception_opened', 'signalbox', { responsible: 'team:growth' }),
      entry(2, 'exception_claimed', 'person:dana', {}),
      entry(3, 'exception_resolved', 'person:dana', {}),
      entry(4, 'ownership_transferred', 'person:dana', { from: 'team:growth', to: 'team:web' }),
      entry(5, 'ownership_transferred', 'person:dana', { from: 'team:web', to: 'person:omar' }),
    ],
  } as unknown as Parameters<typeof ownersOf>[0];
  expect(ownersOf(story)).toEqual([
    { at: at(0), who: 'team:growth', why: 'owner' },
    { at: at(1), who: 'team:growth', why: 'exception opened' },
    { at: at(2), who: 'person:dana', why: 'claimed' },
    { at: at(3), who: 'team:growth', why: 'resolved' },
    { at: at(4), who: 'team:web', why: 'owner' },
    { at: at(5), who: 'person:omar', why: 'owner' },
  ]);
});
