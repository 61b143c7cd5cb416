import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import {
  compileExpression,
  ExpressionError,
  ExpressionSyntaxError,
  expressionEnvironment,
} from './expression.ts';

const lead = {
  type: 'object',
  required: ['lead_id', 'name', 'email', 'project_type', 'budget'],
  properties: {
    lead_id: { type: 'string' },
    name: { type: 'string' },
    email: { type: 'string', format: 'email' },
    project_type: { enum: ['web', 'app', 'brand'] },
    budget: { type: 'number' },
    count: { type: 'integer' },
    note: { type: ['string', 'null'] },
    tags: { type: 'array', items: { type: 'string' } },
    utm: { $ref: '#/$defs/utm' },
    parent: { $ref: '#' },
    'x-y': { type: 'string' },
    created_at: { type: 'string', format: 'date-time' },
    extra: { type: 'object' },
    labels: { type: 'object', additionalProperties: { type: 'number' } },
    contact: {
      oneOf: [
        { type: 'object', properties: { kind: { const: 'phone' }, number: { type: 'string' } } },
        { type: 'object', properties: { kind: { const: 'mail' }, address: { type: 'string' } } },
      ],
    },
  },
  $defs: { utm: { type: 'object', properties: { campaign: { type: 'string' }, score: { type: 'number' } } } },
};

const environment = expressionEnvironment({ payload: lead, headers: true });
const anything = expressionEnvironment({ payload: true });

const payload = {
  lead_id: 'l-1',
  name: 'Ann',
  email: 'Ann@Example.org',
  project_type: 'web',
  budget: 2500,
  count: 3,
  note: null,
  tags: ['a', 'x'],
  utm: { campaign: 'web-spring', score: 0.5 },
  'x-y': 'dash',
  created_at: '2026-01-31T12:00:00Z',
  extra: { deep: [{ n: 1 }] },
};

describe('values', () => {
  const rows: [source: string, type: string, value: unknown, reason: string][] = [
    ['payload.lead_id', 'string', 'l-1', 'a declared field has its type'],
    ['payload.email.lowerAscii()', 'string', 'ann@example.org', 'the strings extension is there'],
    ['double(payload.budget)', 'double', 2500, 'a number is a double already'],
    ['payload.budget >= 500.0 && payload.budget <= 1000000.0', 'bool', true, 'numbers compare'],
    ['payload.count == 3', 'bool', true, 'a literal without a point equals a number of JSON'],
    ['payload.count + 1', 'double', 4, 'a literal without a point adds to a number of JSON'],
    ['payload.count / 2', 'double', 1.5, 'the quotient of numbers of JSON is not cut off'],
    ['7 / 2', 'int', 3, 'two ints divide as CEL says'],
    ['1 + 2', 'int', 3, 'ints come out as numbers'],
    ['"Lead " + payload.name', 'string', 'Lead Ann', 'texts join'],
    ['has(payload.utm) && payload.utm.campaign.startsWith("web")', 'bool', true, 'an optional object'],
    ['has(payload.created_at)', 'bool', true, 'presence'],
    ['payload.tags.exists(t, t == "x")', 'bool', true, 'a macro over a list'],
    ['payload.tags.map(t, t + "!")', 'list(string)', ['a!', 'x!'], 'a list comes out as an array'],
    ['payload.tags.filter(t, t != "a")', 'list(string)', ['x'], 'filter keeps the type'],
    ['payload["x-y"]', 'string', 'dash', 'a name that is no identifier'],
    ['payload.note == null', 'bool', true, 'a field that may be null compares with null'],
    ['timestamp(payload.created_at) > timestamp("2026-01-01T00:00:00Z")', 'bool', true, 'times compare'],
    ['timestamp(payload.created_at)', 'timestamp', '2026-01-31T12:00:00Z', 'a time comes out as RFC 3339'],
    ['b"ab"', 'bytes', 'YWI=', 'bytes come out as base64'],
    [
      '{"a": payload.count, "b": [true, null]}',
      'map(string, dyn)',
      { a: 3, b: [true, null] },
      'a map is an object',
    ],
    ['payload.extra.deep[0].n', 'dyn', 1, 'an object that declares nothing can be read freely'],
    ['payload.project_type in ["web", "app"]', 'bool', true, 'membership'],
    ['payload.budget > 1000.0 ? "large" : "small"', 'string', 'large', 'a condition'],
    ['payload.email.matches("^[^@]+@[^@]+$")', 'bool', true, 'a pattern'],
    ['headers.anything', 'dyn', 'h', 'what is declared true can be read freely'],
  ];
  test.each(rows)('%s is %s', (source, type, value, reason) => {
    const compiled = compileExpression(source, environment);
    expect(compiled.type, reason).toBe(type);
    expect(compiled.expression.evaluate({ payload, headers: { anything: 'h' } }), reason).toEqual(value);
  });
});

