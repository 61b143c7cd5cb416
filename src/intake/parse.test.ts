import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { firstProblem } from './inspect.ts';
import { parseBody } from './parse.ts';

const json = 'application/json';
const bytes = (text: string) => new TextEncoder().encode(text);
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('a body that is read', () => {
  test.each([
    ['{"a":[1,"é",null,true,-0.5e-3]}', { a: [1, 'é', null, true, -0.0005] }, 'ordinary'],
    [' \r\n\t"text" ', 'text', 'white space around it, and no object'],
    ['\ufeff{"a":1}', { a: 1 }, 'one byte order mark'],
    ['{"toString":1,"constructor":2,"":3}', { toString: 1, constructor: 2, '': 3 }, 'keys that are ordinary'],
    ['{"a":{"b":1},"b":{"b":1}}', { a: { b: 1 }, b: { b: 1 } }, 'the same key in different objects'],
    ['{"a":":::{{[[\\"\\\\"}', { a: ':::{{[["\\' }, 'marks inside a text'],
    ['"\\ud83d\\ude82"', '🚂', 'a whole surrogate pair'],
    ['[9007199254740991,9007199254740992]', [2 ** 53 - 1, 2 ** 53], 'integers that a double holds'],
    ['[1e300,0.1234567890123456789,1e-999]', [1e300, 0.12345678901234568, 0], 'measures may be rounded'],
  ])('%s', (text, value, _why) => {
    expect(parseBody(bytes(text), json)).toEqual({ ok: true, value });
  });

  test.each([
    json,
    'application/vnd.api+json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON;charset="UTF8"',
  ])('%s', (contentType) => expect(parseBody(bytes('1'), contentType)).toEqual({ ok: true, value: 1 }));

  test('nested to the limit', () => {
    expect(parseBody(bytes(nested(limits.bodyDepthMax)), json).ok).toBe(true);
  });

  test('after a body that was not UTF-8', () => {
    expect(parseBody(Uint8Array.of(0x22, 0xe2, 0x82), json).ok).toBe(false);
    expect(parseBody(bytes('"ok"'), json)).toEqual({ ok: true, value: 'ok' });
  });
});

