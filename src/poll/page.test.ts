import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changed } from '../../test/support/project-texts.ts';
import type { AttemptOutcome } from '../handoff/handoff.ts';
import { limits } from '../limits.ts';
import { loadProject } from '../workflow/load.ts';
import type { Poll } from '../workflow/project.ts';
import { pageRequest, readPage } from './page.ts';
import type { Position } from './poll.ts';

const start = { cursor: null, round: null };

/** A poll as the compiler makes it; `changes` replaces lines of the section. */
function pollOf(changes: Readonly<Record<string, string>> = {}): Poll {
  const keys: Record<string, string> = {
    every: '5m',
    from: 'chat',
    operation: 'GET /leads',
    with: '{ since: cursor, limit: 2 }',
    triggers: 'response.data',
    cursor: 'last.at',
    next_page: '{ when: has(response.next), with: { page_token: response.next } }',
    ...changes,
  };
  const lines = Object.entries(keys).filter(([, value]) => value !== '');
  const section = lines.map(([key, value]) => `      ${key}: ${value}\n`).join('');
  const files = changed(
    'signalbox.yaml',
    'destinations:\n',
    `  polled:\n    summary: Polled\n    owner: person:dana\n    poll:\n${section}destinations:\n`,
  );
  const { project, diagnostics } = loadProject(files);
  const poll = project?.sources.get('polled')?.poll;
  if (!poll) throw new Error(JSON.stringify(diagnostics));
  return poll;
}

function ok(body: unknown): AttemptOutcome {
  return {
    result: 'accepted',
    status: 200,
    detail: 'chat answered 200',
    excerpt: '',
    retryAfter: null,
    body,
  };
}

function read(poll: Poll, position: Position, outcome: AttemptOutcome) {
  const page = readPage(poll, position, outcome);
  if (page.kind === 'failed') throw new Error(page.text);
  return page;
}

function pathOf(poll: Poll, position: Position): string {
  const asked = pageRequest(poll, position);
  return asked.kind === 'ask' ? asked.request.path : asked.text;
}

test('a round of two pages: the cursor moves with the last one, and every request of the round sees the old one', () => {
  const poll = pollOf();
  expect(pathOf(poll, start)).toBe('/leads?limit=2');
  const first = read(poll, { cursor: 5, round: null }, ok({ data: [{ at: 6 }, { at: 7 }], next: 'n1' }));
  expect(first.triggers).toEqual([{ at: 6 }, { at: 7 }]);
  expect(first.position).toEqual({
    cursor: 5,
    round: { reached: 7, page: 2, parameters: { page_token: 'n1' } },
  });
  expect(pathOf(poll, first.position)).toBe('/leads?since=5&limit=2&page_token=n1');
  const second = read(poll, first.position, ok({ data: [{ at: 8 }] }));
  expect(second.position).toEqual({ cursor: 8, round: null });
});

test('a list with the newest first keeps the highest cursor of all its pages', () => {
  const poll = pollOf({
    cursor: "'cursor == null || response.data[0].at > cursor ? response.data[0].at : cursor'",
  });
  const first = read(poll, { cursor: 5, round: null }, ok({ data: [{ at: 9 }, { at: 8 }], next: 'n1' }));
  const second = read(poll, first.position, ok({ data: [{ at: 7 }] }));
  expect(second.position.cursor).toBe(9);
});

test('pages by number, with a parameter that replaces the first one', () => {
  const poll = pollOf({
    with: '{ page: 1 }',
    next_page: '{ when: size(response.data) == 2, with: { page: page + 1.0 } }',
  });
  expect(pathOf(poll, start)).toBe('/leads?page=1');
  const first = read(poll, start, ok({ data: [{ at: 1 }, { at: 2 }] }));
  expect(pathOf(poll, first.position)).toBe('/leads?page=2');
  const second = read(poll, first.position, ok({ data: [{ at: 3 }, { at: 4 }] }));
  expect(pathOf(poll, second.position)).toBe('/leads?page=3');
});

