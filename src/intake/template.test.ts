import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTemplate } from './template.ts';

const variable = (name: string, of = '', optional = false) => ({ name, of, optional });

test.each([
  ['{timestamp}.{body}', [variable('timestamp'), { text: '.' }, variable('body')], 'variables and text'],
  ['v0:{header:X-Id}', [{ text: 'v0:' }, variable('header', 'x-id')], 'header names have no case'],
  ['{field?:/a/0}', [variable('field', '/a/0', true)], 'may be missing'],
  ['{query}{query:q}', [variable('query'), variable('query', 'q')], 'all of it, and one of it'],
  ['{{{body}}}', [{ text: '{' }, variable('body'), { text: '}' }], 'braces themselves'],
  ['', [], 'nothing'],
])('%s: %j, %s', (text, parts, _why) => {
  expect(parseTemplate(text)).toEqual({ parts });
});

test.each([
  ['{bdy}', '`{bdy}` is nothing that can be signed'],
  ['{constructor}', '`{constructor}` is nothing that can be signed'],
  ['{header}', 'must say which'],
  ['{body:x}', 'takes nothing after a colon'],
  ['{body', 'a single `{`'],
  ['a}', 'a single `}`'],
  ['{}', 'a single `{`'],
])('%s: %s', (text, problem) => {
  expect(parseTemplate(text)).toEqual({ problem: expect.stringContaining(problem) });
});

test('any text is parts or a problem', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseTemplate(text);
      if ('problem' in parsed || parsed.parts.some((part) => !('text' in part))) return;
      const fixed = parsed.parts.map((part) => ('text' in part ? part.text : '')).join('');
      expect(fixed.replace(/[{}]/g, '$&$&')).toBe(text);
    }),
  );
});