describe('a body that is refused', () => {
  test.each([
    ['', 'The body is empty.'],
    [' \n', 'The body is empty.'],
    ['\ufeff\ufeff1', 'not JSON at line 1, column 1'],
    ['{"a":1,}', 'not JSON at line 1, column 8: a key in double quotes is expected there, not "}"'],
    ['{"a" 1}', 'column 6: a colon is expected there, not "1"'],
    ['{"a":1 "b":2}', 'column 8: a comma or } is expected there'],
    ['[1,\n  nul]', 'line 2, column 3: a value is expected there, not "n"'],
    ['[1', 'column 3: a comma or ] is expected there, not the end'],
    ['01', 'column 2: the end is expected there, not "1"'],
    ['"abc', 'column 5: a closing double quote is expected there, not the end'],
    ['"a\tb"', 'column 3: an escape such as \\n is expected there'],
    ['"\\x"', 'column 2: a valid escape is expected there'],
    ['NaN', 'a value is expected there'],
    ['{"contact":{"email":1,"email":2}}', 'The key "email" stands twice in /contact'],
    ['{"a":1,"\\u0061":1}', 'The key "a" stands twice at the top level'],
    ['[{"a~/b":{"k":1,"k":2}}]', 'stands twice in /0/a~0~1b'],
    ['{"a":{"__proto__":1}}', 'The key "__proto__" stands in /a'],
    ['{"a":["x\\u0000y"]}', 'The text at /a/0 holds the character U+0000'],
    ['{"a\\u0000":1}', 'The key "a\\u0000" at the top level holds the character U+0000'],
    ['"\\ud800"', 'The text at the top holds half of a surrogate pair'],
    ['{"\\udc00":1}', 'holds half of a surrogate pair'],
    ['{"id":9007199254740993}', 'The integer at /id is beyond 2^53'],
    ['[-9007199254740993]', 'send it as a string'],
    ['{"x":1e999}', 'The number at /x is larger than JSON readers can hold'],
    [`{"x":${'9'.repeat(400)}}`, 'The number at /x is larger'],
    [nested(limits.bodyDepthMax + 1), `nests deeper than ${limits.bodyDepthMax} levels at byte 65`],
    ['['.repeat(200_000), 'nests deeper'],
  ])('%.60s', (text, problem) => {
    expect(parseBody(bytes(text), json)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  test.each([
    [[0xff], 'byte 1'],
    [[0x22, 0x61, 0xe9, 0x22], 'byte 4'],
    [[0x22, 0xef, 0xbf, 0xbd, 0xc0, 0x22], 'byte 5'],
    [[0x22, 0xed, 0xa0, 0x80, 0x22], 'byte 3'],
    [[0x22, 0xe2, 0x82], 'byte 4'],
  ])('bytes %j', (body, place) => {
    const problem = `The body is not UTF-8 at ${place}.`;
    expect(parseBody(Uint8Array.from(body), json)).toEqual({ ok: false, problem });
  });

  test.each([
    ['', 'The content type is missing'],
    ['json', 'not understood'],
    ['text/plain', '"text/plain" is not JSON'],
    ['image/png', '"image/png" is not supported; send application/json'],
    ['application/json; charset=iso-8859-1', 'The charset "iso-8859-1" is not supported; send UTF-8.'],
  ])('content type %j', (contentType, problem) => {
    expect(parseBody(bytes('1'), contentType)).toEqual({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  test('its problem is bounded, holds no value of the body, and can itself be stored', () => {
    const key = `k\ud800\0${'x'.repeat(5_000)}`;
    const parsed = parseBody(bytes(`{${JSON.stringify(key)}:{"a":"secret","a":"secret"}}`), json);
    const problem = parsed.ok ? '' : parsed.problem;
    expect(problem).toContain('holds the character U+0000');
    expect(problem.length).toBeLessThan(300);
    expect(problem).not.toContain('secret');
    expect(problem.isWellFormed() && !problem.includes('\0')).toBe(true);
  });
});

describe('for any', () => {
  /** JSON values without the traps that are refused; -0 has no JSON text of its own. */
  const plainText = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ' ').toWellFormed());
  const plainKey = plainText.filter((key) => key !== '__proto__');
  const plainNumber = fc
    .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger())
    .filter((n) => !Object.is(n, -0) && (Math.abs(n) <= Number.MAX_SAFE_INTEGER || Math.abs(n) >= 1e21));
  const { plain } = fc.letrec<{ plain: unknown }>((tie) => ({
    plain: fc.oneof(
      { maxDepth: 6 },
      plainText,
      plainNumber,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('plain'), { maxLength: 5 }),
      fc.dictionary(plainKey, tie('plain'), { maxKeys: 5, noNullPrototype: true }),
    ),
  }));

  test('plain JSON value: it comes out as it went in', () => {
    fc.assert(
      fc.property(plain, fc.nat(3), (value, indent) => {
        expect(parseBody(bytes(JSON.stringify(value, null, indent)), json)).toEqual({ ok: true, value });
      }),
    );
  });

  test('bytes and content type: never a throw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.oneof(fc.constant(json), fc.string()),
        (body, contentType) => {
          const parsed = parseBody(body, contentType);
          expect(parsed.ok || parsed.problem.endsWith('.')).toBe(true);
        },
      ),
    );
  });

  const jsonish = fc
    .array(
      fc.constantFrom(
        ...'{}[]:,"\\u00d80ae1.-+ \n',
        '"a"',
        '"b":',
        '\\u0000',
        '1e9',
        '9007199254740993',
        'null',
      ),
    )
    .map((parts) => parts.join(''));

  test('text that resembles JSON: the slow reader finds a problem exactly where the fast one must not accept', () => {
    fc.assert(
      fc.property(jsonish, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        const problem = firstProblem(text);
        if (!isJson) expect(problem).not.toBeNull();
        if (problem?.includes('not JSON')) expect(isJson).toBe(false);
        expect(parseBody(bytes(text), json).ok).toBe(problem === null);
      }),
      { numRuns: 2_000 },
    );
  });

  test('object: a key put in a second time is found', () => {
    fc.assert(
      fc.property(fc.array(plainKey, { maxLength: 3 }), plain, plainKey, plain, (path, value, key, other) => {
        const twice = `{${JSON.stringify(key)}:${JSON.stringify(value)},${JSON.stringify(key)}:${JSON.stringify(other)}}`;
        const text = path.reduceRight((inner, step) => `{${JSON.stringify(step)}:${inner}}`, twice);
        expect(parseBody(bytes(text), json)).toEqual({
          ok: false,
          problem: expect.stringContaining('stands twice'),
        });
      }),
    );
  });
});
