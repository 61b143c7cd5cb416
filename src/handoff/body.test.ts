import { expect, test } from 'vitest';
import type { ParameterStyle } from '../contract/openapi-style.ts';
import { encodeBody } from './body.ts';
import type { HandoffRequest } from './handoff.ts';
import { fillRequest } from './request.ts';

const request = (body: unknown, changes: Partial<HandoffRequest> = {}): HandoffRequest => ({
  operation: 'x',
  method: 'POST',
  path: '/x',
  headers: {},
  body,
  ...changes,
});

const list = ['a b', 'c,d'];
const object = { x: 'a&b', y: 2 };

const queries: readonly [
  style: ParameterStyle | undefined,
  value: unknown,
  query: string | null,
  reason: string,
][] = [
  [undefined, list, 'q=a%20b&q=c%2Cd', 'a list is repeated'],
  [undefined, object, null, 'of an object nothing is known'],
  [{ style: 'form', explode: true }, object, 'x=a%26b&y=2', 'each field is a pair'],
  [
    { style: 'form', explode: false },
    list,
    'q=a%20b,c%2Cd',
    'the comma between stays, the one within does not',
  ],
  [{ style: 'form', explode: false }, object, 'q=x,a%26b,y,2', 'names and values in turn'],
  [{ style: 'spaceDelimited', explode: false }, list, 'q=a%20b%20c%2Cd', 'a space between'],
  [{ style: 'pipeDelimited', explode: false }, list, 'q=a%20b%7Cc%2Cd', 'a bar between'],
  [{ style: 'tabDelimited', explode: false }, list, 'q=a%20b%09c%2Cd', 'a tab between, of Swagger 2.0'],
  [{ style: 'deepObject', explode: true }, object, 'q%5Bx%5D=a%26b&q%5By%5D=2', 'brackets'],
  [{ style: 'deepObject', explode: true }, list, 'q%5B0%5D=a%20b&q%5B1%5D=c%2Cd', 'a list by index'],
  [{ style: 'json', explode: false }, object, 'q=%7B%22x%22%3A%22a%26b%22%2C%22y%22%3A2%7D', 'as JSON'],
  [
    { style: 'form', explode: true, reserved: true },
    'a/b?c&d#e',
    'q=a/b?c%26d%23e',
    'reserved characters stay but for what would end it',
  ],
  [undefined, "O'Hara (web)!*", 'q=O%27Hara%20%28web%29%21%2A', 'all that is reserved is escaped'],
  [{ style: 'form', explode: false }, [], '', 'an empty list is nothing'],
  [{ style: 'form', explode: false }, [[1]], null, 'a list in a list'],
];

test.each(queries)('query in %j of %j: %s (%s)', (style, value, query) => {
  const filled = fillRequest('/x', [{ name: 'q', in: 'query', value, ...(style && { style }) }]);
  const expected = query === null ? null : query === '' ? '/x' : `/x?${query}`;
  expect(filled.ok ? filled.path : null).toBe(expected);
});

const segments: readonly [style: ParameterStyle, value: unknown, path: string][] = [
  [{ style: 'simple', explode: false }, list, '/a%20b,c%2Cd'],
  [{ style: 'simple', explode: false }, object, '/x,a%26b,y,2'],
  [{ style: 'simple', explode: true }, object, '/x=a%26b,y=2'],
  [{ style: 'label', explode: true }, list, '/.a%20b.c%2Cd'],
  [{ style: 'label', explode: true }, object, '/.x=a%26b.y=2'],
  [{ style: 'label', explode: false }, 5, '/.5'],
  [{ style: 'matrix', explode: false }, list, '/;p=a%20b,c%2Cd'],
  [{ style: 'matrix', explode: false }, 5, '/;p=5'],
  [{ style: 'matrix', explode: true }, list, '/;p=a%20b;p=c%2Cd'],
  [{ style: 'matrix', explode: true }, object, '/;x=a%26b;y=2'],
  [{ style: 'simple', explode: false }, "it's (1)", '/it%27s%20%281%29'],
];

test.each(segments)('path in %j of %j: %s', (style, value, path) => {
  expect(fillRequest('/{p}', [{ name: 'p', in: 'path', value, style }])).toMatchObject({ path });
});

const form = 'application/x-www-form-urlencoded';
const bodies: readonly [
  body: unknown,
  changes: Partial<HandoffRequest>,
  type: string,
  text: string,
  reason: string,
][] = [
  [{ a: 1 }, {}, 'application/json', '{"a":1}', 'JSON'],
  [
    { a: null },
    { media: 'application/merge-patch+json' },
    'application/merge-patch+json',
    '{"a":null}',
    'a patch is JSON of its own type',
  ],
  ['plain', { media: 'text/plain' }, 'text/plain', 'plain', 'text'],
  ['"a"', { media: 'application/json;v=1' }, 'application/json;v=1', '"\\"a\\""', 'a text in JSON'],
  ['<a/>', { media: 'application/xml' }, 'application/xml', '<a/>', 'a text that the workflow made'],
  [
    { a: "x y's", b: null, c: [1, 2] },
    { media: form },
    form,
    'a=x+y%27s&c=1&c=2',
    'a form: a space is a plus, null is left out, a list repeated',
  ],
  [
    { a: { b: [{ c: 1 }] } },
    { media: form },
    form,
    'a%5Bb%5D%5B0%5D%5Bc%5D=1',
    'what is nested goes in brackets',
  ],
  [
    { a: [1, 2] },
    { media: form, styles: { a: { style: 'deepObject', explode: true } } },
    form,
    'a%5B0%5D=1&a%5B1%5D=2',
    'as the document says',
  ],
];

test.each(bodies)('%j with %j is %s %s: %s', (body, changes, contentType, text) => {
  expect(encodeBody(request(body, changes))).toEqual({ contentType, text });
});

test('multipart: fields and files, the same bytes each time, nothing leaves its part', () => {
  const styles = { file: { style: 'file', explode: false } } as const;
  const given = request(
    { 'a"\r\nb': 'x', n: 1, o: { p: 1 }, file: 'bytes' },
    { media: 'multipart/form-data', styles },
  );
  const encoded = encodeBody(given);
  expect(encodeBody(given)).toEqual(encoded);
  const [, boundary = ''] = /boundary=(.+)$/.exec(encoded?.contentType ?? '') ?? [];
  const parts = (encoded?.text ?? '').split(`--${boundary}`).slice(1, -1);
  expect(parts.map((part) => part.trim())).toEqual([
    'content-disposition: form-data; name="a%22%0D%0Ab"\r\n\r\nx',
    'content-disposition: form-data; name="n"\r\n\r\n1',
    'content-disposition: form-data; name="o"\r\ncontent-type: application/json\r\n\r\n{"p":1}',
    'content-disposition: form-data; name="file"; filename="file.txt"\r\ncontent-type: application/octet-stream\r\n\r\nbytes',
  ]);
});

test('no body is none', () => {
  expect(encodeBody(request(undefined))).toBeNull();
});
