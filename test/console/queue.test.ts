import { expect, test } from 'vitest';
import type { QueuedException } from '../../console/src/api/shapes.ts';
import { filterOf } from '../../console/src/screens/exceptions/filter.ts';
import { type Page, withPage, withRow } from '../../console/src/screens/exceptions/pages.ts';

const row = (ticket_id: string, state = 'open') => ({ ticket_id, seq: 1, state }) as QueuedException;
const page = (after: string | null, ids: string, next: string | null): Page => ({
  after,
  rows: [...ids].map((id) => row(id)),
  next,
});
const ids = (pages: readonly Page[]) =>
  pages.map(({ rows }) => rows.map(({ ticket_id }) => ticket_id).join(''));

const loaded = [page(null, 'abc', 'c'), page('c', 'def', 'f')];

test.each([
  ['the next page is put behind', page('f', 'ghi', null), ['abc', 'def', 'ghi']],
  ['a page that is as it was', page(null, 'abc', 'c'), ['abc', 'def']],
  ['one was resolved: the page reaches into the next', page(null, 'acd', 'd'), ['acd', 'ef']],
  ['one came in before: what it pushed out goes on standing', page(null, 'xab', 'b'), ['xab', 'c', 'def']],
  ['the last one of a page was resolved', page('c', 'de', null), ['abc', 'de']],
])('%s', (_, read, expected) => {
  expect(ids(withPage(loaded, read))).toEqual(expected);
});

test('a resolved row goes at once, another change stays in its place', () => {
  expect(ids(withRow(loaded, row('b', 'resolved')))).toEqual(['ac', 'def']);
  expect(withRow(loaded, row('b', 'claimed'))[0]?.rows[1]?.state).toBe('claimed');
});

test('an address is a filter as far as it is understood', () => {
  expect(filterOf({ state: 'open', mode: 'nonsense', workflow: '', q: '1' })).toEqual({ state: 'open' });
});