describe('what does not compile', () => {
  const rows: [source: string, at: string, message: string | RegExp, reason: string][] = [
    [
      'payload.projct_type == "web"',
      'projct_type',
      /has no field `projct_type`: did you mean `project_type`\?/,
      'typo',
    ],
    ['has(payload.utmm)', 'utmm', /did you mean `utm`/, 'has() hides no typo'],
    [
      'payload.utm.campain',
      'campain',
      /payload\.utm has no field `campain`: did you mean `campaign`/,
      'behind a $ref',
    ],
    ['payload.parent.parent.nme', 'nme', /did you mean `name`/, 'a schema that contains itself'],
    ['payload["emial"]', '', /did you mean `email`/, 'by index'],
    ['paylod.name', 'paylod', /There is no `paylod` here: did you mean `payload`\?/, 'variable'],
    ['payload.name == 3', '==', /payload\.name is a string and 3 is an int: they are never equal/, 'types'],
    [
      'payload.name == null',
      '==',
      /never null: to ask whether it is there, write has\(payload\.name\)/,
      'null',
    ],
    ['payload.name >= 500.0', '>=', /write double\(payload\.name\)/, 'a text is no number'],
    ['"n: " + payload.count', '+', /write string\(payload\.count\)/, 'a number is no text'],
    ['payload.name && true', 'payload.name', /needs true or false/, 'a text is no condition'],
    ['payload.name.exists(c, c == "a")', 'payload.name', /is a string, not a list/, 'nothing to go through'],
    ['payload.budget.lowerAscii()', 'lowerAscii', /payload\.budget, which is a double/, 'wrong receiver'],
    ['payload.name.lowerAsci()', 'lowerAsci', /did you mean `lowerAscii`/, 'unknown function'],
    ['payload.name.startsWith(1)', 'startsWith', /string\.startsWith\(string\)/, 'wrong argument'],
    ['payload.labels.web.x', 'x', /is a double and has no fields/, 'a map of numbers'],
    ['payload.contact.adress', 'adress', /did you mean `address`/, 'fields of every alternative count'],
    ['payload.name = "Ann"', '=', /write `==`/, 'habit of other languages'],
    ['payload.name == "Ann" and true', 'and', /write `&&`/, 'habit of other languages'],
    ['payload.count +', '', /./, 'unfinished'],
    [
      'payload.tags.exists(i, t, true)',
      'exists',
      /`exists` does not take 3 parts/,
      'a macro of two variables',
    ],
    ['payload.?name', '.', /optional fields are not supported/, 'a part of CEL that we leave out'],
    ['payload.count ==', '=', /a value is missing/, 'half an operator'],
    ['Lead{name: "a"}', '', /write a map/, 'a message'],
    ['', '', 'The expression is empty', 'nothing'],
  ];
  test.each(rows)('%s', (source, at, message, reason) => {
    const error = thrown(() => compileExpression(source, environment));
    expect(error, reason).toBeInstanceOf(ExpressionSyntaxError);
    if (!(error instanceof ExpressionSyntaxError)) return;
    expect(error.message, reason).toMatch(message);
    if (at !== '') expect(source.slice(error.offset, error.offset + error.length), reason).toBe(at);
  });

  test.each([
    ['(', ')'],
    ['[', ']'],
    ['!', ''],
    ['-', ''],
    ['payload.exists(a, ', ')'],
    ['has(payload.a) ? 1 : ', ''],
    ['{"a": ', '}'],
  ])('nested too deeply with %s is refused, or compiles', (open, close) => {
    const times = Math.floor((limits.expressionCharsMax - 10) / (open.length + close.length));
    const source = `${open.repeat(times)}true${close.repeat(times)}`;
    const error = thrown(() => compileExpression(source, anything));
    expect(error === null || error instanceof ExpressionSyntaxError).toBe(true);
  });

  test('a path as long as an expression may be', () => {
    const source = `payload${'.a'.repeat(2_000)}`;
    const { expression } = compileExpression(source, anything);
    expect(() => expression.evaluate({ payload: { a: {} } })).toThrow(
      /^payload(\.a)+… is missing$|is missing$/,
    );
  });

  test('the longest expression compiles and one character more does not', () => {
    const longest = `"${'a'.repeat(limits.expressionCharsMax - 2)}"`;
    expect(compileExpression(longest, anything).type).toBe('string');
    expect(() => compileExpression(`${longest} `, anything)).toThrow(ExpressionSyntaxError);
  });
});

