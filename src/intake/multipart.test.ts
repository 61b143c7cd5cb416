import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { parseMultipart } from './multipart.ts';
import { parsePayload } from './payload.ts';

const boundary = 'X-BOUND';

/** A body of parts as senders write them; each part is its headers, an empty line, its content. */
function bodyOf(...parts: readonly string[]): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

const field = (name: string, value: string) =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
const typed = (name: string, type: string, value: string) =>
  `content-disposition: form-data; name=${name}\r\ncontent-type: ${type}\r\n\r\n${value}`;
const file = (name: string, type: string, value: string) =>
  `Content-Disposition: form-data; name="${name}"; filename="a;b \\"c\\".txt"\r\nContent-Type: ${type}\r\n\r\n${value}`;

const read = (body: string | Uint8Array) => parseMultipart(Buffer.from(body as string), boundary);

describe('multipart/form-data', () => {
  test.each<[body: string, value: unknown, reason: string]>([
    [bodyOf(field('a', '1'), field('b', 'ö\r\n--x')), { a: '1', b: 'ö\r\n--x' }, 'fields are texts'],
    [bodyOf(field('a', '1'), field('a', '2')), { a: ['1', '2'] }, 'a repeated field is a list'],
    [bodyOf(typed('p', 'application/json', '{"x":[1]}')), { p: { x: [1] } }, 'a JSON part is its value'],
    [bodyOf(typed('t', 'text/plain; charset=UTF-8', 'x')), { t: 'x' }, 'a typed text'],
    [
      bodyOf(file('f', 'text/plain', 'content')),
      { f: { filename: 'a;b "c".txt', content_type: 'text/plain', bytes: 7 } },
      'a file is described; its bytes stay in the body',
    ],
    [
      bodyOf(typed('img', 'image/png', '12345')),
      { img: { filename: null, content_type: 'image/png', bytes: 5 } },
      'what is no text is as a file',
    ],
    [bodyOf(field('a', '')), { a: '' }, 'an empty field'],
    [bodyOf(), {}, 'no parts'],
    [`ignored\r\n${bodyOf(field('a', '1'))}ignored`, { a: '1' }, 'preamble and epilogue'],
    [bodyOf(field('a%22b', '1')), { 'a"b': '1' }, 'how browsers write a quote in a name'],
    [
      bodyOf(field('a', '1')).replace(`${boundary}\r\n`, `${boundary} \t\r\n`),
      { a: '1' },
      'spaces after the boundary',
    ],
  ])('%j', (body, value, reason) => {
    expect(read(body), reason).toEqual({ ok: true, value });
  });

  test.each<[body: string | Uint8Array, problem: string, reason: string]>([
    ['', 'does not have the boundary', 'nothing'],
    ['--other\r\n', 'does not have the boundary', 'another boundary'],
    [bodyOf(field('a', '1')).slice(0, -4), 'is not a line of its own', 'the closing boundary was cut'],
    [`--${boundary}\r\n${field('a', '1')}`, 'Part 1 has no end', 'the body was cut'],
    [`--${boundary}x\r\n`, 'before part 1 is not a line', 'a longer word than the boundary'],
    [bodyOf('no headers'), 'Part 1 has no headers', 'no empty line'],
    [
      bodyOf(`x-long: ${'x'.repeat(limits.partHeaderBytesMax)}\r\n\r\n`),
      'Part 1 has no headers, or more',
      'too long',
    ],
    [bodyOf('Content-Type: text/plain\r\n\r\nx'), 'Part 1 has no name', 'no disposition'],
    [bodyOf('Content-Disposition: attachment; name="a"\r\n\r\nx'), 'Part 1 has no name', 'no form-data'],
    [
      bodyOf(typed('p', 'application/json', '{"a":1,"a":2}')),
      'In the part "p": The key "a" stands twice',
      'one meaning',
    ],
    [bodyOf(field('__proto__', '1')), '"__proto__" has a name that cannot be kept', 'as in JSON'],
    [Buffer.from(bodyOf(field('a', 'é')), 'latin1'), 'In the part "a": The body is not UTF-8', 'no text'],
  ])('%j is refused', (body, problem, reason) => {
    expect(read(body), reason).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  test('as many parts as are allowed, and one more', () => {
    const parts = (count: number) => bodyOf(...Array.from({ length: count }, (_, at) => field(`f${at}`, '')));
    expect(read(parts(limits.formFieldsMax)).ok).toBe(true);
    expect(read(parts(limits.formFieldsMax + 1)).ok).toBe(false);
  });

  test('one JSON part can be the payload', () => {
    const trigger = {
      contentType: `multipart/form-data; boundary=${boundary}`,
      headers: {},
      body: Buffer.from(bodyOf(typed('data', 'application/json', '{"a":1}'), file('f', 'image/png', 'x'))),
    };
    expect(parsePayload(trigger, 'data')).toEqual({ ok: true, value: { a: 1 } });
  });

  test('what `FormData` of Node writes is read', async () => {
    const form = new FormData();
    form.set('name', 'Ö "quoted"\n');
    form.set('file', new Blob(['{"a":1}'], { type: 'application/json' }), 'x.json');
    const request = new Request('http://a', { method: 'POST', body: form });
    const contentType = request.headers.get('content-type') ?? '';
    const body = Buffer.from(await request.arrayBuffer());
    expect(parsePayload({ contentType, headers: {}, body }, null)).toEqual({
      ok: true,
      value: {
        name: 'Ö "quoted"\r\n',
        file: { filename: 'x.json', content_type: 'application/json', bytes: 7 },
      },
    });
  });

  test('property: never throws, whatever the bytes', () => {
    const shreds = fc.constantFrom(
      `--${boundary}`,
      '\r\n',
      '--',
      field('a', '1'),
      '\r\n\r\n',
      'name="',
      '\\',
      ':',
    );
    const noise = fc.array(fc.oneof(shreds, fc.string({ maxLength: 5 })), { maxLength: 20 });
    fc.assert(
      fc.property(noise, (words) => {
        expect(read(words.join(''))).toHaveProperty('ok');
      }),
    );
  });
});
