import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillPath, fillRequest, type Parameter } from './request.ts';

const inPath = (name: string, value: unknown): Parameter => ({ name, in: 'path', value });

const paths: readonly [template: string, value: unknown, path: string | null, reason: string][] = [
  ['/projects/{id}', 'p-1', '/projects/p-1', 'plain'],
  ['/projects/{id}', 7, '/projects/7', 'a number'],
  ['/projects/{id}/notes', 'a/b?c#d', '/projects/a%2Fb%3Fc%23d/notes', 'nothing leaves its segment'],
  ['/projects/{id}', 'Ä 1', '/projects/%C3%84%201', 'UTF-8'],
  ['/projects/{id}', '..', null, 'a dot segment would climb'],
  ['/projects/{id}', '.', null, 'a dot segment would vanish'],
  ['/projects/{id}', '', null, 'an empty one would name the list'],
  ['/projects/{id}', null, null, 'missing'],
  ['/projects/{id}', { a: 1 }, null, 'not one value'],
  ['/projects/{id}', '\ud800', null, 'a lone surrogate has no UTF-8'],
  ['/projects/{other}', 'x', null, 'no argument of that name'],
];

test.each(paths)('%s with %j is %s: %s', (template, value, path) => {
  const filled = fillPath(template, [inPath('id', value)]);
  expect(filled.ok ? filled.path : null).toBe(path);
});

test('query and headers', () => {
  const filled = fillRequest('/search?v=2', [
    { name: 'q', in: 'query', value: 'a&b c' },
    { name: 'tag', in: 'query', value: ['x', 'y'] },
    { name: 'none', in: 'query', value: null },
    { name: 'X-Team', in: 'header', value: 'web' },
  ]);
  expect(filled).toEqual({
    ok: true,
    path: '/search?v=2&q=a%26b%20c&tag=x&tag=y',
    headers: { 'x-team': 'web' },
  });
});

const refused: readonly [place: 'header' | 'query', value: unknown, reason: string][] = [
  ['header', 'a\r\nx-injected: 1', 'a second header'],
  ['header', 'naïve', 'headers are ASCII'],
  ['header', { a: 1 }, 'not one value'],
  ['query', { a: 1 }, 'not one value'],
];

test.each(refused)('a %s argument %j is refused: %s', (place, value) => {
  expect(fillRequest('/x', [{ name: 'n', in: place, value }]).ok).toBe(false);
});

test('a path argument comes back as it went in, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const filled = fillPath('/a/{id}/b', [inPath('id', value)]);
      if (!filled.ok) return;
      const [, first, id, last, ...more] = filled.path.split('/');
      expect([first, decodeURIComponent(id ?? ''), last, more]).toEqual(['a', value, 'b', []]);
      expect(new URL(filled.path, 'http://host').pathname.split('/')).toHaveLength(4);
    }),
  );
});