describe('what cannot be evaluated', () => {
  const rows: [source: string, payload: unknown, message: RegExp, reason: string][] = [
    ['payload.utm.campaign', {}, /^payload\.utm is missing$/, 'the part that is missing, not the whole'],
    ['payload.utm.campaign', { utm: null }, /^payload\.utm\.campaign is missing$/, 'null has no fields'],
    ['payload.tags[3]', { tags: ['a'] }, /^payload\.tags has no element 3$/, 'index'],
    ['payload.x >= 500.0', { x: 'a' }, /payload\.x is a string/, 'the type that came'],
    ['double(payload.x)', { x: 'a lot' }, /"a lot" is not a number/, 'no NaN'],
    ['double(payload.x)', { x: '' }, /"" is not a number/, 'an empty text is not 0'],
    ['int(payload.x)', { x: '0x1F' }, /is not a whole number/, 'hexadecimal is no number of people'],
    ['payload.x / 0', { x: 1 }, /Infinity/, 'no Infinity in JSON'],
    ['payload.x.matches("(")', { x: 'a' }, /missing closing/, 'an invalid pattern'],
    ['payload.x ? 1 : 2', { x: 'yes' }, /true or false/, 'no truthiness'],
    ['9223372036854775807', {}, /too large/, 'no number of JSON holds it'],
  ];
  test.each(rows)('%s of %j', (source, value, message, reason) => {
    const { expression } = compileExpression(source, anything);
    const error = thrown(() => expression.evaluate({ payload: value }));
    expect(error, reason).toBeInstanceOf(ExpressionError);
    expect(error, reason).toHaveProperty('message', expect.stringMatching(message));
  });

  test('a variable that the scope lacks', () => {
    const { expression } = compileExpression('payload.x', anything);
    expect(() => expression.evaluate({})).toThrow(ExpressionError);
  });
});

describe("names of JavaScript's own", () => {
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf', 'get', 'size', '_map'];
  test.each(names)('%s is a name like any other', (name) => {
    const dotted = compileExpression(`payload.${name}`, anything).expression;
    const indexed = compileExpression(`payload["${name}"]`, anything).expression;
    expect(() => dotted.evaluate({ payload: {} })).toThrow(/is missing/);
    expect(() => indexed.evaluate({ payload: {} })).toThrow(/is missing/);
    const own = JSON.parse(`{"${name}": "own", "other": 1}`);
    expect(dotted.evaluate({ payload: own })).toBe('own');
    expect(indexed.evaluate({ payload: own })).toBe('own');
    const whole = compileExpression('payload', anything).expression.evaluate({ payload: own });
    expect(JSON.stringify(whole)).toBe(JSON.stringify(own));
  });
});