test.each<[Readonly<Record<string, string>>, unknown, unknown, string]>([
  [{}, { data: [] }, 5, 'an empty page has no last trigger: the cursor stays'],
  [
    { cursor: 'response.next_cursor' },
    { data: [], next_cursor: 'c6' },
    'c6',
    'an empty page may name a cursor',
  ],
  [{ cursor: 'response.next_cursor' }, { data: [{}], next_cursor: null }, 5, 'null says nothing'],
  [{ cursor: `'{"at": last.at}'` }, { data: [{ at: 6 }] }, { at: 6 }, 'a cursor is any JSON'],
  [{ next_page: '' }, { data: [{ at: 6 }], next: 'n1' }, 6, 'without next_page a list is one page'],
])('%o of %o: cursor %o (%s)', (changes, body, cursor) => {
  expect(read(pollOf(changes), { cursor: 5, round: null }, ok(body)).position).toEqual({
    cursor,
    round: null,
  });
});

test('a page may have limits.pollPageTriggersMax triggers, and reading it is within what an expression may spend', () => {
  const data = Array.from({ length: limits.pollPageTriggersMax }, (_, at) => ({
    at,
    id: `lead-${at}`,
    email: `lead-${at}@example.com`,
    tags: ['web', 'new'],
    note: 'x'.repeat(100),
  }));
  const page = read(pollOf(), start, ok({ data }));
  expect(page.triggers).toEqual(data);
});

const inRound: Position = { cursor: 5, round: { reached: 6, page: 2, parameters: { page_token: 'n1' } } };
const refusal = (status: number): AttemptOutcome => {
  const result = status < 500 ? 'rejected' : 'unknown';
  return { result, status, detail: `chat answered ${status}`, excerpt: '', retryAfter: '7' };
};
const many = Array.from({ length: limits.pollPageTriggersMax + 1 }, (_, at) => ({ at }));

test.each<[Position, AttemptOutcome, RegExp, boolean, string]>([
  [start, refusal(503), /answered 503/, false, 'it is asked again'],
  [inRound, refusal(503), /answered 503/, false, 'it goes on where it was'],
  [inRound, refusal(429), /answered 429/, false, 'too fast is not gone'],
  [inRound, refusal(410), /answered 410/, true, 'the token has expired: the round begins again'],
  [start, refusal(401), /answered 401/, false, 'there is no round to begin again'],
  [start, ok(undefined), /without JSON/, false, 'an empty answer is no list'],
  [start, ok({ data: 'x' }), /not a list/, false, 'a text is no list'],
  [start, ok({}), /not as the source expects.*data/, false, 'the list is missing'],
  [start, ok({ data: [{}] }), /at/, false, 'the cursor cannot be made: nothing is taken on trust'],
  [
    start,
    ok({ data: [{ at: 'x'.repeat(limits.pollCursorCharsMax) }] }),
    /longer than 16384/,
    false,
    'a cursor is short',
  ],
  [start, ok({ data: many }), /5001 triggers/, false, 'a page is bounded'],
  [
    inRound,
    ok({ data: [{ at: 1 }], next: 'n1' }),
    /the page that was read/,
    false,
    'a list that turns in a circle',
  ],
])('%o, %o: %s, begins again %s (%s)', (position, outcome, text, restart) => {
  expect(readPage(pollOf(), position, outcome)).toMatchObject({
    kind: 'failed',
    text: expect.stringMatching(text),
    restart,
  });
});

test('whatever a list answers: a page or a sentence, never a throw, and the cursor moves only with its last page', () => {
  const poll = pollOf();
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { data: fc.array(fc.record({ at: fc.jsonValue() })), next: fc.jsonValue() },
      { requiredKeys: ['data'] },
    ),
  );
  fc.assert(
    fc.property(body, fc.constantFrom<Position>(start, inRound), (answer, position) => {
      const page = readPage(poll, position, ok(answer));
      if (page.kind === 'failed') expect(page.text).not.toBe('');
      else if (page.position.round !== null) expect(page.position.cursor).toEqual(position.cursor);
    }),
  );
});
