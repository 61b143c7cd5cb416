import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { eventIdentity } from './cloudevent.ts';
import { mediaProblem, parsePayload } from './payload.ts';

const bytes = (text: string) => Buffer.from(text);

function payload(contentType: string, body: string | Uint8Array, jsonField: string | null = null) {
  return parsePayload(
    { contentType, headers: {}, body: typeof body === 'string' ? bytes(body) : body },
    jsonField,
  );
}

const form = 'application/x-www-form-urlencoded';

describe('what a body says, by its content type', () => {
  test.each<[contentType: string, body: string, value: unknown, reason: string]>([
    ['application/json', '{"a":1}', { a: 1 }, 'JSON as it is'],
    ['application/vnd.api+json; charset=utf-8', '[1]', [1], 'any type that ends in +json'],
    ['application/json; charset="us-ascii"', '1', 1, 'ASCII is UTF-8'],
    ['text/plain', 'two\nlines', 'two\nlines', 'a text is the payload'],
    ['text/plain', '', '', 'also an empty one'],
    ['text/xml', '<a>ö</a>', '<a>ö</a>', 'XML stays a text'],
    ['application/soap+xml; charset=utf-8', '<a/>', '<a/>', 'any type that ends in +xml'],
    [form, 'a=1&b=two+words&c=%C3%B6', { a: '1', b: 'two words', c: 'ö' }, 'every field is a text'],
    [form, 'a=1&b=x&a=2&a=', { a: ['1', '2', ''], b: 'x' }, 'a repeated field is a list in its order'],
    [form, 'flag&&x=1=2', { flag: '', x: '1=2' }, 'a name alone is empty; the first = counts'],
    [form, 'discount=100%&x=%zz', { discount: '100%', x: '%zz' }, 'a lone % is itself, as for browsers'],
    [form, '', {}, 'no fields'],
    [form, 'constructor=1&toString=2', { constructor: '1', toString: '2' }, 'names like any other'],
  ])('%s %j', (contentType, body, value, reason) => {
    expect(payload(contentType, body), reason).toEqual({ ok: true, value });
  });

  test.each<[contentType: string, body: string | Uint8Array, problem: string, reason: string]>([
    [form, 'a=%ff', 'The field "a" is not percent-encoded UTF-8', 'no text'],
    [form, 'a=1&%ff=x', 'The field number 2 is not', 'nor its name'],
    [form, 'a=%00', 'The field "a" is not', 'what PostgreSQL cannot keep'],
    [form, '__proto__=1', '"__proto__" has a name that cannot be kept', 'as in JSON'],
    ['text/plain', 'a\0b', 'U+0000', 'as in JSON'],
    ['text/xml', Uint8Array.of(0x3c, 0xff), 'not UTF-8 at byte 2', 'XML in another encoding'],
    ['application/pdf', 'x', '"application/pdf" is not supported', 'nothing that we read'],
    ['text/plain; charset=utf-16', 'x', 'The charset "utf-16" is not supported', 'one charset'],
    ['application/cloudevents+avro', 'x', 'is not supported', 'a format of events that we do not read'],
  ])('%s %j is refused', (contentType, body, problem, reason) => {
    expect(payload(contentType, body), reason).toEqual({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  test('as many fields as are allowed, and one more', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, at) => `f${at}=`).join('&');
    expect(payload(form, fields(limits.formFieldsMax)).ok).toBe(true);
    expect(payload(form, fields(limits.formFieldsMax + 1))).toEqual({
      ok: false,
      problem: expect.stringContaining(`more than ${limits.formFieldsMax}`),
    });
  });

  test('property: what a browser writes as a form is read as it was meant', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    const names = text.filter((value) => value !== '__proto__' && value.isWellFormed());
    const values = text.filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(fc.dictionary(names, values, { maxKeys: 20 }), (fields) => {
        const body = new URLSearchParams(Object.entries(fields)).toString();
        expect(payload(form, body)).toEqual({ ok: true, value: { ...fields } });
      }),
    );
  });
});