describe('a stranger cannot stall an expression', () => {
  const numbers = Array.from({ length: 50_000 }, (_, index) => index);
  const text = 'a'.repeat(50_000);
  const rows: [source: string, reason: string][] = [
    ['payload.list.exists(a, payload.list.exists(b, a + b == -1.0))', 'loops within loops'],
    ['payload.list.all(a, a in payload.list)', 'a linear operator within a loop'],
    ['payload.list.exists(a, payload.list == payload)', 'a comparison of the whole within a loop'],
    ['payload.list.map(a, payload.list + payload.list)', 'a copy within a loop'],
    ['payload.list.map(a, payload.text)', 'a result far larger than what it is made of'],
    ['payload.list.exists(a, payload.text.contains("b"))', 'a search within a loop'],
  ];
  test.each(rows)('%s', (source, reason) => {
    const { expression } = compileExpression(source, anything);
    const evaluate = () => expression.evaluate({ payload: { list: numbers, text } });
    expect(evaluate, reason).toThrow(/takes more than 250,000 steps/);
  });

  test('backtracking patterns end, whether ours or the stranger’s', () => {
    const own = compileExpression('payload.text.matches("^(a+)+$")', anything).expression;
    expect(own.evaluate({ payload: { text: `${text}!` } })).toBe(false);
    const foreign = compileExpression('payload.text.matches(payload.pattern)', anything).expression;
    expect(foreign.evaluate({ payload: { text: `${text}!`, pattern: '^(a|aa)+$' } })).toBe(false);
  });

  test('replacing takes linear time and a bounded text', () => {
    const linear = compileExpression('payload.text.replace("a", "bc").size()', anything).expression;
    expect(linear.evaluate({ payload: { text } })).toBe(100_000);
    const squared = compileExpression('payload.text.replace("a", payload.text)', anything).expression;
    expect(() => squared.evaluate({ payload: { text } })).toThrow(/longer than 4,194,304 characters/);
  });

  test('the budget is each evaluation’s own', () => {
    const spender = compileExpression('payload.exists(a, payload.exists(b, false))', anything).expression;
    const modest = compileExpression('payload.exists(a, a == 1.0)', anything).expression;
    expect(() => spender.evaluate({ payload: numbers })).toThrow(ExpressionError);
    expect(modest.evaluate({ payload: numbers })).toBe(true);
  });

  test('a long list is mapped and filtered without a deep stack', () => {
    const { expression } = compileExpression('payload.filter(a, a > 0.0).map(a, a * 2.0)', anything);
    expect(expression.evaluate({ payload: numbers.slice(0, 20_000) })).toHaveLength(19_999);
  });
});

describe('properties', () => {
  test('the JSON that goes in comes out, whatever its keys', () => {
    const { expression } = compileExpression('payload', anything);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        expect(JSON.stringify(expression.evaluate({ payload: plain }))).toBe(JSON.stringify(plain));
      }),
    );
  });

  test('a source compiles or is refused with a place inside it', () => {
    const part = fc.constantFrom(
      'payload',
      '.',
      'name',
      '(',
      ')',
      '"a"',
      '1',
      '+',
      '==',
      '[',
      ']',
      '&&',
      ' ',
      '{',
      '}',
      '?',
      ':',
      'exists',
      't',
      ',',
      '!',
      'has',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const source = parts.join('');
        const error = thrown(() => compileExpression(source, environment));
        if (error === null) return;
        expect(error).toBeInstanceOf(ExpressionSyntaxError);
        if (!(error instanceof ExpressionSyntaxError)) return;
        expect(error.offset).toBeLessThanOrEqual(source.length);
        expect(error.offset + error.length).toBeLessThanOrEqual(source.length);
      }),
    );
  });

  test('any JSON is judged or refused with an ExpressionError, never another', () => {
    const sources = [
      'payload.a.b',
      'payload.a + 1',
      'payload.a.exists(x, x == payload.b)',
      'payload.a.matches(payload.b)',
      'double(payload.a) > 1.0',
      'payload.a.startsWith("x") || has(payload.b)',
    ];
    const compiled = sources.map((source) => compileExpression(source, anything).expression);
    const value = fc.record({ a: fc.jsonValue(), b: fc.jsonValue() }, { requiredKeys: [] });
    fc.assert(
      fc.property(value, (payload) => {
        for (const expression of compiled) {
          const error = thrown(() => expression.evaluate({ payload }));
          if (error !== null) expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
    );
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
    return null;
  } catch (error) {
    return error;
  }
}