describe('the field of a form that holds the payload', () => {
  test.each<[contentType: string, body: string, expected: object, reason: string]>([
    [
      form,
      `payload=${encodeURIComponent('{"action":"opened"}')}`,
      { ok: true, value: { action: 'opened' } },
      'GitHub',
    ],
    ['application/json', '{"payload":1}', { ok: true, value: { payload: 1 } }, 'JSON is no form'],
    [form, 'token=x', { ok: false, problem: 'The form has no field "payload".' }, 'it is not there'],
    [
      form,
      'payload=%7B',
      { ok: false, problem: expect.stringMatching(/^In the field "payload": The body is not JSON/) },
      'it is no JSON',
    ],
    [form, 'payload=1&payload=2', { ok: true, value: ['1', '2'] }, 'several: for the contract to judge'],
  ])('%s %s', (contentType, body, expected, reason) => {
    expect(payload(contentType, body, 'payload'), reason).toEqual(expected);
  });
});

const attributes = { specversion: '1.0', id: 'A-1', source: '/shop', type: 'order.paid' };
const binary = {
  'ce-specversion': '1.0',
  'ce-id': 'A-1',
  'ce-source': '/shop%20one',
  'ce-type': 'order.paid',
};

describe('CloudEvents', () => {
  const structured = 'application/cloudevents+json; charset=UTF-8';

  test('structured: the payload is the envelope, and the identity is source and id', () => {
    const event = { ...attributes, data: { total: 1 } };
    const body = bytes(JSON.stringify(event));
    expect(payload(structured, body)).toEqual({ ok: true, value: event });
    const trigger = { source: 'shop', contentType: structured, headers: {}, body };
    expect(eventIdentity(trigger, event)).toBe('/shop A-1');
  });

  test('binary: the payload is the data, and the identity stands in headers', () => {
    const trigger = {
      source: 'shop',
      contentType: 'application/json',
      headers: binary,
      body: bytes('{"total":1}'),
    };
    expect(parsePayload(trigger, null)).toEqual({ ok: true, value: { total: 1 } });
    expect(eventIdentity(trigger, { total: 1 })).toBe('/shop one A-1');
  });

  test('binary without data: nothing is a payload too', () => {
    const trigger = { contentType: '', headers: binary, body: Buffer.alloc(0) };
    expect(mediaProblem(trigger)).toBeNull();
    expect(parsePayload(trigger, null)).toEqual({ ok: true, value: null });
    expect(mediaProblem({ ...trigger, body: bytes('x') })).toContain('content type is missing');
  });

  test('what is no event has no identity of one', () => {
    const trigger = { source: 'shop', contentType: 'application/json', headers: {}, body: bytes('{}') };
    expect(eventIdentity(trigger, attributes)).toBeNull();
  });

  test.each<[changes: object, problem: string, reason: string]>([
    [{ specversion: '0.3' }, 'The attribute `specversion` of this CloudEvent is not 1.0.', 'an old draft'],
    [{ id: undefined }, 'The attribute `id` of this CloudEvent is missing', 'required'],
    [{ source: '' }, 'The attribute `source` of this CloudEvent is missing', 'required, and not empty'],
    [{ type: 7 }, 'The attribute `type` of this CloudEvent is missing or no text', 'a text'],
  ])('structured, with %j', (changes, problem, reason) => {
    expect(payload(structured, JSON.stringify({ ...attributes, ...changes })), reason).toEqual({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  test.each(['ce-id', 'ce-source', 'ce-type'])('binary, without %s', (name) => {
    const trigger = { contentType: 'application/json', headers: { ...binary, [name]: '' }, body: bytes('1') };
    expect(parsePayload(trigger, null)).toEqual({
      ok: false,
      problem: expect.stringContaining(`The header \`${name}\``),
    });
  });

  test('a structured event that is a list is none', () => {
    expect(payload(structured, '[]')).toMatchObject({ ok: false });
  });
});
